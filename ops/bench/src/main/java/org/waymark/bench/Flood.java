package org.waymark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.data.Parties;
import org.waymark.bench.data.Parts;
import org.waymark.bench.data.UnknownNames;
import org.waymark.bench.load.Load;
import org.waymark.bench.load.LoadGenerator;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Figure;
import org.waymark.bench.measure.Series;
import org.waymark.bench.measure.Target;
import org.waymark.bench.measure.Window;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.Registry;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.KeyFile;

/** A flood of names that nobody has registered: what each costs a node that signs its denials, and what others notice of it. */
final class Flood {

    private static final int RECORDS = 20_000;
    private static final int BATCH = 1_000;
    private static final Shape FLOOD = Shape.closed(16, 64);
    private static final Shape ONE_AT_A_TIME = Shape.closed(1, 1);

    private final Run run;

    Flood(Run run) {
        this.run = run;
    }

    void run() throws Exception {
        Parties parties = new Parties(run.shapes);
        Prefix owner = run.shapes.get(0).owner();
        Path directory = run.scratch("flood");
        List<byte[]> records = new ArrayList<>();
        try (Registry registry = Dataset.openWithPrefixes(directory, parties)) {
            Parts parts = new Parts(run.shapes, parties);
            for (int made = 0; made < RECORDS; made += BATCH) {
                List<IdentifierRecord> batch = parts.next(BATCH, 64);
                batch.forEach(record -> records.add(record.encoded().toByteArray()));
                Dataset.commit(registry, batch);
            }
        }
        Path keyFile = run.scratch("flood-node.pem");
        Files.deleteIfExists(keyFile);
        KeyFile.writePrivate(keyFile, parties.nodeKey());
        UnknownNames names = new UnknownNames(owner);
        KeyTable keys = KeyTable.of(records);
        Map<String, String> settings = Map.of("protobuf.eventLoops", "1", "node.key", keyFile.toString());
        try (NodeProcess node = NodeProcess.start(run.checkout, directory, parties.anchor(), "1g", settings);
                LoadGenerator others = new LoadGenerator(keys)) {
            run.work(node, run.generator.unknownNames(node.address(), FLOOD, names));
            cost(node, names);
            KeySequence sequence = KeySequence.uniform(keys.size(), 6);
            run.work(node, others.resolve(node.address(), FLOOD, sequence));
            noticed(node, names, others, sequence);
        }
    }

    private void cost(NodeProcess node, UnknownNames names) throws Exception {
        String name = "names nobody registered, each denied with a signature, " + FLOOD;
        run.attempt(name, Target.REPORTED, () -> {
            List<Double> answers = new ArrayList<>();
            for (int i = 0; i < run.plan.repeats(); i++) {
                Window window = run.plan
                        .stopwatch()
                        .measure(run.generator.unknownNames(node.address(), FLOOD, names), List.of(node));
                answers.add(window.perCpuSecond());
            }
            run.figure(new Figure(
                    name, "answers a CPU-second", new Series(answers), Target.REPORTED, "none asked for before"));
        });
    }

    private void noticed(NodeProcess node, UnknownNames names, LoadGenerator others, KeySequence sequence)
            throws Exception {
        String name = "look-up p99 during a flood of names nobody registered / without one, 1x1";
        run.attempt(name, Target.REPORTED, () -> {
            double alone = p99(others.resolve(node.address(), ONE_AT_A_TIME, sequence));
            List<Double> ratios = new ArrayList<>();
            List<Double> meanwhile = new ArrayList<>();
            try (Load flood = run.generator.unknownNames(node.address(), FLOOD, names)) {
                for (int i = 0; i < run.plan.repeats(); i++) {
                    double during = p99(others.resolve(node.address(), ONE_AT_A_TIME, sequence));
                    flood.answers();
                    meanwhile.add(during);
                    ratios.add(during / alone);
                }
            }
            run.figure(new Figure(
                    name,
                    "times",
                    new Series(ratios),
                    Target.REPORTED,
                    String.format(
                            Locale.ROOT,
                            "p99 %.0f us alone, %.0f us with the flood",
                            alone,
                            new Series(meanwhile).median())));
        });
    }

    /** In microseconds. */
    private double p99(Load load) throws InterruptedException, IOException {
        try (load) {
            TimeUnit.MILLISECONDS.sleep(run.plan.stopwatch().rampMillis());
            load.recordLatencies();
            TimeUnit.MILLISECONDS.sleep(run.plan.stopwatch().windowMillis());
            return load.latencies().getValueAtPercentile(99) / 1e3;
        }
    }
}
