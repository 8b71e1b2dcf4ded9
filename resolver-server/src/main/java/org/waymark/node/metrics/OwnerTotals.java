package org.waymark.node.metrics;

/**
 * What was answered for one prefix since the node started.
 *
 * @param successes answers with a record: RECORD, RECORD_REVOKED and REFERRAL
 * @param nanos all latencies together
 * @param leastNanos the shortest latency since {@link NodeMetrics#beginWindow}; -1 where nothing was answered since
 * @param mostNanos the longest one
 */
public record OwnerTotals(long answers, long successes, long nanos, long leastNanos, long mostNanos) {

    /** Nothing. */
    public static final OwnerTotals NONE = new OwnerTotals(0, 0, 0, -1, -1);

    OwnerTotals plus(OwnerTotals other) {
        return new OwnerTotals(
                answers + other.answers,
                successes + other.successes,
                nanos + other.nanos,
                leastNanos < 0 || other.leastNanos < 0
                        ? Math.max(leastNanos, other.leastNanos)
                        : Math.min(leastNanos, other.leastNanos),
                Math.max(mostNanos, other.mostNanos));
    }
}
