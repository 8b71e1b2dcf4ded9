package org.waymark.bench.load;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;
import org.waymark.wire.AnswerSource;

/** A load that runs until it is closed. Safe for use by many threads. */
public final class Load implements AutoCloseable {

    private final List<Runnable> ends;
    private final Tally tally;
    private final CompletableFuture<Void> failure;

    /**
     * @param ends each ends one connection; once it returns, nothing is counted any more
     * @param failure completed with what went wrong
     */
    Load(List<Runnable> ends, Tally tally, CompletableFuture<Void> failure) {
        this.ends = ends;
        this.tally = tally;
        this.failure = failure;
    }

    /**
     * Right answers since the start.
     *
     * @throws IllegalStateException if an answer was wrong or a connection broke
     */
    public long answers() {
        requireHealthy();
        return tally.answers();
    }

    /** A node's answers since the start that came from there. */
    public long answersFrom(AnswerSource source) {
        return tally.answersFrom(source);
    }

    /** From now on, latencies are recorded. */
    public void recordLatencies() {
        tally.record();
    }

    private void requireHealthy() {
        if (failure.isCompletedExceptionally()) {
            throw new IllegalStateException("the load broke: "
                    + failure.handle((nothing, cause) -> cause).join());
        }
    }

    /** Ends the load; then gives what was recorded, in nanoseconds. */
    public Histogram latencies() {
        close();
        requireHealthy();
        return tally.latencies();
    }

    @Override
    public void close() {
        ends.forEach(Runnable::run);
    }
}
