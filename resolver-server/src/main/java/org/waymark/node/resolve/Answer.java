package org.waymark.node.resolve;

import org.waymark.wire.AnswerSource;

/**
 * An answer on its way to a client: what was found, and what differs from one answer to the next. Immutable.
 *
 * @param stale what lies below was away, and the answer is older than its life allows (RFC 8767)
 */
public record Answer(StoredAnswer content, AnswerSource source, boolean stale) {

    public static Answer of(StoredAnswer content, AnswerSource source) {
        return new Answer(content, source, false);
    }
}
