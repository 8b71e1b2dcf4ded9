package org.waymark.node.endpoint.http;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/** An authority that fails on everything in the same way. */
record AwayAuthority(RuntimeException fault) implements Authority {

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        return CompletableFuture.failedFuture(fault);
    }

    @Override
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return CompletableFuture.failedFuture(fault);
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return CompletableFuture.failedFuture(fault);
    }

    @Override
    public CompletableFuture<ScanResponse> scan(ScanQuery query) {
        return CompletableFuture.failedFuture(fault);
    }

    @Override
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
        throw fault;
    }

    @Override
    public CompletableFuture<LogResponse> log(LogRequest request) {
        return CompletableFuture.failedFuture(fault);
    }

    @Override
    public CompletableFuture<Long> sequence() {
        return CompletableFuture.failedFuture(fault);
    }

    @Override
    public void close() {}
}
