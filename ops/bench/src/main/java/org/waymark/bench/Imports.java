package org.waymark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.ImportFile;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.data.Parties;
import org.waymark.bench.data.Parts;
import org.waymark.bench.data.SampleRow;
import org.waymark.bench.load.Load;
import org.waymark.bench.load.LoadGenerator;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.CpuTime;
import org.waymark.bench.measure.Figure;
import org.waymark.bench.measure.Series;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.ImportProcess;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.Registry;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.KeyFile;
import org.waymark.trust.Suite;

/** {@code waymark import} against a node, each a process with its default settings. */
final class Imports {

    private static final int KNOWN_RECORDS = 20_000;
    private static final int BATCH = 1_000;
    /** How long an import runs before look-ups are timed, so that both of its sides are compiled. */
    private static final long IMPORT_RAMP_MILLIS = 5_000;

    private static final Shape ONE_AT_A_TIME = Shape.closed(1, 1);

    private final Run run;
    /** All of the one manufacturer whose parts are imported. */
    private final List<SampleRow> shapes;

    private final Prefix owner;

    Imports(Run run) {
        this.run = run;
        this.owner = run.shapes.get(0).owner();
        this.shapes =
                run.shapes.stream().filter(row -> row.owner().equals(owner)).toList();
    }

    void run() throws Exception {
        Path file = Files.createDirectories(run.scratch("import")).resolve("rows.csv");
        ImportFile.write(file, shapes, 0, run.plan.importRows());
        whole(Suite.ED25519, file, Target.atLeast(40_000, 80_000), Target.atLeast(20_000, 40_000));
        whole(Suite.SM2, file, Target.atLeast(25_000, 50_000), Target.atLeast(12_500, 25_000));
        String lookUps = "look-up p99 during an import / without one, 1x1";
        run.attempt(lookUps, Target.atMost(5, 2), () -> lookUps(lookUps, file));
    }

    private record Outcome(double perSecond, double perCpuSecond, double nodeCpu, double commandCpu) {}

    private void whole(Suite suite, Path file, Target perSecond, Target perCpuSecond) throws Exception {
        String name = "import, " + suite.name().toLowerCase(Locale.ROOT) + ", " + run.plan.importRows() + " rows";
        run.attempt(name, perSecond, () -> {
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < run.plan.importRepeats(); i++) {
                outcomes.add(importOnce(suite, file));
            }
            run.figure(new Figure(
                    name,
                    "rows/s",
                    new Series(outcomes.stream().map(Outcome::perSecond).toList()),
                    perSecond,
                    ""));
            run.figure(new Figure(
                    name + ", by CPU time",
                    "rows per CPU-second of both",
                    new Series(outcomes.stream().map(Outcome::perCpuSecond).toList()),
                    perCpuSecond,
                    String.format(
                            Locale.ROOT,
                            "CPU time a row: node %.1f us, command %.1f us",
                            new Series(outcomes.stream().map(Outcome::nodeCpu).toList()).median(),
                            new Series(outcomes.stream()
                                            .map(Outcome::commandCpu)
                                            .toList())
                                    .median())));
        });
    }

    private Outcome importOnce(Suite suite, Path file) throws IOException, InterruptedException {
        Parties parties = new Parties(shapes, suite);
        Path directory = run.scratch("import-node");
        Dataset.openWithPrefixes(directory, parties).close();
        try (NodeProcess node = NodeProcess.start(run.checkout, directory, parties.anchor(), "1g", Map.of())) {
            double nodeCpu = node.cpuSeconds();
            double childrenCpu = CpuTime.ofEndedChildren();
            long start = System.nanoTime();
            try (ImportProcess importing = importing(parties, file, node)) {
                importing.finish();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            nodeCpu = node.cpuSeconds() - nodeCpu;
            double commandCpu = CpuTime.ofEndedChildren() - childrenCpu;
            double rows = run.plan.importRows();
            return new Outcome(
                    rows / seconds, rows / (nodeCpu + commandCpu), 1e6 * nodeCpu / rows, 1e6 * commandCpu / rows);
        }
    }

    private ImportProcess importing(Parties parties, Path file, NodeProcess node) throws IOException {
        Path keyFile = run.scratch("import-key.pem");
        KeyFile.writePrivate(keyFile, parties.key(owner));
        return ImportProcess.start(run.checkout, file, owner, keyFile, node.address());
    }

    /** One look-up at a time of what is in the near cache, while nothing else goes on, and while an import runs as fast as it can. */
    private void lookUps(String name, Path file) throws Exception {
        Parties parties = new Parties(shapes, Suite.ED25519);
        Path directory = run.scratch("import-node");
        List<byte[]> known = new ArrayList<>();
        try (Registry registry = Dataset.openWithPrefixes(directory, parties)) {
            // Numbers above those of the file.
            Parts parts = new Parts(shapes, parties, run.plan.importRows());
            for (int made = 0; made < KNOWN_RECORDS; made += BATCH) {
                List<IdentifierRecord> records = parts.next(BATCH, 64);
                records.forEach(record -> known.add(record.encoded().toByteArray()));
                Dataset.commit(registry, records);
            }
        }
        KeyTable keys = KeyTable.of(known);
        KeySequence sequence = KeySequence.uniform(keys.size(), 3);
        List<Double> ratios = new ArrayList<>();
        List<Double> alone = new ArrayList<>();
        List<Double> meanwhile = new ArrayList<>();
        try (LoadGenerator generator = new LoadGenerator(keys);
                NodeProcess node = NodeProcess.start(run.checkout, directory, parties.anchor(), "1g", Map.of())) {
            try (Load all =
                    generator.resolveMany(node.address(), ONE_AT_A_TIME, KeySequence.inOrder(keys.size()), BATCH)) {
                while (all.answers() < 2L * keys.size()) {
                    TimeUnit.MILLISECONDS.sleep(20);
                }
            }
            run.work(node, generator.resolve(node.address(), Shape.closed(4, 4), sequence));
            double before = p99(generator.resolve(node.address(), ONE_AT_A_TIME, sequence));
            try (ImportProcess importing = importing(parties, file, node)) {
                TimeUnit.MILLISECONDS.sleep(IMPORT_RAMP_MILLIS);
                for (int i = 0; i < run.plan.repeats() && importing.isRunning(); i++) {
                    double during = p99(generator.resolve(node.address(), ONE_AT_A_TIME, sequence));
                    if (importing.isRunning()) {
                        alone.add(before);
                        meanwhile.add(during);
                        ratios.add(during / before);
                    }
                }
            }
        }
        if (ratios.isEmpty()) {
            throw new IllegalStateException("the import was over before look-ups were timed; give it more rows");
        }
        run.figure(new Figure(
                name,
                "times",
                new Series(ratios),
                Target.atMost(5, 2),
                String.format(
                        Locale.ROOT,
                        "p99 %.0f us alone, %.0f us with the import",
                        new Series(alone).median(),
                        new Series(meanwhile).median())));
    }

    /** In microseconds. */
    private double p99(Load load) throws InterruptedException {
        try (load) {
            TimeUnit.MILLISECONDS.sleep(run.plan.stopwatch().rampMillis());
            load.recordLatencies();
            TimeUnit.MILLISECONDS.sleep(run.plan.stopwatch().windowMillis());
            Histogram nanos = load.latencies();
            return nanos.getValueAtPercentile(99) / 1e3;
        }
    }
}
