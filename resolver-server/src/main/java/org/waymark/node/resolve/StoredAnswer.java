package org.waymark.node.resolve;

import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;

/**
 * What the authority found: encoded once, then kept and served as it is by every cache. Immutable; nobody changes the payload's
 * bytes.
 *
 * @param payload as {@code resolver.proto} says for the outcome
 * @param sequence the registry's sequence number as of the read: every commit up to it is reflected
 * @param expiresAt UTC epoch milliseconds until which it may be kept; 0: not at all
 * @param owner key of the prefix record that the answer hangs on: when that or one above it changes, the answer is void. Null
 *     where no prefix is served
 */
public record StoredAnswer(Outcome outcome, byte[] payload, long sequence, long expiresAt, RecordKey owner) {

    /** True where a cache may keep it. */
    public boolean isCacheable() {
        return expiresAt != 0;
    }

    /** Milliseconds that it may still be kept, 0 where that time has come. */
    public long lifeMillis(long nowMillis) {
        return Math.max(0, expiresAt - nowMillis);
    }

    StoredAnswer withPayload(byte[] other) {
        return new StoredAnswer(outcome, other, sequence, expiresAt, owner);
    }
}
