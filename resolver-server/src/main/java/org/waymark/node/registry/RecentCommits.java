package org.waymark.node.registry;

import org.waymark.record.RecordKey;

/**
 * Tells of most records that were not committed lately that they were not, so that what was read of them before still holds and need not
 * be read again. Records share places: of some it can't be told. Not safe for use by many threads.
 */
final class RecentCommits {

    private static final int PLACE_BITS = 18;
    /** Spreads hash codes of texts that differ in a digit. */
    private static final int SPREAD = 0x9E3779B9;

    /** The last commit of any record with this place; 0: none since the registry was opened. */
    private final long[] last = new long[1 << PLACE_BITS];

    /** A record is committed under this number, which is above those before. */
    void note(RecordKey key, long sequence) {
        last[place(key)] = sequence;
    }

    /**
     * True where the record was surely not committed after this number. False says nothing.
     *
     * @param sequence of a commit that was visible since the registry was opened
     */
    boolean isUnchangedSince(long sequence, RecordKey key) {
        return last[place(key)] <= sequence;
    }

    private static int place(RecordKey key) {
        return key.hashCode() * SPREAD >>> Integer.SIZE - PLACE_BITS;
    }
}
