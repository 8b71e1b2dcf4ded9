package org.waymark.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.bench.data.DelegatedPrefixes;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.data.UnknownNames;

/** Makes load from one event loop (epoll) for every protocol alike. Safe for use by many threads. */
public final class LoadGenerator implements AutoCloseable {

    private static final int PACKET_BYTES = 2_048;
    private static final int RECEIVE_BYTES = 128 * 1_024;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final KeyTable keys;

    public LoadGenerator(KeyTable keys) {
        this.keys = keys;
    }

    /** Asks a node for records, one identifier a call. */
    public Load resolve(InetSocketAddress node, Shape shape, KeySequence sequence) {
        return start(
                node,
                shape,
                (depth, connection, tally) ->
                        new ResolveConversation(keys, cursor(sequence, shape, connection), depth, tally));
    }

    /** Asks a node for records, so many identifiers a call. */
    public Load resolveMany(InetSocketAddress node, Shape shape, KeySequence sequence, int batch) {
        return start(
                node,
                shape,
                (depth, connection, tally) ->
                        new ResolveManyConversation(keys, cursor(sequence, shape, connection), batch, depth, tally));
    }

    /** Asks a node for parts that it refers to other nodes, one identifier a call. */
    public Load referrals(InetSocketAddress node, Shape shape, DelegatedPrefixes prefixes, KeySequence sequence) {
        return start(
                node,
                shape,
                (depth, connection, tally) ->
                        new ReferralConversation(prefixes, cursor(sequence, shape, connection), depth, tally));
    }

    /** Asks a node for parts that nobody has registered, each for the first time; each has to be denied with a signature. */
    public Load unknownNames(InetSocketAddress node, Shape shape, UnknownNames names) {
        return start(node, shape, (depth, connection, tally) -> new UnknownNamesConversation(names, depth, tally));
    }

    /**
     * Registers new records at a node, one a call.
     *
     * @param requests encoded {@code RegisterRequest}s, enough of them for the whole load
     */
    public Load register(InetSocketAddress node, Shape shape, Iterator<byte[]> requests) {
        return start(node, shape, (depth, connection, tally) -> new RegisterConversation(requests, depth, tally));
    }

    /** Gets the same bytes from a Redis that holds each record under its identifier. */
    public Load redisGet(InetSocketAddress redis, Shape shape, KeySequence sequence) {
        return start(
                redis,
                shape,
                (depth, connection, tally) ->
                        new RedisConversation(keys, cursor(sequence, shape, connection), depth, tally));
    }

    /**
     * Makes these calls to an HTTP server.
     *
     * @param sequence numbers of calls
     */
    public Load http(InetSocketAddress server, Shape shape, List<HttpCall> calls, KeySequence sequence) {
        return start(
                server,
                shape,
                (depth, connection, tally) ->
                        new HttpConversation(calls, cursor(sequence, shape, connection), depth, tally));
    }

    /**
     * Resolves at the TCP port of a Handle server.
     *
     * @param calls that were compared with what the server answers
     * @param sequence numbers of calls
     */
    public Load handle(InetSocketAddress server, Shape shape, HandleCalls calls, KeySequence sequence) {
        return start(
                server,
                shape,
                (depth, connection, tally) ->
                        new HandleConversation(calls, cursor(sequence, shape, connection), depth, tally));
    }

    /** The same at its UDP port, from a socket for each connection of the shape. Closed loops only. */
    public Load handleUdp(InetSocketAddress server, Shape shape, HandleCalls calls, KeySequence sequence) {
        Tally tally = new Tally();
        CompletableFuture<Void> failure = new CompletableFuture<>();
        List<Runnable> ends = new ArrayList<>();
        Load load = new Load(ends, tally, failure);
        for (int i = 0; i < shape.connections(); i++) {
            HandleDatagrams socket = new HandleDatagrams(
                    calls, cursor(sequence, shape, i), server, shape.depth(), tally, failure::completeExceptionally);
            try {
                new Bootstrap()
                        .group(loops)
                        .channel(EpollDatagramChannel.class)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(PACKET_BYTES))
                        .handler(socket)
                        .bind(new InetSocketAddress(server.getAddress(), 0))
                        .syncUninterruptibly();
                ends.add(socket::close);
            } catch (RuntimeException e) {
                load.close();
                throw e;
            }
        }
        return load;
    }

    /** Asks a {@link org.waymark.bench.peer.GrpcServer} for records. Closed loops only. */
    public Load grpc(InetSocketAddress server, Shape shape, KeySequence sequence) {
        Tally tally = new Tally();
        CompletableFuture<Void> failure = new CompletableFuture<>();
        List<Runnable> ends = new ArrayList<>();
        for (int i = 0; i < shape.connections(); i++) {
            KeySequence.Cursor cursor = cursor(sequence, shape, i);
            GrpcConnection connection =
                    new GrpcConnection(server, loops, keys, cursor, tally, failure::completeExceptionally);
            ends.add(connection::close);
            connection.start(shape.depth());
        }
        return new Load(ends, tally, failure);
    }

    /** Connections start at places of the sequence that are evenly apart. */
    private static KeySequence.Cursor cursor(KeySequence sequence, Shape shape, int connection) {
        return sequence.from((int) ((long) sequence.length() * connection / shape.connections()));
    }

    private Load start(InetSocketAddress server, Shape shape, Conversation.Factory conversations) {
        Tally tally = new Tally();
        CompletableFuture<Void> failure = new CompletableFuture<>();
        List<Runnable> ends = new ArrayList<>();
        Load load = new Load(ends, tally, failure);
        for (int i = 0; i < shape.connections(); i++) {
            Pace pace = shape.isOpen()
                    ? Pace.open(shape.callsPerSecond() / shape.connections(), (double) i / shape.connections())
                    : Pace.closed();
            LoadConnection connection = new LoadConnection(
                    conversations.open(shape.depth(), i, tally), shape.depth(), pace, failure::completeExceptionally);
            try {
                connect(server, connection);
                ends.add(connection::close);
            } catch (RuntimeException e) {
                load.close();
                throw e;
            }
        }
        return load;
    }

    private void connect(InetSocketAddress server, LoadConnection connection) {
        new Bootstrap()
                .group(loops)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(connection);
                    }
                })
                .connect(server)
                .syncUninterruptibly();
    }

    @Override
    public void close() {
        loops.shutdownGracefully().syncUninterruptibly();
    }
}
