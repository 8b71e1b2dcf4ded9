package org.waymark.bench;

import org.waymark.bench.measure.Stopwatch;

/**
 * How much a run does.
 *
 * @param keys records in every store
 * @param repeats turns of each comparison
 * @param warmUpCpuSeconds that a server has to have worked before it is measured
 * @param largeRecords of the node whose start, memory and disk are measured
 * @param importRows of an import
 * @param importRepeats imports with each suite
 */
record Plan(
        int keys,
        int repeats,
        Stopwatch stopwatch,
        double warmUpCpuSeconds,
        int largeRecords,
        int importRows,
        int importRepeats) {

    static final Plan FULL = new Plan(1_000_000, 5, new Stopwatch(1_000, 4_000), 20, 1_000_000, 1_000_000, 3);

    static final Plan QUICK = new Plan(200_000, 3, new Stopwatch(250, 1_000), 4, 200_000, 200_000, 1);

    /** The same with another number of records where many are wanted. */
    Plan withLarge(int records) {
        return new Plan(keys, repeats, stopwatch, warmUpCpuSeconds, records, records, 1);
    }
}
