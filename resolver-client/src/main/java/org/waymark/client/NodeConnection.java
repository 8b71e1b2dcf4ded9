package org.waymark.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.waymark.Limits;
import org.waymark.v1.Failure;
import org.waymark.v1.Hello;
import org.waymark.v1.Welcome;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameDecoder;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;
import org.waymark.wire.TlsContext;

/**
 * One connection to a node, greeted and ready. Requests are multiplexed by their ids; what is submitted together is flushed
 * together; what the node's limit does not allow yet waits here. Safe for use by many threads: the state belongs to the event
 * loop, and futures complete on it.
 */
final class NodeConnection {

    /** How many times a request's time is divided for looking after requests that are late. */
    private static final int SWEEPS_PER_TIMEOUT = 8;

    private static final long LONGEST_SWEEP_MILLIS = 250;

    private final String node;
    private final NodeClientOptions options;
    private final long connectMillis;
    private final CompletableFuture<NodeConnection> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Queue<Exchange<?>> submitted = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    private final AtomicInteger load = new AtomicInteger();
    private volatile boolean usable;
    private volatile Welcome welcome;

    // What follows belongs to the event loop.
    private final ArrayDeque<Exchange<?>> waiting = new ArrayDeque<>();
    private final IntObjectMap<Exchange<?>> open = new IntObjectHashMap<>();
    private Channel channel;
    private int openCost;
    private int lastId;
    private long lastReceivedNanos;
    private boolean sweeping;
    private Throwable endedBy;

    private NodeConnection(String node, NodeClientOptions options, long connectMillis) {
        this.node = node;
        this.options = options;
        this.connectMillis = connectMillis;
    }

    /** One attempt at a request. */
    private static final class Exchange<T> {

        private final NodeRequest<T> request;
        private final NodeRequest.Reader<T> reader;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final long deadlineNanos;
        private boolean sent;
        private long sentNanos;

        Exchange(NodeRequest<T> request, long deadlineNanos) {
            this.request = request;
            this.reader = request.readers().get();
            this.deadlineNanos = deadlineNanos;
        }

        /**
         * Takes a frame.
         *
         * @return what completes the request, or null while more frames are to come
         */
        Runnable accept(Frame frame) {
            T answer = reader.read(frame);
            return answer == null ? null : () -> result.complete(answer);
        }
    }

