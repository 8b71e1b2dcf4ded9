package org.waymark.node.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.waymark.node.ConfigException;
import org.waymark.node.EffectiveConfig;
import org.waymark.node.NodeConfigLoader;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every subcommand that reads the configuration. A mixin. */
class ConfigOptions {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "A YAML file. Without it: defaults, the environment (WAYMARK_REDIS_URI for redis.uri), and --set.")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets one key, such as redis.uri=redis://localhost:6379. Overrides file and environment.")
    private List<String> assignments = new ArrayList<>();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** The configuration that these options and the environment give. */
    EffectiveConfig load() throws ConfigException {
        NodeCommand root = (NodeCommand) command.root().userObject();
        return NodeConfigLoader.load(Optional.ofNullable(file), root.environment(), assignments);
    }

    /**
     * The same for a node with this data directory.
     *
     * @param dataDirectory null: the configured one
     */
    EffectiveConfig load(Path dataDirectory) throws ConfigException {
        if (dataDirectory == null) {
            return load();
        }
        Path own = dataDirectory.resolve("waymark.yaml");
        if (file == null && Files.exists(own)) {
            file = own;
        }
        assignments.add("node.dataDir=" + dataDirectory);
        return load();
    }
}
