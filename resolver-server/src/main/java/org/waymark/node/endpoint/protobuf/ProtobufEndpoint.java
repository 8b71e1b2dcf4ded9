package org.waymark.node.endpoint.protobuf;

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
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.FaceMetrics;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.Resolver;
import org.waymark.v1.NodeInfo;
import org.waymark.wire.FrameDecoder;
import org.waymark.wire.TlsContext;

/**
 * The protobuf face of the node, as {@code resolver.proto} lays it out. Methods may be called from any thread.
 *
 * <p>What one connection can hold of the node's memory is bounded: by one frame of the largest size, one receive buffer, 256 KiB
 * of answers that the client doesn't take, and as many answers as may be open.
 */
public final class ProtobufEndpoint {

    private static final int BACKLOG = 1_024;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 * 1_024, 256 * 1_024);

    private final EndpointOptions options;
    private final Transport transport;
    private final Resolver resolver;
    private final EachThread<HotPath.Round> rounds;
    private final EachThread<ReadyAnswers.Batch> batches;
    private final Authority authority;
    private final Supplier<NodeInfo> info;
    private final FaceMetrics metrics;
    private final RequestReader reader;
    private final UnsentBytes unsent;
    private final AtomicInteger connections = new AtomicInteger();
    private final ChannelGroup channels = new DefaultChannelGroup("waymark-protobuf", GlobalEventExecutor.INSTANCE);
    /** Null without TLS. Set before the first connection comes. */
    private volatile TlsContext tls;

    private volatile Channel server;
    private volatile InetSocketAddress address;
    private volatile boolean stopping;

    /**
     * An endpoint that doesn't listen yet.
     *
     * @param ready answers that may be sent without asking the resolver
     * @param info says how the node is; asked on event loops, so it must not block
     */
    public ProtobufEndpoint(
            EndpointOptions options,
            Transport transport,
            Resolver resolver,
            ReadyAnswers ready,
            Authority authority,
            Supplier<NodeInfo> info,
            NodeMetrics metrics) {
        this.options = options;
        this.transport = transport;
        this.resolver = resolver;
        this.authority = authority;
        this.info = info;
        this.metrics = metrics.face(Face.PROTOBUF);
        this.rounds = new EachThread<>(() -> new HotPath.Round(ready));
        this.batches = new EachThread<>(() -> ready.newBatch(LookUps.MOST));
        this.reader = new RequestReader(options.maxBatch());
        this.unsent = new UnsentBytes(options.maxUnsentBytes());
        metrics.gauge("waymark.unsent.bytes", unsent::now);
    }

    /**
     * Listens. To be called once.
     *
     * @throws IOException if the address can't be listened on; the message says which and why
     */
    public void start() throws IOException {
        InetSocketAddress wanted = new InetSocketAddress(options.host(), options.port());
        if (wanted.isUnresolved()) {
            throw new IOException("cannot listen on " + options.host() + ":" + options.port() + ": unknown host");
        }
        if (options.tls().isPresent()) {
            tls = TlsContext.forServer(options.tls().get());
        }
        String agent = info.get().getSoftware();
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
                        lay(channel, agent);
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

    private void lay(Channel channel, String agent) {
        ConnectionMetrics counts = metrics.connection(channel.remoteAddress());
        Outbox outbox = new Outbox(channel, unsent, counts, Clock.systemUTC());
        OpenRequests open = new OpenRequests(options.maxInFlight());
        ClientTimeouts timeouts =
                new ClientTimeouts(options.helloTimeout(), options.frameTimeout(), options.idleTimeout());
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast(new ConnectionLimit(connections, options.maxConnections(), counts));
        if (tls != null) {
            pipeline.addLast(tls.accepting(channel.alloc(), options.helloTimeout()));
        }
        pipeline.addLast(timeouts);
        FrameDecoder decoder = new FrameDecoder(options.maxFrameBytes());
        RequestHandler requests = new RequestHandler(
                afterLateAnswer -> new RequestDispatcher(
                        channel, reader, batches, resolver, authority, info, counts, open, outbox, afterLateAnswer),
                open,
                outbox,
                counts);
        pipeline.addLast(new HotPath(rounds, decoder, timeouts, requests, outbox));
        pipeline.addLast(decoder);
        pipeline.addLast(timeouts.frameWatch());
        pipeline.addLast(new Greeting(options, agent, outbox, timeouts));
        pipeline.addLast(requests);
        channels.add(channel);
        if (stopping) {
            channel.close();
        }
    }

    /**
     * Where the endpoint listens; tells the port where any free one was asked for.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public InetSocketAddress address() {
        InetSocketAddress listening = address;
        if (listening == null) {
            throw new IllegalStateException("the endpoint was not started");
        }
        return listening;
    }

    /**
     * Stops listening, says GOODBYE on every connection, answers what was read, and closes. Does nothing where it was not
     * started. Blocks until all is closed.
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
        channels.forEach(channel -> channel.pipeline().fireUserEventTriggered(RequestHandler.GOING_AWAY));
        channels.newCloseFuture().awaitUninterruptibly(drain.toMillis(), TimeUnit.MILLISECONDS);
        channels.close().awaitUninterruptibly();
    }
}
