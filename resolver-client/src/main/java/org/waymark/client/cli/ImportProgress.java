package org.waymark.client.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.waymark.client.bulk.BulkCounts;

/**
 * Shows how far an import is: a bar on a terminal, a line now and then elsewhere. The share that is done is that of the file's bytes,
 * since nobody knows the number of its rows before the end.
 */
abstract class ImportProgress implements AutoCloseable {

    private static final long MEBIBYTE = 1 << 20;
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final long start = System.nanoTime();
    private long rowsAtStart = -1;

    /** The one that fits to where the errors go. */
    static ImportProgress on(PrintWriter err, boolean isTerminal, long fileBytes, LongSupplier bytesRead) {
        return isTerminal ? new Bar(fileBytes, bytesRead) : new Lines(err, fileBytes, bytesRead);
    }

    /** Shows nothing before the first call. One thread at a time. */
    final void show(BulkCounts counts, long ofThisBatch) {
        if (rowsAtStart < 0) {
            rowsAtStart = counts.rows() - ofThisBatch;
        }
        show(counts);
    }

    abstract void show(BulkCounts counts);

    @Override
    public abstract void close();

    final double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Rows of this run a second. */
    final String rate(BulkCounts counts) {
        return String.format(Locale.ROOT, "%,.0f rows/s", (counts.rows() - Math.max(rowsAtStart, 0)) / seconds());
    }

    private static final class Bar extends ImportProgress {

        private final ProgressBar bar;
        private final LongSupplier bytesRead;

        Bar(long fileBytes, LongSupplier bytesRead) {
            this.bytesRead = bytesRead;
            this.bar = new ProgressBarBuilder()
                    .setTaskName("import")
                    .setInitialMax(fileBytes)
                    .setUnit(" MiB", MEBIBYTE)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(500)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .build();
        }

        @Override
        void show(BulkCounts counts) {
            bar.stepTo(bytesRead.getAsLong());
            bar.setExtraMessage(String.format(Locale.ROOT, "%,d rows, %s", counts.rows(), rate(counts)));
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    private static final class Lines extends ImportProgress {

        private final PrintWriter err;
        private final long fileBytes;
        private final LongSupplier bytesRead;
        private double nextAt = PAUSE.toSeconds();

        Lines(PrintWriter err, long fileBytes, LongSupplier bytesRead) {
            this.err = err;
            this.fileBytes = fileBytes;
            this.bytesRead = bytesRead;
        }

        @Override
        void show(BulkCounts counts) {
            if (seconds() < nextAt) {
                return;
            }
            nextAt = seconds() + PAUSE.toSeconds();
            double share = Math.min(1, (double) bytesRead.getAsLong() / Math.max(1, fileBytes));
            long left = Math.round(seconds() * (1 - share) / Math.max(share, 1e-9));
            err.printf(
                    Locale.ROOT,
                    "%,d rows, %.0f %%, %s, %d:%02d left%n",
                    counts.rows(),
                    100 * share,
                    rate(counts),
                    left / 60,
                    left % 60);
        }

        @Override
        public void close() {
            err.flush();
        }
    }
}
