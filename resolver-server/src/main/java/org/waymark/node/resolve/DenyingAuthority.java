package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/** An authority that signs what it denies. */
public final class DenyingAuthority implements Authority {

    private final Authority authority;
    private final DenialSigner denials;

    /**
     * @param denials started; closed with this
     */
    public DenyingAuthority(Authority authority, DenialSigner denials) {
        this.authority = authority;
        this.denials = denials;
    }

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        return authority.read(key).thenCompose(answer -> denials.signed(key, answer));
    }

    @Override
    public void readAll(List<RecordKey> keys, Replies<StoredAnswer> replies) {
        authority.readAll(keys, new Denied(denials, keys, replies));
    }

    private record Denied(DenialSigner denials, List<RecordKey> keys, Replies<StoredAnswer> replies)
            implements Replies<StoredAnswer> {

        @Override
        public void answered(int place, StoredAnswer answer) {
            if (answer.outcome() == Outcome.NOT_FOUND) {
                replies.follow(place, signed(place, answer));
            } else {
                replies.answered(place, answer);
            }
        }

        private CompletableFuture<StoredAnswer> signed(int place, StoredAnswer answer) {
            try {
                return denials.signed(keys.get(place), answer);
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        @Override
        public void failed(int place, Throwable fault) {
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
        denials.close();
    }
}
