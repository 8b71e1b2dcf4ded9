package org.waymark.client;

import java.time.Duration;
import java.util.Optional;
import org.waymark.identifier.Prefix;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.Outcome;

/**
 * One step of a resolution through the tree. Immutable.
 *
 * @param number from 1
 * @param prefix whose node was asked; empty for the nodes that the client was built with
 * @param node which node answered, as {@code host:port}; where none did, all that could have been asked
 * @param outcome what it answered; empty where it did not
 * @param referral the prefix record that it referred to, verified unless verification is off
 * @param timeTaken from the question to the answer, without its verification
 * @param failure why there was no answer, or why it is not good
 */
public record Hop(
        int number,
        Optional<Prefix> prefix,
        String node,
        Optional<Outcome> outcome,
        Optional<PrefixRecord> referral,
        Duration timeTaken,
        Optional<Throwable> failure) {}
