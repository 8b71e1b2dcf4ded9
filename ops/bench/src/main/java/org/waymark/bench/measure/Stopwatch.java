package org.waymark.bench.measure;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.waymark.bench.load.Load;
import org.waymark.bench.peer.ServerProcess;

/**
 * Measures a load that runs.
 *
 * @param rampMillis how long the load runs before counting starts
 * @param windowMillis how long is counted
 */
public record Stopwatch(long rampMillis, long windowMillis) {

    /** One moment's counters. */
    private record Reading(long nanos, long answers, double serverCpu, double ownCpu, double machineCpu) {

        static Reading take(Load load, List<ServerProcess> servers) throws IOException {
            double serverCpu = 0;
            for (ServerProcess server : servers) {
                serverCpu += server.cpuSeconds();
            }
            return new Reading(
                    System.nanoTime(),
                    load.answers(),
                    serverCpu,
                    CpuTime.ofProcess(ProcessHandle.current().pid()),
                    CpuTime.ofMachine());
        }

        Window until(Reading end) {
            double server = end.serverCpu - serverCpu;
            return new Window(
                    end.answers - answers,
                    (end.nanos - nanos) / 1e9,
                    server,
                    end.machineCpu - machineCpu - server - (end.ownCpu - ownCpu));
        }
    }

    /**
     * Lets the load run, counts, and ends it.
     *
     * @param servers all processes whose CPU time is counted
     */
    public Window measure(Load load, List<ServerProcess> servers) throws IOException, InterruptedException {
        try (load) {
            TimeUnit.MILLISECONDS.sleep(rampMillis);
            Reading start = Reading.take(load, servers);
            TimeUnit.MILLISECONDS.sleep(windowMillis);
            return start.until(Reading.take(load, servers));
        }
    }
}