    /**
     * Connects and greets.
     *
     * @param tls null: in the clear
     * @param connectMillis how long each may take
     * @return completes when the node has answered the greeting; exceptionally with a {@link WaymarkException}
     */
    static CompletableFuture<NodeConnection> open(
            EventLoopGroup loops,
            InetSocketAddress address,
            NodeClientOptions.Node node,
            TlsContext tls,
            NodeClientOptions options,
            long connectMillis) {
        NodeConnection connection = new NodeConnection(node.toString(), options, connectMillis);
        ChannelFuture connected = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectMillis)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                        connection.channel = socket;
                        if (tls != null) {
                            socket.pipeline()
                                    .addLast(tls.connecting(
                                            socket.alloc(),
                                            node.host(),
                                            node.port(),
                                            Duration.ofMillis(connectMillis)));
                        }
                        socket.pipeline().addLast(new FrameDecoder(Limits.FRAME_BYTES), connection.new Handler());
                    }
                })
                .connect(address);
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                connection.ready.completeExceptionally(new NodeUnavailableException(
                        "cannot connect to " + node + ": " + done.cause().getMessage(), done.cause()));
            }
        });
        return connection.ready;
    }

    /** Sends a request, now or when the node's limit allows it. */
    <T> CompletableFuture<T> send(NodeRequest<T> request, long deadlineNanos) {
        Exchange<T> exchange = new Exchange<>(request, deadlineNanos);
        if (load.incrementAndGet() > options.maxQueuedRequests()) {
            load.decrementAndGet();
            exchange.result.completeExceptionally(new NodeBusyException(
                    options.maxQueuedRequests() + " requests wait for " + node + " already; no more are queued"));
            return exchange.result;
        }
        submitted.add(exchange);
        if (drainScheduled.compareAndSet(false, true)) {
            try {
                channel.eventLoop().execute(this::drain);
            } catch (RejectedExecutionException e) {
                exchange.result.completeExceptionally(new ClientClosedException("the client is closed"));
            }
        }
        return exchange.result;
    }

    /** The node, as {@code host:port}. */
    String node() {
        return node;
    }

    /** True while new requests may be sent. */
    boolean isUsable() {
        return usable;
    }

    /** Requests that are under way or wait here. */
    int load() {
        return load.get();
    }

    /** Items that one frame may carry: what the node allows, within the protocol's own limit. */
    int maxBatch() {
        return welcome.getMaxBatch();
    }

    /** Items of one resolve-many, each of which counts as an open request. */
    int maxManyItems() {
        return Math.min(welcome.getMaxBatch(), welcome.getMaxInFlight());
    }

    /** Completes when the connection has ended or takes no more requests; never exceptionally. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** Ends the connection; open requests fail. */
    void close() {
        channel.close();
    }

    private void drain() {
        drainScheduled.set(false);
        Exchange<?> exchange = submitted.poll();
        while (exchange != null) {
            waiting.add(exchange);
            exchange = submitted.poll();
        }
        if (endedBy != null || !usable) {
            failWaiting();
            return;
        }
        boolean written = false;
        while (!waiting.isEmpty() && channel.isWritable() && fits(waiting.peek())) {
            write(waiting.poll());
            written = true;
        }
        if (written) {
            channel.flush();
        }
        scheduleSweep();
    }

    private boolean fits(Exchange<?> exchange) {
        return openCost == 0 || openCost + exchange.request.cost() <= welcome.getMaxInFlight();
    }

    private void write(Exchange<?> exchange) {
        do {
            lastId++;
        } while (lastId == 0 || open.containsKey(lastId));
        open.put(lastId, exchange);
        openCost += exchange.request.cost();
        exchange.sent = true;
        exchange.sentNanos = System.nanoTime();
        writeFrame(exchange.request.header(lastId), exchange.request.payload());
    }

    private void writeFrame(FrameHeader header, byte[] payload) {
        ByteBuf frame = channel.alloc().buffer(FrameHeader.BYTES + payload.length);
        header.write(frame, payload.length);
        channel.write(frame.writeBytes(payload), channel.voidPromise());
    }

    private void received(Frame frame) throws InvalidProtocolBufferException {
        lastReceivedNanos = System.nanoTime();
        FrameType type = frame.header().type();
        if (type == FrameType.GOODBYE) {
            goAway();
            return;
        }
        if (welcome == null) {
            greeted(frame);
            return;
        }
        int id = frame.header().requestId();
        if (id == 0 && type == FrameType.FAILED) {
            end(failure(frame));
            return;
        }
        Exchange<?> exchange = open.get(id);
        if (exchange == null) {
            // The answer to a request that ran out of time.
            return;
        }
        if (type == FrameType.FAILED) {
            close(id, exchange);
            exchange.result.completeExceptionally(failure(frame));
            return;
        }
        Runnable completion = exchange.accept(frame);
        if (completion != null) {
            // First, so that whoever waits for the answer finds its place free.
            close(id, exchange);
            completion.run();
        }
    }

    private void close(int id, Exchange<?> exchange) {
        open.remove(id);
        openCost -= exchange.request.cost();
        load.decrementAndGet();
    }

    private void greeted(Frame frame) throws InvalidProtocolBufferException {
        if (frame.header().type() == FrameType.FAILED) {
            end(failure(frame));
            return;
        }
        if (frame.header().type() != FrameType.WELCOME) {
            throw new ProtocolViolationException(node + " did not answer the greeting");
        }
        Welcome answer = Welcome.parseFrom(frame.content().nioBuffer());
        if (answer.getVersion() != FrameHeader.PROTOCOL_VERSION) {
            throw new ProtocolViolationException(node + " speaks version " + Integer.toUnsignedLong(answer.getVersion())
                    + " of the protocol; this client speaks version " + FrameHeader.PROTOCOL_VERSION);
        }
        if (answer.getMaxInFlight() < 1 || answer.getMaxBatch() < 1) {
            throw new ProtocolViolationException(node + " allows no requests: max_in_flight "
                    + Integer.toUnsignedLong(answer.getMaxInFlight()) + ", max_batch "
                    + Integer.toUnsignedLong(answer.getMaxBatch()));
        }
        welcome = answer.toBuilder()
                .setMaxBatch(Math.min(answer.getMaxBatch(), Limits.BATCH_ITEMS))
                .build();
        usable = true;
        ready.complete(this);
    }

    private static WaymarkException failure(Frame frame) throws InvalidProtocolBufferException {
        Failure failure = Failure.parseFrom(frame.content().nioBuffer());
        String message = failure.getMessage();
        return switch (failure.getCode()) {
            case OVERLOADED -> new NodeBusyException(message);
            case INTERNAL -> new NodeErrorException(message);
            case UNAVAILABLE -> new NodeUnavailableException(message);
            default -> new RequestRefusedException(failure.getCode(), message);
        };
    }

    /** The node answers what it has read; everything else goes elsewhere. */
    private void goAway() {
        usable = false;
        ended.complete(null);
        failWaiting();
        if (welcome == null) {
            end(new NodeUnavailableException(node + " is going away"));
        }
    }

    private void failWaiting() {
        List<Exchange<?>> lost = new ArrayList<>(waiting);
        waiting.clear();
        for (Exchange<?> exchange : lost) {
            load.decrementAndGet();
            exchange.result.completeExceptionally(lost(false));
        }
    }

    private ConnectionLostException lost(boolean sent) {
        String why = endedBy == null || endedBy.getMessage() == null ? "it was closed" : endedBy.getMessage();
        return new ConnectionLostException("the connection to " + node + " ended: " + why, endedBy, sent);
    }

    private void end(Throwable cause) {
        if (endedBy == null) {
            endedBy = cause;
        }
        usable = false;
        channel.close();
        ready.completeExceptionally(
                endedBy instanceof WaymarkException
                        ? endedBy
                        : new NodeUnavailableException(
                                "the connection to " + node + " ended: " + endedBy.getMessage(), endedBy));
        ended.complete(null);
        List<Exchange<?>> lost = new ArrayList<>(open.values());
        open.clear();
        openCost = 0;
        for (Exchange<?> exchange : lost) {
            load.decrementAndGet();
            exchange.result.completeExceptionally(lost(true));
        }
        drain();
    }

    private void scheduleSweep() {
        if (sweeping || open.isEmpty() && waiting.isEmpty()) {
            return;
        }
        sweeping = true;
        long pause = Math.max(
                1, Math.min(LONGEST_SWEEP_MILLIS, options.requestTimeout().toMillis() / SWEEPS_PER_TIMEOUT));
        channel.eventLoop().schedule(this::sweep, pause, TimeUnit.MILLISECONDS);
    }

    /** Fails what is late. A connection that was silent since a late request was sent is taken for dead. */
    private void sweep() {
        sweeping = false;
        long now = System.nanoTime();
        boolean silent = false;
        List<Exchange<?>> late = new ArrayList<>();
        for (Iterator<IntObjectMap.PrimitiveEntry<Exchange<?>>> entries =
                        open.entries().iterator();
                entries.hasNext(); ) {
            Exchange<?> exchange = entries.next().value();
            if (now - exchange.deadlineNanos >= 0) {
                entries.remove();
                openCost -= exchange.request.cost();
                late.add(exchange);
                silent |= lastReceivedNanos - exchange.sentNanos < 0;
            }
        }
        for (Iterator<Exchange<?>> queue = waiting.iterator(); queue.hasNext(); ) {
            Exchange<?> exchange = queue.next();
            if (now - exchange.deadlineNanos >= 0) {
                queue.remove();
                late.add(exchange);
            }
        }
        for (Exchange<?> exchange : late) {
            load.decrementAndGet();
            exchange.result.completeExceptionally(
                    new RequestTimeoutException("no answer from " + node + " to a " + exchange.request.type()
                            + " within " + options.requestTimeout().toMillis() + " ms"));
        }
        if (silent) {
            end(new NodeUnavailableException(node + " is silent"));
        } else {
            drain();
        }
    }

    /** Says it in the words of whoever has to mend it. */
    private NodeUnavailableException handshakeFailed(Throwable cause) {
        String said = String.valueOf(cause.getMessage());
        String why = said;
        if (said.contains("certification path") || said.contains("path building") || said.contains("path validation")) {
            why = "its certificate leads to no authority that this client believes, or has expired";
        } else if (said.contains("subject alternative") || said.contains("No name matching")) {
            why = "its certificate is of another host";
        } else if (said.contains("bad_certificate") || said.contains("certificate_required")) {
            why = "it wants a certificate of this client that leads to one of its authorities";
        }
        return new NodeUnavailableException("no TLS with " + node + ": " + why, cause);
    }

    /** Brings the channel's events to the connection. */
    private final class Handler extends SimpleChannelInboundHandler<Frame> {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            Hello hello = Hello.newBuilder()
                    .setLowestVersion(FrameHeader.PROTOCOL_VERSION)
                    .setHighestVersion(FrameHeader.PROTOCOL_VERSION)
                    .setAgent(options.agent())
                    .build();
            writeFrame(FrameHeader.greeting(FrameType.HELLO, FrameHeader.PROTOCOL_VERSION), hello.toByteArray());
            channel.flush();
            context.executor()
                    .schedule(
                            () -> {
                                if (welcome == null) {
                                    end(new NodeUnavailableException(
                                            node + " did not answer the greeting within " + connectMillis + " ms"));
                                }
                            },
                            connectMillis,
                            TimeUnit.MILLISECONDS);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, Frame frame) {
            if (endedBy != null) {
                return;
            }
            try {
                received(frame);
            } catch (InvalidProtocolBufferException e) {
                end(new ProtocolViolationException(node + " sent a payload that can't be read", e));
            } catch (ProtocolViolationException e) {
                end(e);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (!waiting.isEmpty()) {
                drain();
            }
            if (!usable && welcome != null && open.isEmpty()) {
                channel.close();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            drain();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            end(
                    new NodeUnavailableException(
                            welcome != null
                                    ? "the node closed it"
                                    : node
                                            + " closed it without an answer to the greeting; perhaps it wants TLS, or has no room"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            Throwable reason = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
            end(reason instanceof SSLException ? handshakeFailed(reason) : reason);
        }
    }
}
