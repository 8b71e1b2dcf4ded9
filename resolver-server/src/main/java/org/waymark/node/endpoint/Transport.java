package org.waymark.node.endpoint;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event loops that the faces share, and how they reach the network. Safe for use by many threads. */
public final class Transport implements AutoCloseable {

    /** How sockets are waited for. */
    public enum Kind {
        /** The first that the machine has of io_uring, epoll and NIO. */
        AUTO,
        /** What every JDK has. */
        NIO,
        /** Linux. */
        EPOLL,
        /** Linux 5.9 and later, where the system allows it. */
        IO_URING
    }

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);
    private static final long CLOSE_SECONDS = 5;
    /** Of an event loop that may be told at once: more than it has connections. 16 bytes each. */
    private static final int COMPLETIONS = 32_768;

    private final Kind kind;
    private final EventLoopGroup eventLoops;
    private final Class<? extends ServerSocketChannel> serverChannel;
    private final Class<? extends DatagramChannel> datagramChannel;

    private Transport(
            Kind kind,
            int eventLoops,
            Class<? extends ServerSocketChannel> serverChannel,
            Class<? extends DatagramChannel> datagramChannel,
            IoHandlerFactory io) {
        this.kind = kind;
        this.eventLoops = new MultiThreadIoEventLoopGroup(eventLoops, new DefaultThreadFactory("waymark-io", true), io);
        this.serverChannel = serverChannel;
        this.datagramChannel = datagramChannel;
    }

    /**
     * Starts event loops.
     *
     * @param eventLoops how many, one thread each; 0: one a processor
     * @throws IllegalArgumentException if this machine has no such transport; the message says why
     */
    public static Transport open(Kind kind, int eventLoops) {
        int loops = eventLoops == 0 ? Runtime.getRuntime().availableProcessors() : eventLoops;
        return switch (kind) {
            case AUTO -> fastest(loops);
            case NIO ->
                new Transport(
                        kind, loops, NioServerSocketChannel.class, NioDatagramChannel.class, NioIoHandler.newFactory());
            case EPOLL -> {
                require(kind, Epoll.isAvailable(), Epoll.unavailabilityCause());
                yield new Transport(
                        kind,
                        loops,
                        EpollServerSocketChannel.class,
                        EpollDatagramChannel.class,
                        EpollIoHandler.newFactory());
            }
            case IO_URING -> {
                require(kind, IoUring.isAvailable(), IoUring.unavailabilityCause());
                yield new Transport(
                        kind,
                        loops,
                        IoUringServerSocketChannel.class,
                        IoUringDatagramChannel.class,
                        IoUringIoHandler.newFactory(new IoUringIoHandlerConfig().setCqSize(COMPLETIONS)));
            }
        };
    }

    private static Transport fastest(int eventLoops) {
        if (IoUring.isAvailable()) {
            try {
                return open(Kind.IO_URING, eventLoops);
            } catch (RuntimeException e) {
                // Its rings may not be had although the system knows them: a limit on locked memory, a sandbox.
                LOG.info("no io_uring here: {}", e.toString());
            }
        }
        return open(Epoll.isAvailable() ? Kind.EPOLL : Kind.NIO, eventLoops);
    }

    private static void require(Kind kind, boolean available, Throwable cause) {
        if (!available) {
            throw new IllegalArgumentException(
                    "this machine has no " + kind.name().toLowerCase(Locale.ROOT) + " (" + cause.getMessage()
                            + "); auto and nio work everywhere",
                    cause);
        }
    }

    /** What is used; never {@link Kind#AUTO}. */
    public Kind kind() {
        return kind;
    }

    public EventLoopGroup eventLoops() {
        return eventLoops;
    }

    public Class<? extends ServerSocketChannel> serverChannel() {
        return serverChannel;
    }

    public Class<? extends DatagramChannel> datagramChannel() {
        return datagramChannel;
    }

    /** Ends the event loops, after the faces that use them were stopped. */
    @Override
    public void close() {
        eventLoops
                .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
