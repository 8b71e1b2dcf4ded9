package org.waymark.bench.load;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.waymark.wire.AnswerSource;

/** Counts what comes back on all connections of one load. Written by the event loop; the counts may be read from any thread. */
final class Tally {

    private static final long LONGEST_NANOS = 60_000_000_000L;

    private final LongAdder answers = new LongAdder();
    private final LongAdder[] bySource = new LongAdder[AnswerSource.values().length + 1];
    private final int[] uncounted = new int[bySource.length];
    private final Histogram latencies = new Histogram(LONGEST_NANOS, 3);
    private volatile boolean recording;

    Tally() {
        Arrays.setAll(bySource, i -> new LongAdder());
    }

    /**
     * A node answered from there; counted with the next {@link #answered}.
     *
     * @param source the code of an {@link AnswerSource}
     */
    void from(int source) {
        uncounted[source]++;
    }

    /** Counts what one read brought. */
    void answered(int count) {
        answers.add(count);
        for (int source = 0; source < uncounted.length; source++) {
            if (uncounted[source] > 0) {
                bySource[source].add(uncounted[source]);
                uncounted[source] = 0;
            }
        }
    }

    /**
     * A call was answered as a whole.
     *
     * @param dueAt when it was due, by {@link System#nanoTime}; it may have been sent later
     */
    void finished(long dueAt) {
        if (recording) {
            latencies.recordValue(Math.min(LONGEST_NANOS, Math.max(0, System.nanoTime() - dueAt)));
        }
    }

    long answers() {
        return answers.sum();
    }

    long answersFrom(AnswerSource source) {
        return bySource[source.code()].sum();
    }

    /** From now on, latencies are recorded. */
    void record() {
        recording = true;
    }

    /** Ends the recording. Call when the load has ended: the event loop writes without a lock. */
    Histogram latencies() {
        recording = false;
        return latencies;
    }
}
