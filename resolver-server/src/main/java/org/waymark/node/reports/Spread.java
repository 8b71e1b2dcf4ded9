package org.waymark.node.reports;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import java.util.Map;
import java.util.TreeMap;
import org.waymark.node.metrics.Latencies;
import org.waymark.node.metrics.LatencyHistogram;

/** How long things took in a day: the buckets of a {@link LatencyHistogram} that are not empty. For use by one thread at a time. */
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE)
final class Spread {

    private long nanos;
    private final Map<Integer, Long> buckets = new TreeMap<>();

    void add(Latencies latencies) {
        nanos += latencies.nanos();
        for (int i = 0; i < latencies.buckets().length; i++) {
            long count = latencies.buckets()[i];
            if (count > 0) {
                buckets.merge(i, count, Long::sum);
            }
        }
    }

    void add(Spread other) {
        add(other.latencies());
    }

    Latencies latencies() {
        long[] all = Latencies.NONE.buckets().clone();
        buckets.forEach((bucket, count) -> {
            if (bucket >= 0 && bucket < all.length) {
                all[bucket] = count;
            }
        });
        return new Latencies(all, nanos);
    }
}
