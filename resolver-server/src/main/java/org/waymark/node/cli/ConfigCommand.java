package org.waymark.node.cli;

import java.util.concurrent.Callable;
import org.waymark.node.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code waymark-node config}. */
@Command(
        name = "config",
        description = "Prints the configuration in effect, and where each part of it was set. Passwords are masked.",
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class ConfigCommand implements Callable<Integer> {

    @Mixin
    private ConfigOptions options;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws ConfigException {
        command.commandLine().getOut().print(options.load().toYaml());
        command.commandLine().getOut().flush();
        return 0;
    }
}
