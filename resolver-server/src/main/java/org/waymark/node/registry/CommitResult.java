package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import org.waymark.record.RecordKey;

/** What became of a {@link Write}. */
public sealed interface CommitResult {

    /**
     * The record is stored, durably.
     *
     * @param sequence the number of this commit
     * @param committedAt UTC epoch milliseconds by the registry's clock
     */
    record Committed(long sequence, long committedAt) implements CommitResult {}

    /**
     * Another version is current than the write expected.
     *
     * @param currentVersion 0: there is none
     * @param currentDigest of the current version, 33 bytes; empty where there is none
     */
    record Conflict(long currentVersion, ByteString currentDigest) implements CommitResult {}

    /**
     * A record that the write's check was based on has changed since. Check again and commit again.
     *
     * @param key of the first condition that doesn't hold
     */
    record ConditionFailed(RecordKey key) implements CommitResult {}
}
