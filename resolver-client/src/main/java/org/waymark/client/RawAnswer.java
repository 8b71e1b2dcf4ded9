package org.waymark.client;

import com.google.protobuf.ByteString;
import java.util.List;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

/**
 * An answer as it came off the wire: nothing about it is verified. Immutable.
 *
 * @param source where the node found it
 * @param stale what lies below the node was away, and the answer is older than its life allows (RFC 8767)
 * @param lifeMillis how long it may still be kept, from its arrival; 0: not at all
 * @param sequence for an authoritative answer the registry's sequence number as of the read, else -1
 * @param payload what {@code resolver.proto} says for the outcome, without the sequence number
 * @param chain prefix records that came along, the longest prefix first; empty where none were asked for
 * @param node which node answered, as {@code host:port}
 */
public record RawAnswer(
        Outcome outcome,
        AnswerSource source,
        boolean stale,
        long lifeMillis,
        long sequence,
        ByteString payload,
        List<Companion> chain,
        String node) {

    /** What {@link #sequence} is where the answer is not authoritative. */
    public static final long NO_SEQUENCE = -1;

    /**
     * A prefix record that came along with an answer.
     *
     * @param record an encoded {@code SignedRecord}, as the node sent it
     * @param lifeMillis how long it may still be kept, from its arrival; 0: not at all
     */
    public record Companion(ByteString record, long lifeMillis) {}

    public RawAnswer {
        chain = List.copyOf(chain);
    }

    RawAnswer from(String answering) {
        return new RawAnswer(outcome, source, stale, lifeMillis, sequence, payload, chain, answering);
    }
}
