package org.waymark.node.endpoint.protobuf;

import java.time.Duration;
import java.util.Optional;
import org.waymark.Limits;
import org.waymark.wire.TlsFiles;

/**
 * How the protobuf face listens, and what it allows its clients. Immutable.
 *
 * @param host name or address to listen on
 * @param port 0: any free one
 * @param tls empty: no TLS
 * @param maxConnections more are closed as soon as they are accepted; 1 or more
 * @param maxConnectionsPerSource the same for those from one address (of IPv6: from one network of 64 bits); 1 or more
 * @param maxInFlight requests that may be open on one connection, 1 or more; a client that has more is not read from
 * @param maxBatch items of one resolve-many, records of one registration: 1 to {@link Limits#BATCH_ITEMS}
 * @param maxFrameBytes what a client's frame may have after its length field, up to {@link Limits#FRAME_BYTES}
 * @param maxUnsentBytes what may wait for all clients together to take it; over it, clients that don't take their answers are let
 *     go. 1 MiB or more
 * @param helloTimeout within which a connection has to say HELLO
 * @param frameTimeout within which a frame that has begun has to be complete
 * @param idleTimeout after which a connection on which nothing moves is closed
 */
public record EndpointOptions(
        String host,
        int port,
        Optional<TlsFiles> tls,
        int maxConnections,
        int maxConnectionsPerSource,
        int maxInFlight,
        int maxBatch,
        int maxFrameBytes,
        long maxUnsentBytes,
        Duration helloTimeout,
        Duration frameTimeout,
        Duration idleTimeout) {

    /** The least that {@code maxUnsentBytes} may be: 1 MiB. */
    public static final long LEAST_UNSENT_BYTES = 1_024 * 1_024;

    /** The least that {@code maxFrameBytes} may be: a look-up of the longest identifier fits. */
    public static final int LEAST_FRAME_BYTES = 4 * 1_024;

    /**
     * @throws IllegalArgumentException if a number is out of its range
     */
    public EndpointOptions {
        require("port", port, 0, 65_535);
        require("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
        require("maxConnectionsPerSource", maxConnectionsPerSource, 1, Integer.MAX_VALUE);
        require("maxInFlight", maxInFlight, 1, Integer.MAX_VALUE);
        require("maxBatch", maxBatch, 1, Limits.BATCH_ITEMS);
        require("maxFrameBytes", maxFrameBytes, LEAST_FRAME_BYTES, Limits.FRAME_BYTES);
        if (maxUnsentBytes < LEAST_UNSENT_BYTES) {
            throw new IllegalArgumentException(
                    "maxUnsentBytes is " + maxUnsentBytes + "; " + LEAST_UNSENT_BYTES + " or more is allowed");
        }
        require("helloTimeout", helloTimeout);
        require("frameTimeout", frameTimeout);
        require("idleTimeout", idleTimeout);
    }

    private static void require(String name, int number, int least, int most) {
        if (number < least || number > most) {
            throw new IllegalArgumentException(name + " is " + number + "; " + least + " to " + most + " are allowed");
        }
    }

    private static void require(String name, Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(name + " is " + time + "; it must be above zero");
        }
    }
}
