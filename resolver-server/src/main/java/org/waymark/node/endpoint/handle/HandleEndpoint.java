package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.waymark.trust.SigningKey;

/**
 * The Handle face of the node, over TCP and UDP. It resolves, refers, gives site information, and over TCP changes records on behalf of
 * registrants who allow that. Methods may be called from any thread.
 *
 * <p>What one connection can hold of the node's memory is bounded: by one request of the largest size, one receive buffer, 256 KiB
 * of answers that the client doesn't take, and as many answers as may be open.
 */
public final class HandleEndpoint {

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 * 1_024, 256 * 1_024);

    /** Ample for a packet of 512 bytes; what is longer is cut, and not understood then. */
    private static final int PACKET_BYTES = 1_536;

    /** Packets that one system call reads, where it can read more than one. */
    private static final int PACKETS_AT_ONCE = 32;

    private static final int UDP_BUFFER_BYTES = 1_024 * 1_024;
    private static final int SITE_SERIAL = 1;
    private static final int PORT_ATTEMPTS = 20;

    private final HandleOptions options;
    private final Transport transport;
    private final ReadyAnswers ready;
    private final FaceMetrics metrics;
    private final Clock clock;
    private final CertificationKey key;
    private final SourceLimiter limiter;
    private final UnsentBytes unsent;
    private final Map<EventLoop, LoopState> loops = new ConcurrentHashMap<>();
    private final Certifier certifier;
    private final Administration administration;
    private final Requests requests;
    private volatile ByteString site = ByteString.EMPTY;
    private volatile TcpListener listener;
    private final List<Channel> udp = new CopyOnWriteArrayList<>();

    /**
     * What records are changed with.
     *
     * @param authority to read and register them at
     * @param key of the node, which prefix records may name with the role ON_BEHALF
     */
    public record OnBehalf(Authority authority, SigningKey key) {}

    /**
     * An endpoint that doesn't listen yet.
     *
     * @param ready answers that may be sent without asking the resolver
     * @param key to certify answers with; null: they are not certified
     * @param onBehalf to change records for registrants who allow it; empty: none is changed
     */
    public HandleEndpoint(
            HandleOptions options,
            Transport transport,
            Resolver resolver,
            ReadyAnswers ready,
            CertificationKey key,
            Optional<OnBehalf> onBehalf,
            NodeMetrics metrics,
            Clock clock) {
        this.options = options;
        this.transport = transport;
        this.ready = ready;
        this.key = key;
        this.metrics = metrics.face(Face.HANDLE);
        this.clock = clock;
        this.certifier = key == null ? null : new Certifier(key);
        this.administration = onBehalf.map(with -> new Administration(with.authority(), with.key(), clock))
                .orElse(null);
        this.requests = new Requests(resolver, new AnswerWriter(clock, () -> site), certifier, administration);
        this.limiter = new SourceLimiter(options.udpBytesPerSecond(), System.nanoTime());
        this.unsent = new UnsentBytes(options.maxUnsentBytes());
        metrics.gauge("waymark.handle.unsent.bytes", unsent::now);
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
        bind(wanted);
        site = ownSite();
        listener.accept();
        udp.forEach(channel -> channel.config().setAutoRead(true));
    }

    /** Where any free port is asked for, one has to be found that is free for both. */
    private void bind(InetSocketAddress wanted) throws IOException {
        for (int attempt = 1; ; attempt++) {
            listener = new TcpListener(listening(), transport, this::layConnection);
            listener.bind();
            if (!options.udp()) {
                return;
            }
            try {
                bindUdp(new InetSocketAddress(wanted.getAddress(), address().getPort()));
                return;
            } catch (IOException e) {
                closeUdp();
                listener.stop(HandleConnection.GOING_AWAY, Duration.ZERO);
                if (options.port() != 0 || attempt == PORT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private TcpListener.Options listening() {
        return new TcpListener.Options(
                options.host(),
                options.port(),
                options.tls(),
                options.messageTimeout(),
                options.maxConnections(),
                options.maxConnectionsPerSource(),
                WATER_MARK);
    }

    /** A socket for each event loop, among which the system spreads the clients, where it can; else one. */
    private void bindUdp(InetSocketAddress where) throws IOException {
        boolean canShare = transport.kind() == Transport.Kind.EPOLL || transport.kind() == Transport.Kind.IO_URING;
        for (EventExecutor loop : transport.eventLoops()) {
            Bootstrap bootstrap = udpBootstrap((EventLoop) loop);
            if (canShare) {
                bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
            }
            udp.add(require(bootstrap.bind(where)));
            if (!canShare) {
                return;
            }
        }
    }

    private void closeUdp() {
        udp.forEach(channel -> channel.close().awaitUninterruptibly());
        udp.clear();
    }

    private Channel require(ChannelFuture binding) throws IOException {
        ChannelFuture bound = binding.awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + options.host() + ":" + options.port() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        return bound.channel();
    }

    private Bootstrap udpBootstrap(EventLoop loop) {
        boolean readsManyAtOnce = transport.kind() == Transport.Kind.EPOLL;
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(transport.datagramChannel())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_RCVBUF, UDP_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, UDP_BUFFER_BYTES)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(readsManyAtOnce ? PACKETS_AT_ONCE * PACKET_BYTES : PACKET_BYTES))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new UdpFace(
                                        options.udpMaxAnswerBytes(),
                                        loop(channel).lookups(),
                                        requests,
                                        limiter,
                                        metrics.connection(null)));
                    }
                });
        return readsManyAtOnce
                ? bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, PACKET_BYTES)
                : bootstrap;
    }

    private LoopState loop(Channel channel) {
        return loops.computeIfAbsent(channel.eventLoop(), eventLoop -> new LoopState(eventLoop, options, ready, clock));
    }

    private TcpListener.Events layConnection(Channel channel) {
        ConnectionMetrics counts = metrics.connection(channel.remoteAddress());
        channel.pipeline().addLast(new HandleConnection(options, loop(channel), requests, unsent, counts));
        return new TcpListener.Events(counts::opened, counts::refused, counts::closed);
    }

    private ByteString ownSite() throws IOException {
        String host = options.address().orElse(address().getAddress().getHostAddress());
        SiteRecord own = SiteRecord.ofLiteral(host, address().getPort(), SITE_SERIAL)
                .orElseThrow(
                        () -> new IOException("handle.address is " + host + "; an IP address in numbers is allowed"));
        return own.withUdp(options.udp())
                .withAdministration(administration != null)
                .withPublicKey(key == null ? ByteString.EMPTY : key.publicKey())
                .encoded();
    }

    /**
     * Where the endpoint listens; tells the port where any free one was asked for.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public InetSocketAddress address() {
        TcpListener listening = listener;
        if (listening == null) {
            throw new IllegalStateException("the endpoint was not started");
        }
        return listening.address();
    }

    /**
     * Stops listening, answers what was read, and closes. Does nothing where it was not started. Blocks until all is closed.
     *
     * @param drain how long answers may take; after that connections are closed without them
     */
    public void stop(Duration drain) {
        TcpListener listening = listener;
        if (listening != null) {
            listening.stop(HandleConnection.GOING_AWAY, drain);
        }
        closeUdp();
        if (administration != null) {
            administration.close();
        }
        if (certifier != null) {
            certifier.close();
        }
    }
}
