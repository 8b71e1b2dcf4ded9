package org.waymark.node.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.waymark.node.ConfigException;
import org.waymark.node.NodeConfig;
import org.waymark.node.registry.RegistryCheck;
import org.waymark.trust.Anchor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code waymark-node verify}. */
@Command(
        name = "verify",
        description = {
            "Walks the whole registry of a node that does not run: every version of every record, its signature from the",
            "roots down, its history and the change feed. Writes a line for each fault; ends with 1 where there is any.",
            "Changes nothing."
        },
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class VerifyCommand implements Callable<Integer> {

    private static final double SECONDS_BETWEEN_LINES = 5;
    private static final int FAULTS_SHOWN = 1_000;

    @Mixin
    private ConfigOptions options;

    @Option(
            names = "--data-dir",
            paramLabel = "DIRECTORY",
            description =
                    "The node's data directory. Where it holds a waymark.yaml, that is the configuration, unless --config"
                            + " names another. Default: node.dataDir.")
    private Path dataDirectory;

    @Option(
            names = "--root",
            paramLabel = "PREFIX#KEY-ID",
            description = "A root to verify from; may be given several times. Default: node.roots.")
    private List<Anchor> roots;

    @Option(
            names = "--threads",
            paramLabel = "THREADS",
            description = "Threads that verify: 1 or more. Default: one a processor.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws Exception {
        if (threads < 1) {
            throw new ParameterException(command.commandLine(), "--threads must be 1 or more, not " + threads);
        }
        NodeConfig config = options.load(dataDirectory).config();
        if (config.registry().kind() == NodeConfig.Registry.Kind.REMOTE) {
            throw new ConfigException("registry.kind is remote; verify on the node that has the registry");
        }
        List<Anchor> trusted = roots == null ? config.node().roots() : roots;
        if (trusted.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(), "to verify, a root is needed: --root PREFIX#KEY-ID, or node.roots");
        }
        PrintWriter out = command.commandLine().getOut();
        Path registry = config.registry().path();
        long start = System.nanoTime();
        RegistryCheck.Summary found = new RegistryCheck(registry, Set.copyOf(trusted), Clock.systemUTC(), threads)
                .run(shown(out), progress());
        out.printf(
                Locale.ROOT,
                "%s: %,d prefix records, %,d items, %,d earlier versions and %,d changes in %.1f s: %s%n",
                registry,
                found.prefixes(),
                found.items(),
                found.earlier(),
                found.changes(),
                (System.nanoTime() - start) / 1e9,
                found.faults() == 0 ? "no fault" : String.format(Locale.ROOT, "FAULTS: %,d", found.faults()));
        if (found.withoutEarlier() > 0) {
            out.printf(
                    Locale.ROOT,
                    "%,d records begin with a later version than their first, as they were loaded%n",
                    found.withoutEarlier());
        }
        return found.faults() == 0 ? 0 : 1;
    }

    private static Consumer<RegistryCheck.Fault> shown(PrintWriter out) {
        int[] count = {0};
        return fault -> {
            count[0]++;
            if (count[0] <= FAULTS_SHOWN) {
                out.println(fault);
            } else if (count[0] == FAULTS_SHOWN + 1) {
                out.println("more faults follow, and are counted");
            }
        };
    }

    private LongConsumer progress() {
        PrintWriter err = command.commandLine().getErr();
        long start = System.nanoTime();
        double[] next = {SECONDS_BETWEEN_LINES};
        return read -> {
            double seconds = (System.nanoTime() - start) / 1e9;
            if (seconds >= next[0]) {
                next[0] = seconds + SECONDS_BETWEEN_LINES;
                err.printf(Locale.ROOT, "%,d versions, %,.0f versions/s%n", read, read / seconds);
            }
        };
    }
}
