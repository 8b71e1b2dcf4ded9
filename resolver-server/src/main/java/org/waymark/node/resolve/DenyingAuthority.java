package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.RegisterResult;

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
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return authority.register(records);
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return authority.history(key, fromVersion, limit);
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
