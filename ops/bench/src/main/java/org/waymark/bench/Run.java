package org.waymark.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.Directories;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.data.SampleRow;
import org.waymark.bench.load.Load;
import org.waymark.bench.load.LoadGenerator;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Contender;
import org.waymark.bench.measure.Figure;
import org.waymark.bench.measure.Latency;
import org.waymark.bench.measure.Missing;
import org.waymark.bench.measure.Row;
import org.waymark.bench.measure.Target;
import org.waymark.bench.measure.Window;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.bench.peer.RedisProcess;
import org.waymark.bench.peer.ServerProcess;
import org.waymark.wire.AnswerSource;

/** What the parts of a run share: data, generator, the Redis to compare with, and the results so far. */
final class Run implements AutoCloseable {

    private static final int BATCH = 1_000;
    private static final double IDLE_CPUS = 0.03;
    private static final int IDLE_TRIES = 120;
    private static final int MOST_PASSES = 6;
    private static final double WARM_SHARE = 0.999;
    /** Under load, a node rightly passes by a Redis that is slow for a moment. */
    private static final double LEAST_SHARE = 0.9;

    final Plan plan;
    final Path checkout;
    final Path home;
    final List<SampleRow> shapes;
    final Dataset dataset;
    final KeyTable keys;
    final KeySequence uniform;
    final LoadGenerator generator;
    final RedisProcess redis;

    private final PrintStream out;
    private final List<Row> rows = new ArrayList<>();
    private final List<Figure> figures = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();
    private final Map<AnswerSource, Double> leastShare = new EnumMap<>(AnswerSource.class);
    private final List<Latency> latencies = new ArrayList<>();

    private Run(Plan plan, Path checkout, Path home, PrintStream out) throws IOException, InterruptedException {
        this.plan = plan;
        this.checkout = checkout;
        this.home = home;
        this.out = out;
        say("data: " + plan.keys() + " signed records");
        shapes = SampleRow.read(samples());
        dataset = Dataset.prepare(home, plan.keys(), shapes);
        keys = dataset.keys();
        uniform = KeySequence.uniform(keys.size(), 1);
        say("Redis with the same bytes, " + dataset.recordBytes() / keys.size() + " a record");
        redis = RedisProcess.start();
        generator = new LoadGenerator(keys);
    }

    static Run prepare(Plan plan, Path checkout, Path home, PrintStream out) throws IOException, InterruptedException {
        Run run = new Run(plan, checkout, home, out);
        try {
            run.redis.load(run.dataset, run.keys);
            run.work(run.redis, run.generator.redisGet(run.redis.address(), Shape.closed(16, 64), run.uniform));
            return run;
        } catch (IOException | InterruptedException | RuntimeException e) {
            run.close();
            throw e;
        }
    }

    /** The directory of the sample files. */
    Path samples() {
        return checkout.resolve("ops/samples");
    }

    /** The data set of those measurements that want many records; perhaps that of all others too. */
    Dataset largeDataset() throws IOException, InterruptedException {
        return plan.largeRecords() == plan.keys() ? dataset : Dataset.prepare(home, plan.largeRecords(), shapes);
    }

    void say(String what) {
        out.println("== " + what);
    }

    /** A directory of this name for what lives no longer than the run. Empty. */
    Path scratch(String name) throws IOException {
        Path directory = home.resolve(name);
        Directories.delete(directory);
        return directory;
    }

    /** A node over the data set, with one event loop. */
    NodeProcess node(String heap, Map<String, String> settings) throws IOException {
        return NodeProcess.start(checkout, dataset.nodeDirectory(), dataset.anchor(), heap, settings);
    }

