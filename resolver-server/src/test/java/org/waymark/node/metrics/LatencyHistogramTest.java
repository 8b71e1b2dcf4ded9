package org.waymark.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {

    @Property
    void aPercentileIsOffByAtMostASixteenth(@ForAll @LongRange(min = 1_024, max = 30_000_000_000L) long nanos) {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(nanos, 1);

        long percentile = histogram.snapshot().percentileNanos(0.5);

        assertThat(percentile).isBetween(nanos + 1, nanos + nanos / LatencyHistogram.PER_OCTAVE + 1);
    }

    @Property
    void bucketsFollowEachOtherWithoutGaps(@ForAll @IntRange(min = 0, max = LatencyHistogram.BUCKETS - 2) int bucket) {
        long upper = LatencyHistogram.upperNanos(bucket);

        assertThat(LatencyHistogram.bucket(upper - 1)).isEqualTo(bucket);
        assertThat(LatencyHistogram.bucket(upper)).isEqualTo(bucket + 1);
    }

    @Test
    void whatIsTooQuickOrTooSlowIsCountedToo() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(-5, 1);
        histogram.record(0, 1);
        histogram.record(Long.MAX_VALUE / 4, 1);

        assertThat(histogram.snapshot().count()).isEqualTo(3);
    }

    @Test
    void percentilesAreThoseOfManyValues() {
        LatencyHistogram histogram = new LatencyHistogram();
        for (int i = 1; i <= 1_000; i++) {
            histogram.record(i * 1_000_000L, 1);
        }
        Latencies latencies = histogram.snapshot();

        assertThat(latencies.percentileNanos(0.5)).isBetween(500_000_000L, 532_000_000L);
        assertThat(latencies.percentileNanos(0.99)).isBetween(990_000_000L, 1_052_000_000L);
        assertThat(latencies.meanNanos()).isEqualTo(500_500_000.0);
    }

    @Test
    void betweenTwoLooksOnlyWhatCameSinceCounts() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.record(5_000, 7);
        Latencies before = histogram.snapshot();
        histogram.record(9_000, 2);

        Latencies since = histogram.snapshot().since(before);

        assertThat(since.count()).isEqualTo(2);
        assertThat(since.nanos()).isEqualTo(18_000);
    }
}
