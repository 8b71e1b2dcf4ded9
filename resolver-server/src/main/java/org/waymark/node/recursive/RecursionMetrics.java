package org.waymark.node.recursive;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.waymark.node.metrics.NodeMetrics;

/** What is counted of look-ups for others. Safe for use by many threads. */
final class RecursionMetrics {

    /** Where an answer came from. */
    enum Result {
        /** It was kept, and its life lasts. */
        KEPT,
        /** From other nodes. */
        ASKED,
        /** It was kept, its life is over, and nothing better could be had in time. */
        STALE,
        /** There was none: other nodes gave none, or one that does not verify. */
        FAILED,
        /** There was none: over a limit. */
        LIMITED
    }

    private final Map<Result, LongAdder> answers = new EnumMap<>(Result.class);
    private final LongAdder walks = new LongAdder();
    private final LongAdder pauses = new LongAdder();

    RecursionMetrics(NodeMetrics metrics) {
        for (Result result : Result.values()) {
            LongAdder count = new LongAdder();
            answers.put(result, count);
            metrics.count(
                    "waymark.recursion.answers",
                    "Look-ups of what is not served here, by where the answer came from",
                    count::sum,
                    "result",
                    result.name().toLowerCase(Locale.ROOT));
        }
        metrics.count("waymark.recursion.walks", "Look-ups that were begun at other nodes", walks::sum);
        metrics.count("waymark.recursion.pauses", "Times that a node which gave no answer was left alone", pauses::sum);
    }

    static void show(NodeMetrics metrics, LongSupplier underWay, LongSupplier entries, LongSupplier bytes) {
        metrics.gauge("waymark.recursion.in.flight", "Look-ups under way at other nodes", underWay::getAsLong);
        metrics.gauge("waymark.recursion.cache.entries", "Answers of other nodes that are kept", entries::getAsLong);
        metrics.gauge("waymark.recursion.cache.bytes", "What these take, about", bytes::getAsLong);
    }

    void answered(Result result) {
        answers.get(result).increment();
    }

    void walkBegan() {
        walks.increment();
    }

    void pauseBegan() {
        pauses.increment();
    }
}
