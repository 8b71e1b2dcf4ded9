package org.waymark.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.load.Load;
import org.waymark.bench.load.LoadGenerator;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Figure;
import org.waymark.bench.measure.Series;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.NodeProcess;

/** Start, memory and disk of a node over many records, with its default settings but for the near cache's size. */
final class Footprint {

    private static final String NEAR_CACHE = "256MiB";
    private static final double GIB = 1L << 30;
    private static final long MEMORY_LOAD_MILLIS = 8_000;

    private final Run run;
    private final Dataset dataset;

    Footprint(Run run) throws IOException, InterruptedException {
        this.run = run;
        this.dataset = run.largeDataset();
    }

    void run() throws Exception {
        String with = ", " + dataset.count() + " records";
        start("ready after its start" + with);
        memory("resident memory, near cache of " + NEAR_CACHE + ", under load" + with);
        disk("registry on disk / records" + with);
    }

    private NodeProcess node() throws IOException {
        return NodeProcess.start(
                run.checkout,
                dataset.nodeDirectory(),
                dataset.anchor(),
                "1g",
                Map.of("nearCache.maxBytes", NEAR_CACHE));
    }

    private void start(String name) throws Exception {
        Target target = Target.atMost(1.5, 1);
        run.attempt(name, target, () -> {
            List<Double> seconds = new ArrayList<>();
            for (int i = 0; i < run.plan.repeats(); i++) {
                try (NodeProcess node = node()) {
                    seconds.add(node.startSeconds());
                }
            }
            run.figure(new Figure(name, "s", new Series(seconds), target, "from the launcher's start, JVM included"));
        });
    }

    private void memory(String name) throws Exception {
        Target target = Target.atMost(1.2, 0.9);
        run.attempt(name, target, () -> {
            List<Double> resident = new ArrayList<>();
            try (NodeProcess node = node();
                    LoadGenerator generator = new LoadGenerator(dataset.keys());
                    Load load = generator.resolve(
                            node.address(), Shape.closed(16, 64), KeySequence.uniform(dataset.count(), 4))) {
                for (int i = 0; i < run.plan.repeats(); i++) {
                    TimeUnit.MILLISECONDS.sleep(MEMORY_LOAD_MILLIS / run.plan.repeats());
                    load.answers();
                    resident.add(node.residentBytes() / GIB);
                }
            }
            // The last one: it only grows.
            double last = resident.get(resident.size() - 1);
            run.figure(
                    new Figure(name, "GiB", new Series(List.of(last)), target, "16x64, uniform; heap at most 1 GiB"));
        });
    }

    private void disk(String name) throws Exception {
        Target target = Target.atMost(1.3, 1.0);
        run.attempt(name, target, () -> {
            long bytes = bytes(dataset.nodeDirectory().resolve("registry"));
            double records = dataset.recordBytes();
            run.figure(new Figure(
                    name,
                    "times",
                    new Series(List.of(bytes / records)),
                    target,
                    String.format(
                            Locale.ROOT,
                            "%.0f bytes a record of %.0f",
                            (double) bytes / dataset.count(),
                            records / dataset.count())));
        });
    }

    /** Of RocksDB's files, without the native library that it keeps beside them. */
    private static long bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".so"))
                    .mapToLong(Footprint::size)
                    .sum();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
