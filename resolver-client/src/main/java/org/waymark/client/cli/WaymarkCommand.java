package org.waymark.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.waymark.client.LifeCycleRefusedException;
import org.waymark.client.UnusableTlsFilesException;
import org.waymark.client.WaymarkException;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.log.NoteKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeyId;
import org.waymark.trust.KeySource;
import org.waymark.trust.VerificationException;
import org.waymark.v1.LifeCycleResponse;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The command {@code waymark}. */
@Command(
        name = "waymark",
        description = "Resolves, registers and verifies identifiers.",
        mixinStandardHelpOptions = true,
        versionProvider = WaymarkCommand.Version.class,
        scope = CommandLine.ScopeType.INHERIT,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; every identifier was found",
            "1:a negative outcome: not found, revoked, referred, not served here",
            "2:the command was called in a wrong way",
            "3:an answer, a file or a log does not verify",
            "4:the node refused a record or an application, or a row of a file can't be one",
            "5:the node can't be reached, is busy, fails, or does not answer in time",
            "6:a local file can't be read or written",
            "70:an internal error"
        },
        subcommands = {
            ResolveCommand.class,
            HistoryCommand.class,
            VerifyCommand.class,
            RegisterCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            DelegateCommand.class,
            ApplyCommand.class,
            RotateCommand.class,
            RevokeCommand.class,
            CopyChainCommand.class,
            KeygenCommand.class,
            InfoCommand.class,
            AuditCommand.class,
            WitnessCommand.class,
            GenerateCompletion.class
        })
public final class WaymarkCommand implements Runnable {

    @Option(
            names = "--verbose",
            scope = CommandLine.ScopeType.INHERIT,
            description = "On an error, print the stack trace too.")
    private boolean verbose;

    /** What stands for bytes that are no character of the locale. */
    private static final char UNREADABLE = '\uFFFD';

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    /** Runs the command and exits. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
        int code = run(out, err, arguments);
        out.flush();
        System.exit(code);
    }

    /** Runs the command and returns its exit code. Refuses arguments that the JDK could not read: what is signed stays. */
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].indexOf(UNREADABLE) >= 0) {
                err.println("waymark: argument " + (i + 1) + " (" + TextTable.printable(arguments[i])
                        + ") has characters that can't be read: it is not UTF-8, or the locale is not"
                        + " (LC_ALL=C.UTF-8 is)");
                return ExitCode.USAGE;
            }
        }
        return commandLine().setOut(out).setErr(err).execute(arguments);
    }

    /** The command, ready to be executed. */
    static CommandLine commandLine() {
        WaymarkCommand command = new WaymarkCommand();
        CommandLine line = new CommandLine(command);
        line.registerConverter(Identifier.class, reading(Identifier::parse))
                .registerConverter(Prefix.class, reading(Prefix::parse))
                .registerConverter(Anchor.class, reading(Anchor::parse))
                .registerConverter(KeyId.class, reading(KeyId::parse))
                .registerConverter(NoteKey.class, reading(NoteKey::parse))
                .registerConverter(KeySource.class, reading(KeySource::parse));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(WaymarkCommand::misused);
        line.setExecutionExceptionHandler(command::failed);
        line.getSubcommands()
                .get("generate-completion")
                .getCommandSpec()
                .usageMessage()
                .hidden(false);
        return line;
    }

    private static <T> CommandLine.ITypeConverter<T> reading(Function<String, T> parser) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing subcommand");
    }

    private static int misused(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        line.getErr()
                .println(line.getCommandSpec().qualifiedName() + ": " + failure.getMessage() + " (see "
                        + line.getCommandSpec().qualifiedName() + " --help)");
        return ExitCode.USAGE;
    }

    private int failed(Exception thrown, CommandLine line, ParseResult arguments) {
        Throwable failure =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        line.getErr().println(line.getCommandSpec().qualifiedName() + ": " + message(failure));
        if (verbose) {
            failure.printStackTrace(line.getErr());
        }
        return code(failure);
    }

    static int code(Throwable failure) {
        if (failure instanceof VerificationException) {
            return ExitCode.NOT_VERIFIED;
        }
        if (failure instanceof LifeCycleRefusedException refused) {
            return refused.code() == LifeCycleResponse.Code.UNKNOWN_CASE ? ExitCode.NEGATIVE : ExitCode.REFUSED;
        }
        if (failure instanceof UnusableTlsFilesException) {
            return ExitCode.LOCAL_FILE;
        }
        if (failure instanceof WaymarkException) {
            return ExitCode.UNREACHABLE;
        }
        if (failure instanceof IOException || failure instanceof UncheckedIOException) {
            return ExitCode.LOCAL_FILE;
        }
        return failure instanceof UsageException || failure instanceof IllegalArgumentException
                ? ExitCode.USAGE
                : ExitCode.INTERNAL;
    }

    static String message(Throwable failure) {
        if (failure instanceof UncheckedIOException wrapped) {
            return message(wrapped.getCause());
        }
        if (failure instanceof VerificationException) {
            return "does not verify: " + failure.getMessage();
        }
        if (failure instanceof NoSuchFileException) {
            return failure.getMessage() + ": no such file";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return failure.getMessage() + " exists already and is not overwritten";
        }
        if (failure instanceof AccessDeniedException) {
            return failure.getMessage() + ": access denied";
        }
        if (failure instanceof JsonProcessingException json) {
            return "not JSON: " + json.getOriginalMessage();
        }
        return code(failure) == ExitCode.INTERNAL ? "internal error: " + failure : failure.getMessage();
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = WaymarkCommand.class.getPackage().getImplementationVersion();
            return new String[] {"waymark " + (version == null ? "(not packaged)" : version)};
        }
    }
}
