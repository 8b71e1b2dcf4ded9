package org.waymark.node.web;

import java.time.Duration;
import java.util.Optional;
import org.waymark.wire.TlsFiles;

/**
 * How a server listens, and what it allows its clients. Immutable.
 *
 * @param host name or address to listen on
 * @param port 0: any free one
 * @param tls empty: no TLS
 * @param maxConnections more are closed as soon as they are accepted; 1 or more
 * @param maxConnectionsPerSource the same for those from one address (of IPv6: from one network of 64 bits); 1 or more
 * @param maxPipelined requests of one connection that may wait for their answers, 1 or more; a client that has more is not read from
 * @param maxRequestLineBytes longer ones are answered with 414; 1 KiB to 64 KiB
 * @param maxHeaderBytes all header fields of a request together; more are answered with 431; 1 KiB to 256 KiB
 * @param maxUnsentBytes what may wait for all clients together to take it; over it, a client that lets more wait is let go. 1 MiB or
 *     more
 * @param headerTimeout within which a request's line and header fields have to be complete, and a TLS handshake done
 * @param bodyTimeout within which a body has to be complete or another 16 KiB of it have to come, and a client has to take what waits
 *     for it or another 16 KiB of that
 * @param idleTimeout after which a connection without an open request is closed
 */
public record WebOptions(
        String host,
        int port,
        Optional<TlsFiles> tls,
        int maxConnections,
        int maxConnectionsPerSource,
        int maxPipelined,
        int maxRequestLineBytes,
        int maxHeaderBytes,
        long maxUnsentBytes,
        Duration headerTimeout,
        Duration bodyTimeout,
        Duration idleTimeout) {

    /** The least that {@code maxUnsentBytes} may be: 1 MiB. */
    public static final long LEAST_UNSENT_BYTES = 1_024 * 1_024;

    private static final int KIB = 1_024;

    /**
     * @throws IllegalArgumentException if a number is out of its range
     */
    public WebOptions {
        require("port", port, 0, 65_535);
        require("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
        require("maxConnectionsPerSource", maxConnectionsPerSource, 1, Integer.MAX_VALUE);
        require("maxPipelined", maxPipelined, 1, Integer.MAX_VALUE);
        require("maxRequestLineBytes", maxRequestLineBytes, KIB, 64 * KIB);
        require("maxHeaderBytes", maxHeaderBytes, KIB, 256 * KIB);
        require("maxUnsentBytes", maxUnsentBytes, LEAST_UNSENT_BYTES, Long.MAX_VALUE);
        require("headerTimeout", headerTimeout);
        require("bodyTimeout", bodyTimeout);
        require("idleTimeout", idleTimeout);
    }

    /** Without TLS, and with limits that suit a node. */
    public static WebOptions defaults(String host, int port) {
        return new WebOptions(
                host,
                port,
                Optional.empty(),
                16_384,
                4_096,
                64,
                16 * KIB,
                16 * KIB,
                64L * KIB * KIB,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60));
    }

    /** The same with TLS, or without. */
    public WebOptions withTls(Optional<TlsFiles> files) {
        return new WebOptions(
                host,
                port,
                files,
                maxConnections,
                maxConnectionsPerSource,
                maxPipelined,
                maxRequestLineBytes,
                maxHeaderBytes,
                maxUnsentBytes,
                headerTimeout,
                bodyTimeout,
                idleTimeout);
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
