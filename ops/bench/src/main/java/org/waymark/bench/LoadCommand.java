package org.waymark.bench;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.data.SampleRow;
import org.waymark.bench.load.Load;
import org.waymark.bench.load.LoadGenerator;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Latency;
import org.waymark.bench.measure.Stopwatch;
import org.waymark.bench.measure.Window;
import org.waymark.bench.peer.ServerProcess;
import org.waymark.wire.AnswerSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command behind {@code ops/bench/load}. */
@Command(
        name = "ops/bench/load",
        description = {
            "Loads one server that holds the benchmark's records, and prints a line for each window.",
            "Without --rate as many calls as are answered (closed loop); with it so many a second, with latencies."
        },
        sortOptions = false,
        showDefaultValues = true,
        mixinStandardHelpOptions = true)
public final class LoadCommand implements Callable<Integer> {

    private static final int BATCH = 1_000;

    /** What to ask. */
    private enum Protocol {
        /** One identifier a call to a node. */
        RESOLVE,
        /** 1,000 identifiers a call to a node. */
        MANY,
        /** GET of a Redis. */
        REDIS
    }

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            defaultValue = "RESOLVE",
            description = "${COMPLETION-CANDIDATES}.")
    private Protocol protocol;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Of the server.")
    private String host;

    @Option(names = "--port", required = true, description = "Of the server.")
    private int port;

    @Option(names = "--pid", description = "The server's process, if its CPU time is to be counted.")
    private long pid;

    @Option(names = "--records", defaultValue = "200000", description = "Records of the data set in target/data.")
    private int records;

    @Option(names = "--connections", defaultValue = "16", description = "At a time.")
    private int connections;

    @Option(names = "--depth", defaultValue = "64", description = "Calls that may be open on each connection.")
    private int depth;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description = "Calls a second on all connections together; 0: no limit.")
    private double rate;

    @Option(names = "--zipf", defaultValue = "0", description = "Exponent of the keys' frequencies; 0: uniform.")
    private double zipf;

    @Option(names = "--seconds", defaultValue = "5", description = "Of each window.")
    private long seconds;

    @Option(names = "--windows", defaultValue = "3", description = "How many.")
    private int windows;

    @Option(names = "--checkout", hidden = true, required = true)
    private Path checkout;

    private record Server(InetSocketAddress address, long pid) implements ServerProcess {
        @Override
        public void close() {
            // Whoever started it ends it.
        }
    }

    /** Runs the command and exits. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LoadCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<SampleRow> shapes = SampleRow.read(checkout.resolve("ops/samples"));
        KeyTable keys = Dataset.prepare(checkout.resolve("ops/bench/target/data"), records, shapes)
                .keys();
        KeySequence sequence = zipf > 0 ? KeySequence.zipf(records, zipf, 1) : KeySequence.uniform(records, 1);
        InetSocketAddress address = new InetSocketAddress(host, port);
        List<ServerProcess> servers = pid == 0 ? List.of() : List.of(new Server(address, pid));
        Shape shape = new Shape(connections, depth, rate);
        Stopwatch stopwatch = new Stopwatch(500, TimeUnit.SECONDS.toMillis(seconds));
        try (LoadGenerator generator = new LoadGenerator(keys)) {
            for (int i = 0; i < windows; i++) {
                Load load = start(generator, address, shape, sequence);
                if (shape.isOpen()) {
                    load.recordLatencies();
                }
                print(load, stopwatch.measure(load, servers));
            }
        }
        return 0;
    }

    private Load start(LoadGenerator generator, InetSocketAddress address, Shape shape, KeySequence sequence) {
        return switch (protocol) {
            case RESOLVE -> generator.resolve(address, shape, sequence);
            case MANY -> generator.resolveMany(address, shape, sequence, BATCH);
            case REDIS -> generator.redisGet(address, shape, sequence);
        };
    }

    private void print(Load load, Window window) {
        StringBuilder line = new StringBuilder(text("%,.0f answers/s", window.perSecond()));
        if (pid != 0) {
            line.append(text("; %,.0f a CPU-second of the server", window.perCpuSecond()));
            line.append(text("; background %.2f CPUs", window.backgroundCpus()));
        }
        if (protocol != Protocol.REDIS) {
            for (AnswerSource source : AnswerSource.values()) {
                if (load.answersFrom(source) > 0) {
                    double share = 100.0 * load.answersFrom(source) / load.answers();
                    line.append(text("; %.1f %% from %s", share, source));
                }
            }
        }
        if (rate > 0) {
            Latency latency = Latency.of("", load.latencies());
            line.append(text(
                    "; p50 %.0f us, p99 %.0f us, p99.9 %.0f us, max %.0f us",
                    latency.p50(), latency.p99(), latency.p999(), latency.max()));
        }
        System.out.println(line);
    }

    private static String text(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
