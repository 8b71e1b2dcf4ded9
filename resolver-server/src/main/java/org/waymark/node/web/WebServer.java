package org.waymark.node.web;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.waymark.node.endpoint.Transport;
import org.waymark.wire.TlsContext;

/** An HTTP server, with TLS 1.3 and 1.2 where it has a certificate. Methods may be called from any thread. */
public final class WebServer {

    private static final int BACKLOG = 1_024;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1_024, 128 * 1_024);

    private final WebOptions options;
    private final Transport transport;
    private final Router router;
    private final WebEvents events;
    private final UnsentBytes unsent;
    private final AtomicInteger connections = new AtomicInteger();
    private final ChannelGroup channels = new DefaultChannelGroup("waymark-http", GlobalEventExecutor.INSTANCE);
    /** Null without TLS. Set before the first connection comes. */
    private volatile TlsContext tls;

    private volatile Channel server;
    private volatile InetSocketAddress address;
    private volatile boolean stopping;

    /** A server that doesn't listen yet. */
    public WebServer(WebOptions options, Transport transport, Router router, WebEvents events) {
        this.options = options;
        this.transport = transport;
        this.router = router;
        this.events = events;
        this.unsent = new UnsentBytes(options.maxUnsentBytes());
    }

    /**
     * Listens. To be called once.
     *
     * @throws IOException if the address can't be listened on, or certificate and key can't be used; the message says which and why
     */
    public void start() throws IOException {
        InetSocketAddress wanted = new InetSocketAddress(options.host(), options.port());
        if (wanted.isUnresolved()) {
            throw new IOException("cannot listen on " + options.host() + ":" + options.port() + ": unknown host");
        }
        if (options.tls().isPresent()) {
            tls = TlsContext.forServer(options.tls().get());
        }
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(transport.eventLoops())
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        lay(channel);
                    }
                });
        ChannelFuture bound = bootstrap.bind(wanted).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + options.host() + ":" + options.port() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        server = bound.channel();
        address = (InetSocketAddress) server.localAddress();
    }

    private void lay(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        WebEvents told = events.connection(channel.remoteAddress());
        pipeline.addLast(new ConnectionGate(connections, options.maxConnections(), told));
        if (tls != null) {
            pipeline.addLast(tls.accepting(channel.alloc(), options.headerTimeout()));
        }
        RequestDecoder decoder = new RequestDecoder(options);
        pipeline.addLast(decoder);
        pipeline.addLast(new HttpConnection(options, router, told, unsent, decoder, tls != null));
        channels.add(channel);
        if (stopping) {
            channel.close();
        }
    }

    /**
     * Where the server listens; tells the port where any free one was asked for.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public InetSocketAddress address() {
        InetSocketAddress listening = address;
        if (listening == null) {
            throw new IllegalStateException("the server was not started");
        }
        return listening;
    }

    /**
     * Stops listening, closes idle connections, answers what was read, and closes. Does nothing where it was not started. Blocks until
     * all is closed.
     *
     * @param drain how long answers may take; after that connections are closed without them
     */
    public void stop(Duration drain) {
        stopping = true;
        if (tls != null) {
            tls.close();
        }
        Channel listening = server;
        if (listening == null) {
            return;
        }
        listening.close().awaitUninterruptibly();
        channels.forEach(channel -> channel.pipeline().fireUserEventTriggered(HttpConnection.GOING_AWAY));
        channels.newCloseFuture().awaitUninterruptibly(drain.toMillis(), TimeUnit.MILLISECONDS);
        channels.close().awaitUninterruptibly();
    }
}
