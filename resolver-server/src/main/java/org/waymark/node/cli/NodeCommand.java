package org.waymark.node.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.waymark.node.ConfigException;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeySource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/**
 * The command {@code waymark-node}. Ends with 0 where all went well, 2 where the command line or the configuration is wrong, and
 * 1 where the work itself failed; {@code serve} ends with 128 and the number of the signal that ended it. An error is one line on
 * the error stream.
 */
@Command(
        name = "waymark-node",
        description = "A node of the industrial-internet identifier resolution system.",
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class,
        subcommands = {
            InitCommand.class,
            ServeCommand.class,
            LoadCommand.class,
            ConfigCommand.class,
            ReportCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            VerifyCommand.class,
            PrefixesCommand.class
        })
public final class NodeCommand {

    private final Map<String, String> environment;

    private NodeCommand(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    public static void main(String[] args) {
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), System.getenv(), args));
    }

    /** Runs the command and returns its exit code. */
    public static int run(PrintWriter out, PrintWriter err, Map<String, String> environment, String... args) {
        CommandLine line = new CommandLine(new NodeCommand(environment));
        line.setOut(out);
        line.setErr(err);
        line.registerConverter(Anchor.class, Anchor::parse);
        line.registerConverter(KeySource.class, KeySource::parse);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((wrong, given) -> refuse(wrong));
        line.setExecutionExceptionHandler((fault, command, parsed) -> fail(fault, command));
        return line.execute(args.length == 0 ? new String[] {"--help"} : args);
    }

    private static int refuse(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        command.getErr()
                .println(firstLine("waymark-node: " + wrong.getMessage()) + " (see "
                        + command.getCommandSpec().qualifiedName() + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    private static int fail(Exception fault, CommandLine command) {
        String message = fault.getMessage() == null ? fault.toString() : fault.getMessage();
        command.getErr().println(firstLine("waymark-node: " + message));
        return fault instanceof ConfigException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse(message);
    }

    Map<String, String> environment() {
        return environment;
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = NodeCommand.class.getPackage().getImplementationVersion();
            return new String[] {"waymark-node " + (version == null ? "(not packaged)" : version)};
        }
    }
}
