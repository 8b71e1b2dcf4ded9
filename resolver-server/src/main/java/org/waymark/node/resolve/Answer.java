package org.waymark.node.resolve;

import org.waymark.wire.AnswerSource;

/**
 * An answer on its way to a client: what was found, and what differs from one answer to the next. Immutable.
 *
 * @param stale what lies below was away, and the answer is older than its life allows (RFC 8767)
 * @param chain the prefix records above the answer, as an encoded {@code AnswerChain}; empty where none come along. Nobody changes it
 */
public record Answer(StoredAnswer content, AnswerSource source, boolean stale, byte[] chain) {

    private static final byte[] NO_CHAIN = {};

    /** An answer that comes by itself. */
    public Answer(StoredAnswer content, AnswerSource source, boolean stale) {
        this(content, source, stale, NO_CHAIN);
    }

    /** The same, with the prefix records above it. */
    Answer withChain(byte[] encoded) {
        return new Answer(content, source, stale, encoded);
    }

    public static Answer of(StoredAnswer content, AnswerSource source) {
        return new Answer(content, source, false);
    }
}
