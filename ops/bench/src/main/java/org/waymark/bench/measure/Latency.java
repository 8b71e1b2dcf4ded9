package org.waymark.bench.measure;

import org.HdrHistogram.Histogram;

/**
 * Latencies of an open loop, from when a call was due, in microseconds.
 *
 * @param name of what was asked, and how
 */
public record Latency(String name, long calls, double p50, double p99, double p999, double max) {

    /** From a histogram in nanoseconds. */
    public static Latency of(String name, Histogram nanos) {
        return new Latency(
                name,
                nanos.getTotalCount(),
                nanos.getValueAtPercentile(50) / 1e3,
                nanos.getValueAtPercentile(99) / 1e3,
                nanos.getValueAtPercentile(99.9) / 1e3,
                nanos.getMaxValue() / 1e3);
    }
}
