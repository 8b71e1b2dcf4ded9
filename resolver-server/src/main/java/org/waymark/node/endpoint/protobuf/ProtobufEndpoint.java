package org.waymark.node.endpoint.protobuf;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.waymark.node.endpoint.TcpListener;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.endpoint.UnsentBytes;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.FaceMetrics;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.Resolver;
import org.waymark.v1.NodeInfo;
import org.waymark.wire.FrameDecoder;

/**
 * The protobuf face of the node, as {@code resolver.proto} lays it out. Methods may be called from any thread.
 *
 * <p>What one connection can hold of the node's memory is bounded: by one frame of the largest size, one receive buffer, 256 KiB
 * of answers that the client doesn't take, and as many answers as may be open.
 */
public final class ProtobufEndpoint {

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 * 1_024, 256 * 1_024);

    private final EndpointOptions options;
    private final Resolver resolver;
    private final EachThread<HotPath.Round> rounds;
    private final EachThread<ReadyAnswers.Batch> batches;
    private final Authority authority;
    private final Supplier<NodeInfo> info;
    private final FaceMetrics metrics;
    private final RequestReader reader;
    private final UnsentBytes unsent;
    private final TcpListener listener;

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
        this.resolver = resolver;
        this.authority = authority;
        this.info = info;
        this.metrics = metrics.face(Face.PROTOBUF);
        this.rounds = new EachThread<>(() -> new HotPath.Round(ready));
        this.batches = new EachThread<>(() -> ready.newBatch(LookUps.MOST));
        this.reader = new RequestReader(options.maxBatch());
        this.unsent = new UnsentBytes(options.maxUnsentBytes());
        metrics.gauge("waymark.unsent.bytes", unsent::now);
        TcpListener.Options listening = new TcpListener.Options(
                options.host(),
                options.port(),
                options.tls(),
                options.helloTimeout(),
                options.maxConnections(),
                options.maxConnectionsPerSource(),
                WATER_MARK);
        this.listener = new TcpListener(listening, transport, this::lay);
    }

    /**
     * Listens. To be called once.
     *
     * @throws IOException if the address can't be listened on; the message says which and why
     */
    public void start() throws IOException {
        listener.start();
    }

    private TcpListener.Events lay(Channel channel) {
        ConnectionMetrics counts = metrics.connection(channel.remoteAddress());
        Outbox outbox = new Outbox(channel, unsent, counts, Clock.systemUTC());
        OpenRequests open = new OpenRequests(options.maxInFlight());
        ClientTimeouts timeouts =
                new ClientTimeouts(options.helloTimeout(), options.frameTimeout(), options.idleTimeout());
        ChannelPipeline pipeline = channel.pipeline();
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
        pipeline.addLast(new Greeting(options, info.get().getSoftware(), outbox, timeouts));
        pipeline.addLast(requests);
        return new TcpListener.Events(counts::opened, counts::refused, counts::closed);
    }

    /**
     * Where the endpoint listens; tells the port where any free one was asked for.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public InetSocketAddress address() {
        return listener.address();
    }

    /**
     * Stops listening, says GOODBYE on every connection, answers what was read, and closes. Does nothing where it was not
     * started. Blocks until all is closed.
     *
     * @param drain how long answers may take; after that connections are closed without them
     */
    public void stop(Duration drain) {
        listener.stop(RequestHandler.GOING_AWAY, drain);
    }
}
