package org.waymark.node.cache;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.identifier.Prefix;
import org.waymark.lifecycle.PrefixDecision;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.Replies;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;
import org.waymark.v1.SignedStatement;

/**
 * A remote authority whose acknowledged writes are known to this node's caches before they are known to the client: the node that
 * took a write answers with it at once.
 */
public final class CoherentAuthority implements Authority {

    private final Authority remote;
    private final Coherence coherence;

    public CoherentAuthority(Authority remote, Coherence coherence) {
        this.remote = remote;
        this.coherence = coherence;
    }

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        return remote.read(key);
    }

    @Override
    public void readAll(List<RecordKey> keys, Replies<StoredAnswer> replies) {
        remote.readAll(keys, replies);
    }

    @Override
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return remote.register(records).thenCompose(results -> {
            List<RecordKey> unchanged = new ArrayList<>();
            for (int i = 0; i < results.size(); i++) {
                RegisterResult result = results.get(i);
                if (result.getSequence() > 0) {
                    coherence.committed(keyOf(records.get(i)), result.getSequence());
                } else if (result.getCode() == RegisterResult.Code.UNCHANGED) {
                    unchanged.add(keyOf(records.get(i)));
                }
            }
            return unchanged.isEmpty()
                    ? CompletableFuture.completedFuture(results)
                    : catchUp(unchanged).thenApply(done -> results);
        });
    }

    private static RecordKey keyOf(ByteString record) {
        return IdentifierRecord.parse(record).key();
    }

    /** The record that a decision is about, which whoever sends it again may leave out. */
    private static RecordKey keyOf(SignedStatement decision) {
        Prefix prefix = PrefixDecision.parse(decision).prefix().orElseThrow();
        return RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
    }

    /**
     * What was stored already came through another node perhaps, and this node's caches may not have heard of it yet. One read of
     * the registry tells a number as of which all of it is there.
     */
    private CompletableFuture<Void> catchUp(List<RecordKey> unchanged) {
        return remote.read(unchanged.get(0)).handle((answer, failure) -> {
            for (RecordKey key : unchanged) {
                if (failure == null) {
                    coherence.committed(key, answer.sequence());
                } else {
                    coherence.changedInRedis(key);
                }
            }
            return null;
        });
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return remote.history(key, fromVersion, limit);
    }

    @Override
    public CompletableFuture<ScanResponse> scan(ScanQuery query) {
        return remote.scan(query);
    }

    @Override
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
        return remote.lifeCycle(request, source).thenApply(response -> {
            if (response.getSequence() > 0) {
                coherence.committed(keyOf(request.getDecide().getDecision()), response.getSequence());
            }
            return response;
        });
    }

    @Override
    public CompletableFuture<LogResponse> log(LogRequest request) {
        return remote.log(request);
    }

    @Override
    public CompletableFuture<Long> sequence() {
        return remote.sequence();
    }

    @Override
    public void close() {
        remote.close();
    }
}
