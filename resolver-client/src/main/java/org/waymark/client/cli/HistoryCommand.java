package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.waymark.client.HistoryVersion;
import org.waymark.client.ResolverClient;
import org.waymark.client.log.LogKeys;
import org.waymark.client.log.LogProofs;
import org.waymark.client.log.NodeLogSource;
import org.waymark.identifier.Identifier;
import org.waymark.log.Checkpoint;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;
import org.waymark.trust.KeyId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark history}. */
@Command(
        name = "history",
        description = "Shows all versions of a record, and verifies that each follows from the one before it.")
final class HistoryCommand implements Callable<Integer> {

    private static final Duration LONGEST_CHECKPOINT = Duration.ofSeconds(5);

    @Mixin
    private NodeOptions node;

    @Mixin
    private NodeOptions.TrustOptions trust;

    @Parameters(paramLabel = "IDENTIFIER", description = "Of any scheme, such as 88.118.8/JXDY2106023.")
    private Identifier identifier;

    @Option(names = "--json", description = "Print one JSON object a version, each on its own line.")
    private boolean json;

    @Option(names = "--proof", description = "Check that each version is in the node's log, under a signed checkpoint.")
    private boolean proof;

    @Spec
    private CommandSpec spec;

    /** The checkpoint of the last proof; null where there is none. */
    private Checkpoint covered;

    @Override
    public Integer call() {
        List<HistoryVersion> versions;
        try (ResolverClient client = node.resolver(trust)) {
            versions = client.history(identifier).join();
            if (proof) {
                prove(client, versions);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            versions.forEach(version -> out.println(json(version)));
        } else if (versions.isEmpty()) {
            out.println(TextTable.printable(identifier.canonical()) + "  has no versions");
        } else {
            print(versions, out);
        }
        return versions.isEmpty() ? ExitCode.NEGATIVE : ExitCode.OK;
    }

    private void prove(ResolverClient client, List<HistoryVersion> versions) {
        if (!trust.isVerifying()) {
            throw new UsageException("--proof needs an anchor, and does not go with --no-verify");
        }
        LogProofs proofs = new LogProofs(new NodeLogSource(client.nodes()), LogKeys.named(client), LONGEST_CHECKPOINT);
        for (HistoryVersion version : versions) {
            covered = Checkpoint.of(proofs.prove(version).checkpoint());
        }
    }

    private void print(List<HistoryVersion> versions, PrintWriter out) {
        out.println(TextTable.printable(identifier.canonical()) + "  " + versions.size() + " versions");
        TextTable table = new TextTable("VERSION", "STATUS", "ISSUED", "COMMITTED", "COMMIT", "KEY", "CHANGES");
        IdentifierRecord before = null;
        for (HistoryVersion version : versions) {
            IdentifierRecord record = version.record();
            table.row(
                    Long.toString(record.version()),
                    record.isRevoked() ? "revoked" : "active",
                    java.time.Instant.ofEpochMilli(record.issuedAt()).toString(),
                    version.committedAt().toString(),
                    Long.toString(version.sequence()),
                    new KeyId(record.keyId()).shortText(),
                    changes(before, record));
            before = record;
        }
        table.lines("  ").forEach(out::println);
        out.println(
                trust.isVerifying()
                        ? "; verified     the newest version from an anchor, the others by their digests"
                        : "; NOT VERIFIED");
        if (covered != null) {
            out.println("; in the log   " + TextTable.printable(covered.origin()) + ", as signed for "
                    + covered.head().size() + " commits");
        }
    }

    private static String changes(IdentifierRecord before, IdentifierRecord record) {
        if (before == null) {
            return record.valueCount() + " values";
        }
        Map<Long, RecordValue> old = new LinkedHashMap<>();
        before.values().forEach(value -> old.put(value.index(), value));
        List<String> changes = new ArrayList<>();
        for (RecordValue value : record.values()) {
            RecordValue was = old.remove(value.index());
            if (was == null) {
                changes.add("+" + value.type());
            } else if (!was.encoded().equals(value.encoded())) {
                changes.add("~" + value.type());
            }
        }
        old.values().forEach(value -> changes.add("-" + value.type()));
        return TextTable.printable(String.join(" ", changes));
    }

    private static ObjectNode json(HistoryVersion version) {
        ObjectNode node = RecordView.json(version.record());
        node.put("sequence", version.sequence());
        node.put("committedAt", version.committedAt().toString());
        return node;
    }
}