    /**
     * Asks a node for every record until all come from where they should, then on until it is warm; waits until it does nothing by
     * itself any more.
     */
    void warm(NodeProcess node, List<ServerProcess> servers, AnswerSource source)
            throws IOException, InterruptedException {
        KeySequence inOrder = KeySequence.inOrder(keys.size());
        double share = 0;
        for (int pass = 0; pass < MOST_PASSES && share < WARM_SHARE; pass++) {
            try (Load load = generator.resolveMany(node.address(), Shape.closed(1, 1), inOrder, BATCH)) {
                while (load.answers() < keys.size()) {
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                share = (double) load.answersFrom(source) / load.answers();
            }
        }
        work(node, generator.resolve(node.address(), Shape.closed(16, 64), uniform));
        awaitIdle(servers);
    }

    /** Lets a load run until a server has worked long enough, and ends it. */
    void work(ServerProcess server, Load load) throws IOException, InterruptedException {
        try (load) {
            double start = server.cpuSeconds();
            while (server.cpuSeconds() - start < plan.warmUpCpuSeconds()) {
                load.answers();
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    /** Waits until these do nothing by themselves any more. */
    void awaitIdle(List<ServerProcess> servers) throws IOException, InterruptedException {
        double before = cpuSeconds(servers);
        for (int i = 0; i < IDLE_TRIES; i++) {
            TimeUnit.MILLISECONDS.sleep(500);
            double now = cpuSeconds(servers);
            if (now - before < IDLE_CPUS / 2) {
                return;
            }
            before = now;
        }
        say("a server is still busy by itself; measuring all the same");
    }

    private static double cpuSeconds(List<ServerProcess> servers) throws IOException {
        double sum = 0;
        for (ServerProcess server : servers) {
            sum += server.cpuSeconds();
        }
        return sum;
    }

    /**
     * A node that is asked for one record a call.
     *
     * @param servers whose CPU time is counted
     * @param source where the answers have to come from, all but a few
     */
    Contender resolving(
            NodeProcess node, List<ServerProcess> servers, Shape shape, KeySequence sequence, AnswerSource source) {
        return new Contender("node", () -> {
            Load load = generator.resolve(node.address(), shape, sequence);
            Window window = plan.stopwatch().measure(load, servers);
            double share = (double) load.answersFrom(source) / load.answers();
            if (share < LEAST_SHARE) {
                throw new IllegalStateException(
                        "only " + Math.round(1_000 * share) / 10.0 + " % of the answers came from " + source);
            }
            leastShare.merge(source, share, Math::min);
            return window;
        });
    }

    /** A node that is asked for {@value #BATCH} records a call. */
    Contender resolvingMany(NodeProcess node, Shape shape) {
        return new Contender(
                "node, " + BATCH + " a call",
                () -> plan.stopwatch()
                        .measure(generator.resolveMany(node.address(), shape, uniform, BATCH), List.of(node)));
    }

    /** Redis with the very same bytes. */
    Contender redisGet(Shape shape, KeySequence sequence) {
        return new Contender(
                "Redis GET",
                () -> plan.stopwatch().measure(generator.redisGet(redis.address(), shape, sequence), List.of(redis)));
    }

    /** Something that is measured. */
    interface Measurement {
        void run() throws Exception;
    }

    /** Measures a row; where that breaks, says so in the row's place, and the others go on. */
    void attempt(String name, Target target, Measurement measurement) throws InterruptedException {
        try {
            measurement.run();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            missed(new Missing(name, target, true, e.toString()));
        }
    }

    /** Says why a row has no number, which is nobody's fault. */
    void notMeasured(String name, Target target, String why) {
        missed(new Missing(name, target, false, why));
    }

    private void missed(Missing row) {
        missing.add(row);
        out.printf(Locale.ROOT, "%-58s %s: %s%n", row.name(), row.verdict(), row.why());
    }

    /** Keeps a figure. */
    void figure(Figure figure) {
        figures.add(figure);
        out.printf(
                Locale.ROOT,
                "%-58s %5.2f %s  spread %3.0f %%  %s  %s%n",
                figure.name(),
                figure.values().median(),
                figure.unit(),
                100 * figure.values().spread(),
                figure.verdict(),
                figure.detail());
    }

    /** Runs a comparison, and keeps its row. */
    void compare(Row.Question question, Contender measured, Contender peer) throws InterruptedException {
        attempt(question.name(), question.target(), () -> compareNow(question, measured, peer));
    }

    private void compareNow(Row.Question question, Contender measured, Contender peer) throws Exception {
        Row row = Row.run(question, measured, peer, plan.repeats());
        rows.add(row);
        out.printf(
                Locale.ROOT,
                "%-58s %5.2f  spread %3.0f %%  %s (%.0f : %.0f %s; background %.1f CPUs)%n",
                question.name(),
                row.ratios().median(),
                100 * row.ratios().spread(),
                row.verdict(),
                question.measure().of(row.measured()).median(),
                question.measure().of(row.peer()).median(),
                question.measure().words(),
                row.backgroundCpus());
    }

    /** Lets an open loop run for a window, and keeps its latencies. */
    void latency(String name, Load load) throws InterruptedException {
        try (load) {
            TimeUnit.MILLISECONDS.sleep(plan.stopwatch().rampMillis());
            load.recordLatencies();
            TimeUnit.MILLISECONDS.sleep(2 * plan.stopwatch().windowMillis());
            Latency latency = Latency.of(name, load.latencies());
            latencies.add(latency);
            out.printf(
                    Locale.ROOT,
                    "%-58s p50 %.0f us, p99 %.0f us, p99.9 %.0f us%n",
                    name,
                    latency.p50(),
                    latency.p99(),
                    latency.p999());
        }
    }

    List<Row> rows() {
        return rows;
    }

    List<Figure> figures() {
        return figures;
    }

    List<Missing> missing() {
        return missing;
    }

    /** For each source, the least part of a measurement's answers that came from where they had to come from. */
    Map<AnswerSource, Double> leastShares() {
        return leastShare;
    }

    List<Latency> latencies() {
        return latencies;
    }

    @Override
    public void close() {
        generator.close();
        redis.close();
    }
}
