package org.waymark.client;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import org.waymark.identifier.Prefix;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.Outcome;

/**
 * An answer as the node sent it, verified, for whoever passes it on. Immutable.
 *
 * @param payload what {@code resolver.proto} says for the outcome, byte for byte
 * @param stale what lies below the node was away, and the answer is older than its life allows (RFC 8767)
 * @param lifeMillis how long it may still be kept, as the node, the record and those above it allow; 0: not at all
 * @param sequence for an authoritative answer the registry's sequence number as of the read, else -1
 * @param chain prefix records from the anchor's to that of the prefix that stands behind the answer; empty where none does
 */
public record VerifiedAnswer(
        Outcome outcome, ByteString payload, boolean stale, long lifeMillis, long sequence, List<Link> chain) {

    /**
     * A prefix record that the answer was verified with.
     *
     * @param lifeMillis how long it may still be kept; 0: not at all
     */
    public record Link(PrefixRecord prefix, long lifeMillis) {}

    public VerifiedAnswer {
        chain = List.copyOf(chain);
    }

    /** The prefix that stands behind the answer; empty where none does. */
    public Optional<Prefix> owner() {
        return chain.isEmpty()
                ? Optional.empty()
                : Optional.of(chain.get(chain.size() - 1).prefix().prefix());
    }
}
