package org.waymark.node.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.PrefixOffice;
import org.waymark.client.PrefixOffice.VerifiedCase;
import org.waymark.client.ResolverClient;
import org.waymark.client.cli.CaseText;
import org.waymark.client.cli.PassphraseOptions;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.lifecycle.CaseNumber;
import org.waymark.lifecycle.LifeCycle;
import org.waymark.node.ConfigException;
import org.waymark.node.NodeConfig;
import org.waymark.node.endpoint.protobuf.EndpointOptions;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeySource;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.SigningKey;
import org.waymark.v1.Decision.Kind;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.PrefixCase.State;
import org.waymark.wire.TlsFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark-node prefixes}. */
@Command(
        name = "prefixes",
        description = {
            "Shows the applications for prefixes and the prefixes below this node's, and decides about them.",
            "Works with a running node. Every decision is signed by --signer and kept; the node takes it for its signature,",
            "not because of who connects."
        },
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class PrefixesCommand {

    @Spec
    private CommandSpec command;

    /** What all subcommands need to speak with the node, and to sign. A mixin. */
    static final class Desk extends ConfigOptions {

        @Option(
                names = {"-s", "--server"},
                paramLabel = "HOST:PORT",
                description =
                        "The running node, tls://HOST:PORT where it speaks TLS. Default: where the configuration says that it"
                                + " listens.")
        private String server;

        @Option(
                names = "--tls-authorities",
                paramLabel = "FILE",
                description =
                        "The authorities that vouch for a node that speaks TLS (PEM). Default: those that the JVM knows.")
        private Path tlsAuthorities;

        @Option(
                names = "--tls-certificate",
                paramLabel = "FILE",
                description = "The certificate to show to such a node (PEM), where it asks for one.")
        private Path tlsCertificate;

        @Option(names = "--tls-key", paramLabel = "FILE", description = "The key of that certificate (PEM, PKCS#8).")
        private Path tlsKey;

        @Option(
                names = "--signer",
                required = true,
                paramLabel = "KEY",
                description = "Private key of the prefix that decides, with the role DELEGATE; to read, AUTH does too."
                        + " FILE, FILE.p12#ALIAS or pkcs11:CONFIG#ALIAS.")
        private KeySource signer;

        @Mixin
        private PassphraseOptions passphrases;

        @Option(
                names = "--as",
                paramLabel = "PREFIX",
                description = "The prefix that decides. Default: the node's own.")
        private String as;

        @Option(
                names = {"-a", "--anchor"},
                paramLabel = "PREFIX#KEY-ID",
                split = ",",
                description = "Where trust starts. Default: the roots of the configuration; without any, --signer is"
                        + " taken for the key that signs the record of its prefix.")
        private List<Anchor> anchors = List.of();

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Spec(Spec.Target.MIXEE)
        private CommandSpec command;

        private interface Work {
            void with(PrefixOffice office, PrintWriter out);
        }

        private int at(Work work) throws ConfigException, IOException {
            NodeConfig config = load().config();
            SigningKey key = passphrases.open(signer);
            String address = server == null ? ownAddress(config.protobuf().endpoint()) : server;
            TlsFiles tls = tls();
            try (NodeClient client = NodeClient.create(NodeClientOptions.builder()
                    .nodes(address)
                    .tls(tls)
                    .agent("waymark-node prefixes")
                    .build())) {
                Prefix decider = decider(config, client);
                PrefixRecord record = verified(decider, key, config, address, tls);
                work.with(
                        new PrefixOffice(client, record, key),
                        command.commandLine().getOut());
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
            command.commandLine().getOut().flush();
            return 0;
        }

        private TlsFiles tls() {
            if ((tlsCertificate == null) != (tlsKey == null)) {
                throw new ParameterException(
                        command.commandLine(),
                        "--tls-certificate and --tls-key belong together: give both, or neither");
            }
            return new TlsFiles(
                    Optional.ofNullable(tlsCertificate),
                    Optional.ofNullable(tlsKey),
                    Optional.ofNullable(tlsAuthorities));
        }

        private static String ownAddress(EndpointOptions endpoint) {
            return (endpoint.tls().isPresent() ? "tls://" : "") + reachable(endpoint.host()) + ":" + endpoint.port();
        }

        /** A node that listens on all addresses is reached on the loopback one. */
        private static String reachable(String host) {
            return switch (host) {
                case "0.0.0.0" -> "127.0.0.1";
                case "::", "[::]" -> "[::1]";
                default -> host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
            };
        }

        private Prefix decider(NodeConfig config, NodeClient client) {
            if (as != null) {
                return prefix(command, "--as", as);
            }
            if (!config.node().homes().isEmpty()) {
                return config.node().homes().get(0);
            }
            String own = client.info().join().getPrefix();
            if (own.isEmpty()) {
                throw new ParameterException(
                        command.commandLine(), "the node has no prefix of its own; say with --as which one decides");
            }
            return prefix(command, "the node's prefix", own);
        }

        private PrefixRecord verified(Prefix decider, SigningKey key, NodeConfig config, String address, TlsFiles tls) {
            List<Anchor> from = new ArrayList<>(anchors);
            if (from.isEmpty()) {
                from.addAll(config.node().roots());
            }
            if (from.isEmpty()) {
                from.add(new Anchor(decider, key.id()));
            }
            ResolverClient.Builder builder =
                    ResolverClient.builder().nodes(address).tls(tls).cachedAnswers(0);
            from.forEach(builder::anchor);
            try (ResolverClient resolver = builder.build()) {
                return resolver.blocking().trust(decider).prefixRecord();
            }
        }
    }

    private static Prefix prefix(CommandSpec command, String option, String text) {
        try {
            return Prefix.parse(text);
        } catch (InvalidIdentifierException e) {
            throw new ParameterException(command.commandLine(), option + ": " + e.getMessage());
        }
    }

    private static VerifiedCase find(PrefixOffice office, CommandSpec command, String subject) {
        return CaseNumber.isNumber(subject)
                ? office.find(CaseNumber.parse(subject))
                : office.find(prefix(command, "the prefix or number", subject));
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists applications and prefixes, the oldest first.")
    int list(
            @Mixin Desk desk,
            @Option(
                            names = "--state",
                            split = ",",
                            paramLabel = "STATE",
                            description =
                                    "Only those in one of these states: awaiting-review, in-review, enabled, disabled,"
                                            + " rejected, deleting.")
                    List<String> states)
            throws ConfigException, IOException {
        List<State> wanted = new ArrayList<>();
        for (String state : states == null ? List.<String>of() : states) {
            wanted.add(state(state));
        }
        return desk.at((office, out) -> {
            List<PrefixCase> cases = office.list(wanted);
            if (desk.json) {
                ArrayNode array = JsonNodeFactory.instance.arrayNode();
                cases.forEach(whole -> array.add(CaseText.json(whole)));
                out.println(array);
            } else {
                CaseText.table(cases).forEach(out::println);
            }
        });
    }

    private State state(String text) {
        for (State state : State.values()) {
            boolean isState = state != State.STATE_UNSPECIFIED && state != State.UNRECOGNIZED;
            if (isState && LifeCycle.text(state).replace(' ', '-').equals(text)) {
                return state;
            }
        }
        throw new ParameterException(
                command.commandLine(),
                "--state: \"" + text
                        + "\" is no state; states are awaiting-review, in-review, enabled, disabled, rejected, deleting");
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows an application or a prefix with all its steps, and verifies them.")
    int show(@Mixin Desk desk, @Parameters(paramLabel = "PREFIX|NUMBER") String subject)
            throws ConfigException, IOException {
        return desk.at((office, out) -> {
            PrefixCase found = find(office, command, subject).message();
            if (desk.json) {
                out.println(CaseText.json(found));
            } else {
                CaseText.lines(found).forEach(out::println);
                out.println("; verified: each step is signed, follows the one before, and was allowed");
            }
        });
    }

    @Command(
            name = "review",
            mixinStandardHelpOptions = true,
            description = "Takes an application up: the applicant sees that it is in review.")
    int review(
            @Mixin Desk desk,
            @Parameters(paramLabel = "PREFIX|NUMBER") String subject,
            @Option(names = "--reason", defaultValue = "") String reason)
            throws ConfigException, IOException {
        return decide(desk, subject, Kind.REVIEW, reason, null, 0);
    }

    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description = "Signs and publishes the record of the prefix that is applied for.")
    int approve(
            @Mixin Desk desk,
            @Parameters(paramLabel = "PREFIX|NUMBER") String subject,
            @Option(names = "--reason", defaultValue = "") String reason,
            @Option(
                            names = "--prefix",
                            paramLabel = "PREFIX",
                            description = "The prefix to allot, where the application wishes none.")
                    String allotted,
            @Option(
                            names = "--expires",
                            paramLabel = "DAYS",
                            defaultValue = "365",
                            description = "After how many days the record has to be renewed: 1 to 3650. Default:"
                                    + " ${DEFAULT-VALUE}.")
                    int days)
            throws ConfigException, IOException {
        if (days < 1 || days > 3_650) {
            throw new ParameterException(command.commandLine(), "--expires must be 1 to 3650 days, not " + days);
        }
        return decide(desk, subject, Kind.APPROVE, reason, allotted, days);
    }

    @Command(name = "reject", mixinStandardHelpOptions = true, description = "Turns an application down.")
    int reject(
            @Mixin Desk desk,
            @Parameters(paramLabel = "PREFIX|NUMBER") String subject,
            @Option(names = "--reason", required = true, description = "The applicant reads it.") String reason)
            throws ConfigException, IOException {
        return decide(desk, subject, Kind.REJECT, reason, null, 0);
    }

    @Command(
            name = "disable",
            mixinStandardHelpOptions = true,
            description =
                    "Publishes that the prefix is revoked: nothing under it resolves any more, nor is registered.")
    int disable(
            @Mixin Desk desk,
            @Parameters(paramLabel = "PREFIX|NUMBER") String subject,
            @Option(names = "--reason", defaultValue = "") String reason)
            throws ConfigException, IOException {
        return decide(desk, subject, Kind.DISABLE, reason, null, 0);
    }

    @Command(
            name = "enable",
            mixinStandardHelpOptions = true,
            description = "Publishes that a disabled prefix is valid again, with all that is under it.")
    int enable(
            @Mixin Desk desk,
            @Parameters(paramLabel = "PREFIX|NUMBER") String subject,
            @Option(names = "--reason", defaultValue = "") String reason)
            throws ConfigException, IOException {
        return decide(desk, subject, Kind.ENABLE, reason, null, 0);
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description =
                    "As disable, for good: the prefix can't be enabled again. Its records and its history are kept.")
    int delete(
            @Mixin Desk desk,
            @Parameters(paramLabel = "PREFIX|NUMBER") String subject,
            @Option(names = "--reason", defaultValue = "") String reason)
            throws ConfigException, IOException {
        return decide(desk, subject, Kind.DELETE, reason, null, 0);
    }

    private int decide(Desk desk, String subject, Kind kind, String reason, String allotted, int days)
            throws ConfigException, IOException {
        Optional<Prefix> prefix = Optional.ofNullable(allotted).map(text -> prefix(command, "--prefix", text));
        return desk.at((office, out) -> {
            VerifiedCase open = find(office, command, subject);
            PrefixCase after = office.decide(open, kind, reason, prefix, Duration.ofDays(days));
            if (desk.json) {
                out.println(CaseText.json(after));
            } else {
                CaseText.lines(after).forEach(out::println);
            }
        });
    }
}
