package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.metrics.LatencyHistogram;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/** An authority, and how long it takes to read: from when it is asked, its queue included. */
public final class MeasuredAuthority implements Authority {

    private final Authority authority;
    private final LatencyHistogram reads;

    public MeasuredAuthority(Authority authority, LatencyHistogram reads) {
        this.authority = authority;
        this.reads = reads;
    }

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        long since = System.nanoTime();
        return authority.read(key).whenComplete((answer, failure) -> reads.record(System.nanoTime() - since, 1));
    }

    @Override
    public void readAll(List<RecordKey> keys, Replies<StoredAnswer> replies) {
        authority.readAll(keys, new Measured(reads, System.nanoTime(), replies));
    }

    private record Measured(LatencyHistogram reads, long since, Replies<StoredAnswer> replies)
            implements Replies<StoredAnswer> {

        @Override
        public void answered(int place, StoredAnswer answer) {
            reads.record(System.nanoTime() - since, 1);
            replies.answered(place, answer);
        }

        @Override
        public void failed(int place, Throwable fault) {
            reads.record(System.nanoTime() - since, 1);
            replies.failed(place, fault);
        }

        @Override
        public void flush() {
            replies.flush();
        }
    }

    @Override
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return authority.register(records);
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return authority.history(key, fromVersion, limit);
    }

    @Override
    public CompletableFuture<ScanResponse> scan(ScanQuery query) {
        return authority.scan(query);
    }

    @Override
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
        return authority.lifeCycle(request, source);
    }

    @Override
    public CompletableFuture<LogResponse> log(LogRequest request) {
        return authority.log(request);
    }

    @Override
    public CompletableFuture<Long> sequence() {
        return authority.sequence();
    }

    @Override
    public void close() {
        authority.close();
    }
}
