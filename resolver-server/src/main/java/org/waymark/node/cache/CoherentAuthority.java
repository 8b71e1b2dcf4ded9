package org.waymark.node.cache;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.RegisterResult;

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
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return remote.register(records).thenApply(results -> {
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i).getSequence() > 0) {
                    RecordKey key = IdentifierRecord.parse(records.get(i)).key();
                    coherence.committed(key, results.get(i).getSequence());
                }
            }
            return results;
        });
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return remote.history(key, fromVersion, limit);
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
