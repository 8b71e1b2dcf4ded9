package org.waymark.node.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.waymark.node.ConfigException;
import org.waymark.node.NodeConfig;
import org.waymark.node.registry.LoadSource;
import org.waymark.node.registry.RegistryLoad;
import org.waymark.trust.Anchor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark-node load}. */
@Command(
        name = "load",
        description = {
            "Makes a registry of what \"waymark export\" wrote, as JSON Lines or in the binary form, without a running node.",
            "Verifies every record from the roots down. Loads everything or, at the first fault, nothing;",
            "fills an empty registry only."
        },
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class LoadCommand implements Callable<Integer> {

    private static final double SECONDS_BETWEEN_LINES = 5;

    @Mixin
    private ConfigOptions options;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Exports, also with gzip, read in this order: prefix records before what hangs on them.")
    private List<Path> files;

    @Option(
            names = "--data-dir",
            paramLabel = "DIRECTORY",
            description =
                    "The node's data directory; the registry in it is made. Where it holds a waymark.yaml, that is the"
                            + " configuration, unless --config names another. Default: node.dataDir.")
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
            throw new ConfigException("registry.kind is remote; load on the node that has the registry");
        }
        List<Anchor> trusted = roots == null ? config.node().roots() : roots;
        if (trusted.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(), "to verify, a root is needed: --root PREFIX#KEY-ID, or node.roots");
        }
        List<LoadSource> sources = new ArrayList<>();
        for (Path file : files) {
            if (!Files.isReadable(file)) {
                throw new ParameterException(command.commandLine(), file + ": no such file, or it can't be read");
            }
            sources.add(() -> ExportFiles.open(file));
        }
        Path registry = config.registry().path();
        long start = System.nanoTime();
        RegistryLoad.Summary summary =
                new RegistryLoad(registry, Set.copyOf(trusted), Clock.systemUTC(), threads).load(sources, progress());
        double seconds = (System.nanoTime() - start) / 1e9;
        command.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "loaded %,d records into %s in %.1f s (%,.0f records/s), all verified; %,d were there already%n",
                        summary.records(),
                        registry,
                        seconds,
                        (summary.records() + summary.unchanged()) / seconds,
                        summary.unchanged());
        if (summary.withoutEarlier() > 0) {
            command.commandLine()
                    .getErr()
                    .printf(
                            Locale.ROOT,
                            "%,d of them came without their earlier versions; \"waymark export --history\" exports these%n",
                            summary.withoutEarlier());
        }
        return 0;
    }

    private LongConsumer progress() {
        PrintWriter err = command.commandLine().getErr();
        long start = System.nanoTime();
        double[] next = {SECONDS_BETWEEN_LINES};
        return read -> {
            double seconds = (System.nanoTime() - start) / 1e9;
            if (seconds >= next[0]) {
                next[0] = seconds + SECONDS_BETWEEN_LINES;
                err.printf(Locale.ROOT, "%,d records, %,.0f records/s%n", read, read / seconds);
            }
        };
    }
}
