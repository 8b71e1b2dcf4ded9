package org.waymark.client.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.waymark.client.ResolverClient;
import org.waymark.client.log.LogSource;
import org.waymark.client.log.LogWitness;
import org.waymark.log.SignedNote;
import org.waymark.trust.KeySource;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code waymark witness}. */
@Command(
        name = "witness",
        description = {
            "Cosigns the newest checkpoint of a node's log, if it continues the last one that it cosigned, and hands the",
            "cosignature to the node, whose log.witnesses has to name this witness. Ends with 3 where the log went wrong."
        })
final class WitnessCommand implements Callable<Integer> {

    @Mixin
    private NodeOptions options;

    @Mixin
    private NodeOptions.AnchorOptions trust;

    @Mixin
    private LogOptions log;

    @Mixin
    private PassphraseOptions passphrases;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            required = true,
            description =
                    "The witness's private key, of Ed25519, for nothing else: \"waymark keygen --suite ed25519\" makes one.")
    private KeySource keySource;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "Of the witness, such as witness.example.com/w1.")
    private String name;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            required = true,
            description = "The last checkpoint that was cosigned; made the first time. Never to be put back.")
    private Path state;

    @Option(
            names = "--evidence",
            paramLabel = "DIRECTORY",
            description = "Where findings are written. Default: the state's name with .evidence.")
    private Path evidence;

    @Option(names = "--show-key", description = "Only print what log.witnesses of the node has to hold.")
    private boolean showKey;

    @Option(names = "--follow", description = "Go on: cosign whenever there is a new checkpoint.")
    private boolean follow;

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How often to look with --follow: 1 to 86400. Default: ${DEFAULT-VALUE}.")
    private int everySeconds;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (everySeconds < 1 || everySeconds > 86_400) {
            throw new UsageException("--every must be 1 to 86400 seconds");
        }
        SigningKey key = passphrases.open(keySource);
        if (key.suite() != Suite.ED25519) {
            throw new UsageException("a witness has a key of Ed25519; " + keySource + " is of " + key.suite());
        }
        NodeOptions node = log.node(options);
        try (ResolverClient client = node.resolver(trust)) {
            LogSource source = log.source(node, client.nodes());
            LogWitness witness = new LogWitness(source, log.keys(client), name, key);
            if (showKey) {
                spec.commandLine().getOut().println(witness.verifier().text());
                return ExitCode.OK;
            }
            int code = cosign(witness, source);
            while (follow && code == ExitCode.OK) {
                Thread.sleep(everySeconds * 1_000L);
                code = cosign(witness, source);
            }
            return code;
        }
    }

    private int cosign(LogWitness witness, LogSource source) throws IOException {
        Optional<SignedNote> last = LogOptions.read(state);
        LogWitness.Outcome outcome = witness.cosign(last, Instant.now().getEpochSecond());
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (outcome.finding().isPresent()) {
            err.println(TextTable.printable(outcome.finding().get().toString()));
            Path place = evidence == null ? state.resolveSibling(state.getFileName() + ".evidence") : evidence;
            err.println("  evidence: "
                    + new EvidenceDirectory(place).write(outcome.finding().get()));
            return ExitCode.NOT_VERIFIED;
        }
        LogOptions.write(state, outcome.checkpoint().orElseThrow());
        out.print(outcome.cosignature());
        out.flush();
        String fault = source.cosign(outcome.cosignature());
        if (!fault.isEmpty()) {
            err.println("the node did not take it: " + TextTable.printable(fault));
            return ExitCode.REFUSED;
        }
        return ExitCode.OK;
    }
}
