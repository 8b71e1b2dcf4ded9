package org.waymark.bench.load;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.peer.GrpcServer;

/** One connection to a {@link GrpcServer} by gRPC's own client, whose calls are made one after the other's answer. */
final class GrpcConnection {

    private static final long CLOSE_SECONDS = 10;

    private final ManagedChannel channel;
    private final KeyTable keys;
    private final KeySequence.Cursor next;
    private final Tally tally;
    private final Consumer<Throwable> failed;
    private volatile boolean ended;

    /**
     * @param loops one event loop, on which all runs once it is started
     * @param failed told what went wrong
     */
    GrpcConnection(
            InetSocketAddress server,
            EventLoopGroup loops,
            KeyTable keys,
            KeySequence.Cursor next,
            Tally tally,
            Consumer<Throwable> failed) {
        this.channel = NettyChannelBuilder.forAddress(server)
                .usePlaintext()
                .directExecutor()
                .eventLoopGroup(loops)
                .channelType(EpollSocketChannel.class)
                .build();
        this.keys = keys;
        this.next = next;
        this.tally = tally;
        this.failed = failed;
    }

    /** Keeps so many calls open. */
    void start(int depth) {
        for (int i = 0; i < depth; i++) {
            call();
        }
    }

    private void call() {
        int key;
        synchronized (this) {
            // The first calls are made by the thread that starts the load, those after them by the event loop.
            key = next.next();
        }
        long due = System.nanoTime();
        ClientCalls.asyncUnaryCall(
                channel.newCall(GrpcServer.RESOLVE, CallOptions.DEFAULT), keys.request(key), new StreamObserver<>() {

                    private boolean isRight;

                    @Override
                    public void onNext(byte[] record) {
                        isRight = keys.isRecord(Unpooled.wrappedBuffer(record), 0, record.length, key);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        fail(failure);
                    }

                    @Override
                    public void onCompleted() {
                        if (!isRight) {
                            fail(new WrongAnswerException(
                                    "asked for " + keys.identifier(key) + ", got another record"));
                        } else if (!ended) {
                            tally.answered(1);
                            tally.finished(due);
                            call();
                        }
                    }
                });
    }

    private void fail(Throwable failure) {
        if (!ended) {
            ended = true;
            failed.accept(failure);
        }
    }

    /** Ends the connection; what is open stays unanswered. From any thread but the event loop. */
    void close() {
        ended = true;
        channel.shutdownNow();
        try {
            channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
