package org.waymark.node.cache;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/** Another node's authority, over a way that takes time, and can be closed. */
final class RemoteRegistry implements Authority {

    private final Supplier<Authority> node;
    private final int maxDelayMillis;
    private volatile boolean away;
    private volatile long backAt;

    /**
     * @param maxDelayMillis answers take up to so long on their way back
     */
    RemoteRegistry(Supplier<Authority> node, int maxDelayMillis) {
        this.node = node;
        this.maxDelayMillis = maxDelayMillis;
    }

    void setAway(boolean isAway) {
        away = isAway;
        backAt = System.nanoTime();
    }

    /** When it was last there again, by {@code System.nanoTime}. */
    long backAt() {
        return away ? System.nanoTime() : backAt;
    }

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        return over(() -> node.get().read(key));
    }

    @Override
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return over(() -> node.get().register(records));
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return over(() -> node.get().history(key, fromVersion, limit));
    }

    @Override
    public CompletableFuture<ScanResponse> scan(ScanQuery query) {
        return over(() -> node.get().scan(query));
    }

    @Override
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
        throw new UnsupportedOperationException("not asked in these tests");
    }

    @Override
    public CompletableFuture<Long> sequence() {
        return over(() -> node.get().sequence());
    }

    private <T> CompletableFuture<T> over(Supplier<CompletableFuture<T>> request) {
        if (away) {
            return CompletableFuture.failedFuture(new UnavailableException("the other node is away", null));
        }
        return request.get().thenCompose(answer -> {
            CompletableFuture<T> arrived = new CompletableFuture<>();
            way().execute(() -> arrived.complete(answer));
            return arrived;
        });
    }

    private Executor way() {
        return maxDelayMillis == 0
                ? Runnable::run
                : CompletableFuture.delayedExecutor(
                        ThreadLocalRandom.current().nextInt(maxDelayMillis + 1), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {}
}
