package org.waymark.node.metrics;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Shows histograms of one name to Prometheus, with buckets that end at powers of two nanoseconds: 2 microseconds, 4, 8, and so on up
 * to half a minute. The finer buckets are for the console and the reports.
 */
final class LatencyMeter implements Collector {

    private static final int FIRST_OCTAVE_SHOWN = 1;
    private static final double NANOS = 1e9;

    private final String name;
    private final String description;
    private final Map<Labels, LatencyHistogram> histograms = new LinkedHashMap<>();

    LatencyMeter(String name, String description) {
        this.name = name;
        this.description = description;
    }

    /** The histogram with these labels, made where there is none. */
    synchronized LatencyHistogram histogram(String... labels) {
        return histograms.computeIfAbsent(Labels.of(labels), made -> new LatencyHistogram());
    }

    @Override
    public synchronized MetricSnapshot collect() {
        HistogramSnapshot.Builder all = HistogramSnapshot.builder().name(name).help(description);
        histograms.forEach((labels, histogram) -> {
            Latencies latencies = histogram.snapshot();
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            long below = 0;
            int octaves = LatencyHistogram.BUCKETS / LatencyHistogram.PER_OCTAVE;
            for (int octave = FIRST_OCTAVE_SHOWN; octave < octaves; octave++) {
                int end = octave * LatencyHistogram.PER_OCTAVE;
                long quicker = latencies.countBefore(end);
                buckets.bucket(LatencyHistogram.upperNanos(end - 1) / NANOS, quicker - below);
                below = quicker;
            }
            buckets.bucket(Double.POSITIVE_INFINITY, latencies.count() - below);
            all.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                    .labels(labels)
                    .classicHistogramBuckets(buckets.build())
                    .sum(latencies.nanos() / NANOS)
                    .build());
        });
        return all.build();
    }

    @Override
    public MetricFamilyDescriptor getMetricFamilyDescriptor() {
        return MetricFamilyDescriptor.histogram(name).help(description).build();
    }
}
