package org.waymark.bench;

import org.waymark.bench.measure.Stopwatch;

/**
 * How much a run does.
 *
 * @param keys records in every store
 * @param repeats turns of each comparison
 * @param warmUpCpuSeconds that a server has to have worked before it is measured
 */
record Plan(int keys, int repeats, Stopwatch stopwatch, double warmUpCpuSeconds) {

    static final Plan FULL = new Plan(1_000_000, 5, new Stopwatch(1_000, 4_000), 20);

    static final Plan QUICK = new Plan(200_000, 3, new Stopwatch(400, 1_500), 6);
}
