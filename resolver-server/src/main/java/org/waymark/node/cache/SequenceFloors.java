package org.waymark.node.cache;

import java.util.concurrent.atomic.AtomicLongArray;
import org.waymark.record.RecordKey;

/**
 * As of which sequence number this node has last answered, or written, past Redis. A cached answer below its key's floor could be
 * older than what a client of this node has seen, unless everything up to the floor has been published since.
 *
 * <p>Keys share {@value #STRIPES} floors by hash, so the memory is fixed; a key that shares a floor with a busier one is asked from
 * the registry a little more often. Safe for use by many threads, without locks.
 */
public final class SequenceFloors {

    private static final int STRIPES = 65_536;

    private final AtomicLongArray floors = new AtomicLongArray(STRIPES);

    /**
     * @param initial where all floors start: the registry's last number where this process could have answered before
     */
    public SequenceFloors(long initial) {
        for (int i = 0; i < STRIPES; i++) {
            floors.setPlain(i, initial);
        }
    }

    /** This node has answered the key as of this number, or written it under this number. */
    public void raise(RecordKey key, long sequence) {
        floors.accumulateAndGet(stripe(key), sequence, Math::max);
    }

    /**
     * True where an answer as of this number can't be older than what this node has shown.
     *
     * @param published everything up to this number is in Redis
     */
    public boolean admits(RecordKey key, long sequence, long published) {
        long floor = floors.get(stripe(key));
        return sequence >= floor || published >= floor;
    }

    private static int stripe(RecordKey key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash >>> 16;
    }
}
