package org.waymark.node.endpoint.handle;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.waymark.wire.TlsFiles;

/**
 * How the Handle face listens, and what it allows its clients. Immutable.
 *
 * @param enabled false: it does not listen at all
 * @param host name or address to listen on
 * @param port of TCP and UDP; 0: any one that is free for TCP, and the same of UDP
 * @param tls of TCP; empty: none
 * @param address the IP address, in numbers, under which clients reach the face, for site information; empty: the one it listens on
 * @param certificationKey file of the key to certify answers with; empty: they are not certified
 * @param maxConnections more are closed as soon as they are accepted; 1 or more
 * @param maxConnectionsPerSource the same for those from one address (of IPv6: from one network of 64 bits); 1 or more
 * @param maxInFlight requests that may be open on one connection, 1 or more; a client that has more is not read from
 * @param maxUnsentBytes what may wait for all TCP clients together to take it; over it, those that don't take their answers are let
 *     go. 1 MiB or more
 * @param messageTimeout within which a message that has begun has to be complete
 * @param idleTimeout after which a connection on which nothing is asked is closed
 * @param keepAliveTimeout the same, where the last request asked for the connection to stay open
 * @param udp whether it listens on UDP too
 * @param udpMaxAnswerBytes an answer over UDP that is longer is only begun, so that the client asks over TCP; 512 or more
 * @param udpBytesPerSecond what is sent over UDP to one address (one network of 64 bits, with IPv6) in a second; 512 or more
 */
public record HandleOptions(
        boolean enabled,
        String host,
        int port,
        Optional<TlsFiles> tls,
        Optional<String> address,
        Optional<Path> certificationKey,
        int maxConnections,
        int maxConnectionsPerSource,
        int maxInFlight,
        long maxUnsentBytes,
        Duration messageTimeout,
        Duration idleTimeout,
        Duration keepAliveTimeout,
        boolean udp,
        int udpMaxAnswerBytes,
        long udpBytesPerSecond) {

    /** The least that {@code maxUnsentBytes} may be: 1 MiB. */
    public static final long LEAST_UNSENT_BYTES = 1_024 * 1_024;

    /** One packet. */
    public static final int LEAST_UDP_BYTES = 512;

    /** What clients take as one message at most. */
    public static final int MOST_UDP_ANSWER_BYTES = 256 * 1_024;

    /**
     * @throws IllegalArgumentException if a number is out of its range
     */
    public HandleOptions {
        require("port", port, 0, 65_535);
        require("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
        require("maxConnectionsPerSource", maxConnectionsPerSource, 1, Integer.MAX_VALUE);
        require("maxInFlight", maxInFlight, 1, Integer.MAX_VALUE);
        require("maxUnsentBytes", maxUnsentBytes, LEAST_UNSENT_BYTES, Long.MAX_VALUE);
        require("messageTimeout", messageTimeout);
        require("idleTimeout", idleTimeout);
        require("keepAliveTimeout", keepAliveTimeout);
        require("udpMaxAnswerBytes", udpMaxAnswerBytes, LEAST_UDP_BYTES, MOST_UDP_ANSWER_BYTES);
        require("udpBytesPerSecond", udpBytesPerSecond, LEAST_UDP_BYTES, 1L << 31);
    }

    private static void require(String name, long number, long least, long most) {
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
