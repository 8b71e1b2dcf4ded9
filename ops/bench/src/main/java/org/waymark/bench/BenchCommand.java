package org.waymark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDB;
import org.waymark.bench.measure.Machine;
import org.waymark.bench.measure.Missing;
import org.waymark.bench.measure.Results;
import org.waymark.bench.measure.Target;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command behind {@code ops/bench/run}. */
@Command(
        name = "ops/bench/run",
        description =
                "Measures the node on this machine, next to Redis, RocksDB, gRPC-java and nginx; writes RESULTS.md and"
                        + " results.json.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {

    @Option(names = "--quick", description = "Fewer records and shorter windows: about 9 minutes.")
    private boolean quick;

    @Option(
            names = "--part",
            paramLabel = "PART",
            description = "Only this part: ${COMPLETION-CANDIDATES}. May be given more than once. Default: all.")
    private List<Part> parts = new ArrayList<>(List.of(Part.values()));

    @Option(
            names = "--records-large",
            paramLabel = "RECORDS",
            description = "Records of the parts import and start; each is imported once. Default: 1000000, with --quick"
                    + " 200000. 10,000,000 take 30 GB of disk and about an hour.")
    private Integer largeRecords;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description = "Where the results go (default: ops/bench; ops/bench/target with --part).")
    private Path directory;

    @Option(names = "--checkout", hidden = true, required = true)
    private Path checkout;

    /** Runs the command and exits. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new BenchCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path module = checkout.resolve("ops/bench");
        Path home = module.resolve("target/data");
        Files.createDirectories(home);
        Plan plan = quick ? Plan.QUICK : Plan.FULL;
        plan = largeRecords == null ? plan : plan.withLarge(largeRecords);
        boolean isBroken;
        boolean isWhole = parts.size() == Part.values().length;
        try (Run run = Run.prepare(plan, checkout, home, System.out)) {
            for (Part part : parts) {
                String name = part.name().toLowerCase(Locale.ROOT);
                run.say(name);
                long start = System.nanoTime();
                run.attempt("what is left of the part " + name, Target.REPORTED, () -> part.run(run));
                run.say(name + " took " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + " s");
            }
            Path where = directory != null ? directory : isWhole ? module : module.resolve("target");
            results(run).write(where);
            run.say("written: " + where.resolve("RESULTS.md") + " and results.json beside it");
            isBroken = run.missing().stream().anyMatch(Missing::isFailure);
        }
        return isBroken ? 1 : 0;
    }

    private Results results(Run run) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "records",
                run.keys.size() + " of " + run.dataset.recordBytes() / run.keys.size()
                        + " bytes on average, signed in trees of 64 (Ed25519)");
        facts.put(
                "turns",
                run.plan.repeats() + " of each comparison, of "
                        + run.plan.stopwatch().windowMillis() / 1_000.0 + " s each, by turns");
        facts.put(
                "node",
                "one event loop, io_uring where there is, default settings but for the near cache's size; metrics on");
        facts.put("Redis", run.redis.version() + ", no persistence");
        RocksDB.loadLibrary();
        facts.put("RocksDB", RocksDB.rocksdbVersion().toString());
        run.leastShares()
                .forEach((source, share) -> facts.put(
                        "answers that came from " + source + " where they should",
                        String.format(Locale.ROOT, "%.2f %% or more", 100 * share)));
        return new Results(
                "ops/bench/run" + (quick ? " --quick" : ""),
                Instant.now(Clock.systemUTC()).truncatedTo(ChronoUnit.SECONDS).toString(),
                Machine.ofThisOne(),
                facts,
                run.rows(),
                run.figures(),
                run.missing(),
                run.latencies());
    }
}
