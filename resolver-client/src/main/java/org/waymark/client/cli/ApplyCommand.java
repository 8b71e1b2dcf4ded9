package org.waymark.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.waymark.Limits;
import org.waymark.client.NodeClient;
import org.waymark.client.PrefixLifeCycle;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Prefix;
import org.waymark.lifecycle.CaseHistory;
import org.waymark.lifecycle.CaseNumber;
import org.waymark.lifecycle.PrefixApplication;
import org.waymark.record.InvalidRecordException;
import org.waymark.trust.KeySource;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.SigningKey;
import org.waymark.v1.Application;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.KeyRole;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.SignedStatement;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark apply}. */
@Command(
        name = "apply",
        description = {
            "Applies for a prefix: signs an application with the key that is to be the prefix's, and sends it to the node"
                    + " that allots prefixes. Prints the number by which its state is asked for.",
            "With --status: shows what has been decided about an application. With --anchor, verifies that too."
        })
final class ApplyCommand implements Callable<Integer> {

    @Mixin
    private NodeOptions node;

    @Mixin
    private NodeOptions.AnchorOptions trust;

    @Parameters(arity = "0..1", paramLabel = "PREFIX", description = "The prefix that is wished, such as 88.118.9.")
    private Prefix wished;

    @Mixin
    private PassphraseOptions passphrases;

    @Option(
            names = "--under",
            paramLabel = "PREFIX",
            description = "The prefix that allots: the one above the wished one unless given. Without a wished one: any"
                    + " prefix under this one will do.")
    private Prefix under;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "FILE",
            description =
                    "Private key that signs; its public half becomes the prefix's, with the roles delegate,records.")
    private KeySource keySource;

    @Option(
            names = "--with-key",
            paramLabel = "FILE.pub[:ROLE,ROLE]",
            description = "Public key that the prefix is to have besides; written as for waymark delegate.")
    private List<String> furtherKeys = List.of();

    @Option(names = "--name", description = "Legal name of the enterprise.")
    private String name;

    @Option(names = "--code", paramLabel = "CODE", description = "Unified social credit code: 18 characters, checked.")
    private String code;

    @Option(
            names = "--contact",
            description = "Who answers for the identifiers. Only who decides reads it; it is not published.")
    private String contact;

    @Option(names = "--industry", paramLabel = "CODE", description = "By GB/T 4754, such as C3514.")
    private String industry = "";

    @Option(
            names = "--node-address",
            paramLabel = "[FACE=]HOST:PORT",
            description = "Where the enterprise's own node is reached. Without it: hosted by the node that allots.")
    private List<String> addresses = List.of();

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Keep the signed application in this file before it is sent. If the file is there already,"
                    + " it is sent again as it is: that changes nothing.")
    private Path file;

    @Option(names = "--status", paramLabel = "NUMBER", description = "Show the state of this application instead.")
    private String number;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (number != null) {
            return status(CaseNumber.parse(number));
        }
        PrefixApplication application = file != null && Files.exists(file) ? saved() : sign();
        if (file != null && !Files.exists(file)) {
            save(application);
        }
        PrefixCase opened;
        try (NodeClient client = node.connect()) {
            opened = new PrefixLifeCycle(client).apply(application).join();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(CaseText.json(opened));
        } else {
            CaseText.lines(opened).forEach(out::println);
            out.println("follow it with  waymark apply --status " + application.number());
        }
        return ExitCode.OK;
    }

    private PrefixApplication saved() throws IOException {
        if (Files.size(file) > 2 * Limits.APPLICATION_BYTES) {
            throw new UsageException(file + " is too large for an application");
        }
        try {
            PrefixApplication application =
                    PrefixApplication.parse(SignedStatement.parseFrom(Files.readAllBytes(file)));
            requireSame(application);
            return application;
        } catch (InvalidProtocolBufferException e) {
            throw new UsageException(file + " is no application that --save has kept");
        }
    }

    /** What is asked for has to be what is sent. */
    private void requireSame(PrefixApplication kept) {
        requireSame("PREFIX", wished, kept.wished().orElse(null));
        requireSame("--under", under, kept.under());
        requireSame("--name", name, kept.description().getName());
        requireSame("--code", code, kept.description().getRegistration());
        requireSame("--contact", contact, kept.contact());
    }

    private void requireSame(String option, Object asked, Object kept) {
        if (asked != null && !asked.equals(kept)) {
            throw new UsageException(file + " holds an application with " + option + " " + kept
                    + ", which would be sent as it is; take another file for " + asked);
        }
    }

    /** Only for its owner: it holds the contact. */
    private void save(PrefixApplication application) throws IOException {
        boolean isPosix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = isPosix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Files.createFile(file, attributes);
        Files.write(file, application.toProto().toByteArray());
    }

    private PrefixApplication sign() throws IOException {
        if (wished == null && under == null) {
            throw new UsageException("give the PREFIX that is wished, or --under PREFIX for any under that one");
        }
        require("--key", keySource);
        require("--name", name);
        require("--code", code);
        require("--contact", contact);
        Prefix above = under != null
                ? under
                : wished.parent()
                        .orElseThrow(() -> new UsageException(wished + " is a root; nobody is above it to allot it"));
        SigningKey key = passphrases.open(keySource);
        List<PartyKey> keys = new ArrayList<>();
        keys.add(PartyKey.active(key.verifyingKey(), EnumSet.of(KeyRole.DELEGATE, KeyRole.RECORDS)));
        for (String further : furtherKeys) {
            keys.add(KeyWithRoles.parse(further).read());
        }
        Application draft = Application.newBuilder()
                .setScheme(IdentifierScheme.forNumber(above.scheme().code()))
                .setUnder(above.canonical())
                .setWished(wished == null ? "" : wished.canonical())
                .setName(name)
                .setCreditCode(code)
                .setContact(contact)
                .setIndustry(industry)
                .addAllKeys(keys.stream().map(PartyKey::toProto).toList())
                .addAllAddresses(addresses.stream().map(AddressText::parse).toList())
                .setAppliedAt(System.currentTimeMillis())
                .build();
        try {
            return PrefixApplication.sign(draft, key);
        } catch (InvalidRecordException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static void require(String option, Object value) {
        if (value == null) {
            throw new UsageException("Missing required option: '" + option + "'");
        }
    }

    private int status(CaseNumber asked) {
        PrefixCase found;
        try (NodeClient client = node.connect()) {
            found = new PrefixLifeCycle(client).status(asked).join();
        }
        String verified = verify(found);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(CaseText.json(found));
        } else {
            CaseText.lines(found).forEach(out::println);
            out.println(verified);
        }
        return ExitCode.OK;
    }

    private String verify(PrefixCase found) {
        if (trust.anchors().isEmpty()) {
            return "; not verified: that needs an anchor, --anchor PREFIX#KEY-ID";
        }
        try (ResolverClient resolver = node.resolver(trust)) {
            PrefixRecord decider =
                    resolver.blocking().trust(CaseText.decider(found)).prefixRecord();
            CaseHistory.verify(found, found.getStepsList(), decider);
            return "; verified: each decision is signed by " + decider.prefix() + ", and none is missing in between";
        }
    }
}
