package org.waymark.client.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.waymark.client.ResolverClient;
import org.waymark.client.log.LogAudit;
import org.waymark.client.log.LogFinding;
import org.waymark.log.SignedNote;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code waymark audit}. */
@Command(
        name = "audit",
        description = {
            "Follows a node's log: each checkpoint is signed and continues the last one seen, the entries are those of the",
            "signed tree, the node has every version that they name, unchanged, and serves no other. Ends with 3 where",
            "something is wrong, and writes the evidence."
        })
final class AuditCommand implements Callable<Integer> {

    private static final double SECONDS_BETWEEN_LINES = 5;

    @Mixin
    private NodeOptions options;

    @Mixin
    private NodeOptions.AnchorOptions trust;

    @Mixin
    private LogOptions log;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            required = true,
            description =
                    "The last checkpoint seen; made by the first audit. Keep it: it is what a fork or a rollback is told by.")
    private Path state;

    @Option(
            names = "--evidence",
            paramLabel = "DIRECTORY",
            description =
                    "Where findings are written, each with what proves it. Default: the state's name with .evidence.")
    private Path evidence;

    @Option(
            names = "--new-only",
            description =
                    "Check the records of the entries since the last checkpoint only, and not that there are no others.")
    private boolean newOnly;

    @Option(
            names = "--follow",
            description = "Go on: after the first audit, check what is new whenever there is something.")
    private boolean follow;

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How often to look with --follow: 1 to 86400. Default: ${DEFAULT-VALUE}.")
    private int everySeconds;

    @Spec
    private CommandSpec spec;

    private EvidenceDirectory written;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (everySeconds < 1 || everySeconds > 86_400) {
            throw new UsageException("--every must be 1 to 86400 seconds");
        }
        written = new EvidenceDirectory(
                evidence == null ? state.resolveSibling(state.getFileName() + ".evidence") : evidence);
        NodeOptions node = log.node(options);
        boolean isClean = true;
        try (ResolverClient client = node.resolver(trust)) {
            LogAudit audit =
                    new LogAudit(log.source(node, client.nodes()), client, log.keys(client), this::report, progress());
            isClean = audit(audit, !newOnly);
            while (follow) {
                Thread.sleep(everySeconds * 1_000L);
                isClean &= audit(audit, false);
            }
        }
        return isClean ? ExitCode.OK : ExitCode.NOT_VERIFIED;
    }

    private boolean audit(LogAudit audit, boolean full) throws IOException {
        Optional<SignedNote> last = LogOptions.read(state);
        LogAudit.Result result = audit.run(last, full);
        if (result.checkpoint().isPresent()) {
            LogOptions.write(state, result.checkpoint().get());
        }
        boolean isNews = full || result.entries() > 0 || result.findings() > 0;
        if (isNews) {
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "%s  %s  %,d commits, %,d entries checked, %s%n",
                            Instant.now(),
                            result.origin().isEmpty() ? "no log" : TextTable.printable(result.origin()),
                            result.commits(),
                            result.entries(),
                            result.findings() == 0 ? "nothing wrong" : result.findings() + " FINDINGS");
            spec.commandLine().getOut().flush();
        }
        return result.findings() == 0;
    }

    private void report(LogFinding finding) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(TextTable.printable(finding.toString()));
        try {
            err.println("  evidence: " + written.write(finding));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LongConsumer progress() {
        PrintWriter err = spec.commandLine().getErr();
        long start = System.nanoTime();
        double[] next = {SECONDS_BETWEEN_LINES};
        return checked -> {
            double seconds = (System.nanoTime() - start) / 1e9;
            if (seconds >= next[0]) {
                next[0] = seconds + SECONDS_BETWEEN_LINES;
                err.printf(Locale.ROOT, "%,d entries checked%n", checked);
            }
        };
    }
}
