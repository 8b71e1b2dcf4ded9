package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.waymark.client.NodeClient;
import org.waymark.v1.NodeInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code waymark info}. */
@Command(name = "info", description = "Asks a node about itself. Exits with 1 where it is not ready.")
final class InfoCommand implements Callable<Integer> {

    @Mixin
    private NodeOptions node;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        NodeInfo info;
        try (NodeClient client = node.connect()) {
            info = client.info().join();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(info));
        } else {
            TextTable table = new TextTable("software", TextTable.printable(info.getSoftware()));
            table.row("protocol version", Integer.toString(info.getProtocolVersion()));
            table.row("prefix", info.getPrefix().isEmpty() ? "none" : TextTable.printable(info.getPrefix()));
            table.row("ready", info.getReady() ? "yes" : "no");
            info.getReasonsList().forEach(reason -> table.row("", TextTable.printable(reason)));
            table.row("last commit", Long.toUnsignedString(info.getSequence()));
            table.row("registry", TextTable.printable(info.getRegistry()));
            table.row("redis", TextTable.printable(info.getRedis()));
            table.row("started", Instant.ofEpochMilli(info.getStartedAt()).toString());
            table.lines("").forEach(out::println);
        }
        return info.getReady() ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private static ObjectNode json(NodeInfo info) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("software", info.getSoftware());
        node.put("protocolVersion", info.getProtocolVersion());
        node.put("prefix", info.getPrefix());
        node.put("ready", info.getReady());
        ArrayNode reasons = node.putArray("reasons");
        info.getReasonsList().forEach(reasons::add);
        node.put("sequence", info.getSequence());
        node.put("registry", info.getRegistry());
        node.put("redis", info.getRedis());
        node.put("startedAt", Instant.ofEpochMilli(info.getStartedAt()).toString());
        return node;
    }
}
