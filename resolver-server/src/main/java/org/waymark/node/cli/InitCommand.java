package org.waymark.node.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.node.NodeSetup;
import org.waymark.trust.Anchor;
import org.waymark.trust.Suite;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark-node init}. */
@Command(
        name = "init",
        description = {
            "Sets a new node up in a directory: keys, a self-signed prefix record, a registry, a configuration file.",
            "Prints the anchor that clients verify with. Overwrites nothing.",
            "With --below the prefix record is that of the prefix above to sign, and no registry is made."
        },
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class InitCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIRECTORY", description = "Where everything is put; made if it is not there.")
    private Path directory;

    @Option(
            names = "--prefix",
            required = true,
            paramLabel = "PREFIX",
            description = "The prefix that the node stands for, such as 88.118 or oid:1.2.156.3088.")
    private String prefix;

    @Option(names = "--name", paramLabel = "NAME", description = "The operator's legal name; not with --below.")
    private String name;

    @Option(
            names = "--suite",
            paramLabel = "SUITE",
            defaultValue = "SM2",
            description = "Of the node's keys: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Suite suite;

    @Option(
            names = "--below",
            paramLabel = "PREFIX#KEY-ID",
            description =
                    "The anchor of the tree that the node becomes a part of: its prefix is above the node's, such as"
                            + " vaa:88#9f86... Without it the node's prefix is a root that signs itself.")
    private String below;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws Exception {
        Prefix own;
        try {
            own = Prefix.parse(prefix);
        } catch (InvalidIdentifierException e) {
            throw new ParameterException(command.commandLine(), "--prefix: " + e.getMessage());
        }
        if (below != null) {
            return initBelow(own);
        }
        if (name == null) {
            throw new ParameterException(command.commandLine(), "Missing required option: '--name=NAME'");
        }
        NodeSetup.Result result = new NodeSetup(Clock.systemUTC()).init(directory, own, suite, name);
        PrintWriter out = command.commandLine().getOut();
        out.println("anchor         " + result.anchor());
        out.println("configuration  " + result.config());
        out.println(
                "delegate key   " + result.delegateKey() + "  (signs enterprises' prefix records: keep it offline)");
        out.println("node key       " + result.nodeKey());
        out.println("start it with  waymark-node serve --config " + result.config());
        return 0;
    }

    private int initBelow(Prefix own) throws IOException {
        NodeSetup.Result result;
        try {
            result = new NodeSetup(Clock.systemUTC()).initBelow(directory, own, suite, Anchor.parse(below));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--below: " + e.getMessage());
        }
        PrintWriter out = command.commandLine().getOut();
        out.println("configuration  " + result.config());
        out.println("delegate key   " + result.delegateKey() + "  (signs what is below: keep it offline)");
        out.println("node key       " + result.nodeKey());
        out.println("for the prefix above, with the address that this node will have:");
        out.println("  waymark delegate " + own.text() + " --parent-key ... --name ... --node-address HOST:PORT"
                + " --key " + result.delegateKey() + ".pub:DELEGATE --key " + result.nodeKey() + ".pub:NODE");
        out.println("start it with  waymark-node serve --config " + result.config());
        out.println("then           waymark copy-chain " + own.text() + " --from NODE-ABOVE --server THIS-NODE");
        return 0;
    }
}
