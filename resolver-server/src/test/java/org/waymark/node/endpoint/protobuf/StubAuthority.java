package org.waymark.node.endpoint.protobuf;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/** An authority that does as a test says. */
final class StubAuthority implements Authority {

    volatile Function<List<ByteString>, CompletableFuture<List<RegisterResult>>> onRegister =
            records -> CompletableFuture.completedFuture(records.stream()
                    .map(record -> RegisterResult.newBuilder()
                            .setCode(RegisterResult.Code.CREATED)
                            .setSequence(record.size())
                            .build())
                    .toList());

    volatile HistoryQuestion onHistory =
            (key, fromVersion, limit) -> CompletableFuture.completedFuture(HistoryResponse.getDefaultInstance());

    interface HistoryQuestion {
        CompletableFuture<HistoryResponse> ask(RecordKey key, long fromVersion, int limit);
    }

    volatile Function<ScanQuery, CompletableFuture<ScanResponse>> onScan =
            query -> CompletableFuture.completedFuture(ScanResponse.getDefaultInstance());

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        throw new UnsupportedOperationException("a face reads through the resolver");
    }

    @Override
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return onRegister.apply(records);
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return onHistory.ask(key, fromVersion, limit);
    }

    @Override
    public CompletableFuture<ScanResponse> scan(ScanQuery query) {
        return onScan.apply(query);
    }

    @Override
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
        return CompletableFuture.completedFuture(LifeCycleResponse.newBuilder()
                .setMessage(request.getRequestCase() + " from " + source)
                .build());
    }

    @Override
    public CompletableFuture<Long> sequence() {
        return CompletableFuture.completedFuture(0L);
    }

    @Override
    public void close() {}
}
