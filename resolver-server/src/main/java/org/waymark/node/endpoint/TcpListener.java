package org.waymark.node.endpoint;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.waymark.wire.TlsContext;
import org.waymark.wire.TlsFiles;

/**
 * Listens for the TCP connections of one face: with TLS where it has a certificate, a bound on connections in all and from one source,
 * and an orderly end. Methods may be called from any thread.
 */
public final class TcpListener {

    private static final int BACKLOG = 1_024;

    private final Options options;
    private final Transport transport;
    private final Face face;
    private final ConnectionCount count;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    /** Null without TLS. Set before the first connection comes. */
    private volatile TlsContext tls;

    private volatile Channel server;
    private volatile InetSocketAddress address;
    private volatile boolean stopping;

    /**
     * How it listens.
     *
     * @param host name or address to listen on
     * @param port 0: any free one
     * @param tls empty: no TLS
     * @param handshakeTimeout after which a connection without a finished TLS handshake is closed
     * @param maxConnections more are closed as soon as they are accepted
     * @param maxConnectionsPerSource the same for those from one address (of IPv6: from one network of 64 bits)
     * @param waterMark what may wait to be sent on one connection before it counts as not writable
     */
    public record Options(
            String host,
            int port,
            Optional<TlsFiles> tls,
            Duration handshakeTimeout,
            int maxConnections,
            int maxConnectionsPerSource,
            WriteBufferWaterMark waterMark) {}

    /**
     * What is done, on its event loop, when something becomes of one connection.
     *
     * @param refused it was one too many, and was closed; neither of the others is done
     */
    public record Events(Runnable opened, Runnable refused, Runnable closed) {}

    /** What is done with connections. */
    public interface Face {

        /** Lays the handlers of a new connection; they get its bytes in the clear. Called on its event loop. */
        Events lay(Channel channel);
    }

    /** A listener that doesn't listen yet. */
    public TcpListener(Options options, Transport transport, Face face) {
        this.options = options;
        this.transport = transport;
        this.face = face;
        this.count = new ConnectionCount(options.maxConnections(), options.maxConnectionsPerSource());
    }

    /**
     * Listens. To be called once.
     *
     * @throws IOException if the address can't be listened on, or certificate and key can't be used; the message says which and why
     */
    public void start() throws IOException {
        bind();
        accept();
    }

    /**
     * Takes the address, but no connection yet; those that come wait. To be called once.
     *
     * @throws IOException as {@link #start()}
     */
    public void bind() throws IOException {
        InetSocketAddress wanted = new InetSocketAddress(options.host(), options.port());
        String place = options.host() + ":" + options.port();
        if (wanted.isUnresolved()) {
            throw new IOException("cannot listen on " + place + ": unknown host");
        }
        if (options.tls().isPresent()) {
            tls = TlsContext.forServer(options.tls().get());
        }
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(transport.eventLoops())
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, options.waterMark())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        lay(channel);
                    }
                });
        ChannelFuture bound = bootstrap.bind(wanted).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            closeTls();
            throw new IOException(
                    "cannot listen on " + place + ": " + bound.cause().getMessage(), bound.cause());
        }
        server = bound.channel();
        address = (InetSocketAddress) server.localAddress();
    }

    /** Takes connections from now on. */
    public void accept() {
        server.config().setAutoRead(true);
    }

    private void lay(Channel channel) {
        Events events = face.lay(channel);
        if (tls != null) {
            channel.pipeline().addFirst(tls.accepting(channel.alloc(), options.handshakeTimeout()));
        }
        channel.pipeline().addFirst(new ConnectionGate(count, channel.remoteAddress(), events));
        channels.add(channel);
        if (stopping) {
            channel.close();
        }
    }

    /** True where connections are over TLS. */
    public boolean isSecure() {
        return options.tls().isPresent();
    }

    /**
     * Where it listens; tells the port where any free one was asked for.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public InetSocketAddress address() {
        InetSocketAddress listening = address;
        if (listening == null) {
            throw new IllegalStateException("the listener was not started");
        }
        return listening;
    }

    /**
     * Stops listening, tells every connection that it is to end, and waits until all have. Does nothing where it was not started.
     *
     * @param goingAway the user event that connections are told with
     * @param drain how long they may take; after that they are closed
     */
    public void stop(Object goingAway, Duration drain) {
        stopping = true;
        Channel listening = server;
        if (listening == null) {
            return;
        }
        closeTls();
        listening.close().awaitUninterruptibly();
        channels.forEach(channel -> channel.pipeline().fireUserEventTriggered(goingAway));
        channels.newCloseFuture().awaitUninterruptibly(drain.toMillis(), TimeUnit.MILLISECONDS);
        channels.close().awaitUninterruptibly();
    }

    private void closeTls() {
        if (tls != null) {
            tls.close();
        }
    }
}
