package org.waymark.node.metrics;

import java.util.Arrays;

/**
 * Latencies that were recorded: how many fell into each bucket of a {@link LatencyHistogram}. Nobody changes the array.
 *
 * @param nanos all of them together
 */
public record Latencies(long[] buckets, long nanos) {

    /** None. */
    public static final Latencies NONE = new Latencies(new long[LatencyHistogram.BUCKETS], 0);

    /** How many there are. */
    public long count() {
        return Arrays.stream(buckets).sum();
    }

    /** Nanoseconds, 0 where there are none. */
    public double meanNanos() {
        long count = count();
        return count == 0 ? 0 : (double) nanos / count;
    }

    /**
     * Nanoseconds that this share of them did not exceed, 0 where there are none: the upper end of the bucket that it lies in.
     *
     * @param share 0 to 1: 0.99 for the 99th percentile
     */
    public long percentileNanos(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * count()));
        long seen = 0;
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i];
            if (seen >= wanted) {
                return LatencyHistogram.upperNanos(i);
            }
        }
        return 0;
    }

    /** Nanoseconds that all of them took at least, 0 where there are none: the lower end of the first bucket that is not empty. */
    public long leastNanos() {
        for (int i = 0; i < buckets.length; i++) {
            if (buckets[i] > 0) {
                return i == 0 ? 0 : LatencyHistogram.upperNanos(i - 1);
            }
        }
        return 0;
    }

    /** How many lie in the buckets before this one. */
    long countBefore(int bucket) {
        long count = 0;
        for (int i = 0; i < bucket; i++) {
            count += buckets[i];
        }
        return count;
    }

    /** These and others. */
    public Latencies plus(Latencies others) {
        return combine(others, 1);
    }

    /** These without those that were recorded before. */
    public Latencies since(Latencies before) {
        return combine(before, -1);
    }

    private Latencies combine(Latencies others, int sign) {
        long[] sums = new long[buckets.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = buckets[i] + sign * others.buckets[i];
        }
        return new Latencies(sums, nanos + sign * others.nanos);
    }
}
