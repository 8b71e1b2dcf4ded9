package org.waymark.node.cache;

/**
 * What the near cache keeps with a key. Immutable; nobody changes the payload's bytes.
 *
 * @param outcome the number of an {@code Outcome}
 * @param refreshAt UTC epoch milliseconds from which it should be read anew
 * @param generation number of the owner's {@link PrefixGenerations.Generation}
 */
record CachedAnswer(
        int outcome, long sequence, long expiresAt, long refreshAt, long trustEpoch, int generation, byte[] payload) {}
