package org.waymark.node.metrics;

import java.util.concurrent.atomic.LongAdder;

/**
 * How long things took. Buckets lie {@value #PER_OCTAVE} to a power of two nanoseconds, from a microsecond to half a minute, so a
 * percentile is off by at most a {@value #PER_OCTAVE}th of itself; what is quicker or slower falls into the first or the last
 * bucket. Safe for use by many threads; adding takes no lock.
 */
public final class LatencyHistogram {

    /** Buckets in each power of two. */
    public static final int PER_OCTAVE = 16;

    private static final int SUB_BITS = 4;
    /** Buckets begin at 2^10 nanoseconds: what is quicker falls into the first. */
    private static final int FIRST_OCTAVE = 10;

    private static final int OCTAVES = 26;
    static final int BUCKETS = OCTAVES * PER_OCTAVE;

    private final LongAdder[] counts = new LongAdder[BUCKETS];
    private final LongAdder nanos = new LongAdder();

    public LatencyHistogram() {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] = new LongAdder();
        }
    }

    /** So many things took so long each. */
    public void record(long nanosEach, int count) {
        counts[bucket(nanosEach)].add(count);
        nanos.add(Math.max(0, nanosEach) * count);
    }

    static int bucket(long nanos) {
        if (nanos < 1L << FIRST_OCTAVE) {
            return 0;
        }
        int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos);
        int sub = (int) (nanos >>> octave - SUB_BITS) & PER_OCTAVE - 1;
        return Math.min(BUCKETS - 1, (octave - FIRST_OCTAVE) * PER_OCTAVE + sub);
    }

    /** What falls into a bucket is quicker than this. */
    static long upperNanos(int bucket) {
        int octave = bucket / PER_OCTAVE + FIRST_OCTAVE;
        return (1L << octave) + (bucket % PER_OCTAVE + 1L << octave - SUB_BITS);
    }

    /** What was recorded up to now. */
    public Latencies snapshot() {
        long[] buckets = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = counts[i].sum();
        }
        return new Latencies(buckets, nanos.sum());
    }
}
