package org.waymark.bench.measure;

/**
 * What was counted in one stretch of time.
 *
 * @param answers right ones
 * @param seconds on the wall clock
 * @param serverCpuSeconds of all processes that belong to what was measured
 * @param backgroundCpuSeconds of everything on the machine but these and the load generator
 */
public record Window(long answers, double seconds, double serverCpuSeconds, double backgroundCpuSeconds) {

    /** Answers a second. */
    public double perSecond() {
        return answers / seconds;
    }

    /** Answers a CPU-second of the server. */
    public double perCpuSecond() {
        return answers / serverCpuSeconds;
    }

    /** Processors that the rest of the machine kept busy, on average. */
    public double backgroundCpus() {
        return Math.max(0, backgroundCpuSeconds / seconds);
    }
}
