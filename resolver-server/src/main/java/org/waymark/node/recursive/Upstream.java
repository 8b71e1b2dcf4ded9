package org.waymark.node.recursive;

import java.util.concurrent.CompletableFuture;
import org.waymark.client.VerifiedAnswer;
import org.waymark.record.RecordKey;

/** The rest of the tree. Safe for use by many threads; never blocks. */
interface Upstream {

    /**
     * Looks up at other nodes, and verifies.
     *
     * @param authoritative passes their caches
     */
    CompletableFuture<VerifiedAnswer> fetch(RecordKey key, boolean authoritative);
}
