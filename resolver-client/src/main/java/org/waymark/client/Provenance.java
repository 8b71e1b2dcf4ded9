package org.waymark.client;

import java.time.Duration;
import org.waymark.wire.AnswerSource;

/**
 * Where an answer came from. The node says so; none of it is signed. Immutable.
 *
 * @param source where the node found it
 * @param ownCache true where this client had it, so that no node was asked
 * @param stale what lies below the node was away, and the answer is older than its life allows (RFC 8767)
 * @param remainingLife how long the answer may still be kept; zero: not at all
 * @param sequence for an authoritative answer the registry's sequence number as of the read, else -1
 * @param timeTaken from the call to the verified answer
 */
public record Provenance(
        AnswerSource source,
        boolean ownCache,
        boolean stale,
        Duration remainingLife,
        long sequence,
        Duration timeTaken) {}
