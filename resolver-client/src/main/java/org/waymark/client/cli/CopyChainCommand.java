package org.waymark.client.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.RecordKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark copy-chain}. */
@Command(
        name = "copy-chain",
        description =
                "Copies the records of a prefix and of those above it from one node to another, which admits what its"
                        + " own roots vouch for. To be run when a node is set up, and after each change of such a record.")
final class CopyChainCommand implements Callable<Integer> {

    @Mixin
    private NodeOptions node;

    @Parameters(paramLabel = "PREFIX", description = "The prefix that the node stands for, such as 88.118.")
    private Prefix prefix;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "HOST:PORT[,...]",
            description = "The node that serves the prefix above, or another one that has the records.")
    private String from;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Prefix> rootFirst = new ArrayList<>(prefix.ladder());
        Collections.reverse(rootFirst);
        int copied = 0;
        try (NodeClient source = NodeClient.create(
                        NodeClientOptions.builder().nodes(from).agent("waymark").build());
                NodeClient target = node.connect()) {
            RegistryClient registry = new RegistryClient(target);
            for (Prefix rung : rootFirst) {
                for (IdentifierRecord record : versions(source, rung)) {
                    Registration registration = registry.register(record).join();
                    if (!registration.isStored()) {
                        spec.commandLine()
                                .getErr()
                                .println(record + ": " + TextTable.printable(String.valueOf(registration.refusal())));
                        return ExitCode.REFUSED;
                    }
                    spec.commandLine().getOut().println(record + "  " + registration.code());
                    copied++;
                }
            }
        }
        if (copied == 0) {
            spec.commandLine().getErr().println("the node has no record of " + prefix + " or of a prefix above it");
            return ExitCode.NEGATIVE;
        }
        return ExitCode.OK;
    }

    private static List<IdentifierRecord> versions(NodeClient source, Prefix prefix) {
        RecordKey key = RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
        List<IdentifierRecord> versions = new ArrayList<>();
        long next = 1;
        while (next != 0) {
            HistoryResponse page = source.history(key, next, 0).join();
            page.getEntriesList().stream()
                    .map(HistoryEntry::getRecord)
                    .map(IdentifierRecord::parse)
                    .forEach(versions::add);
            next = page.getNextVersion() > next ? page.getNextVersion() : 0;
        }
        return versions;
    }
}
