package org.waymark.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.cli.WaymarkCommand;
import org.waymark.node.AnswerProxy;
import org.waymark.node.NodeProcess;
import org.waymark.node.NodeProcesses;

/** The commands {@code waymark} and {@code waymark-node} against a node that runs. */
class CommandsIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SAMPLES = Path.of("..", "ops", "samples");
    private static final Pattern ANCHOR = Pattern.compile("(?m)^anchor +(vaa:88\\.118#[0-9a-f]{64})$");
    /** Where nothing listens. */
    private static final String NOWHERE = "127.0.0.1:1";

    @RegisterExtension
    private static final NodeProcesses NODES = new NodeProcesses();

    @TempDir
    private static Path directory;

    private static NodeProcess node;
    private static String anchor;

    /** What a command came to. */
    private record Ran(int code, String out, String err) {

        Ran exits(int expected) {
            assertThat(code).as("exit code; out: %s err: %s", out, err).isEqualTo(expected);
            return this;
        }

        Ran says(String... parts) {
            assertThat(out).contains(parts);
            return this;
        }

        Ran complains(String... parts) {
            assertThat(err).contains(parts);
            assertThat(err.lines()).hasSize(1);
            return this;
        }

        JsonNode json() throws IOException {
            return JSON.readTree(out);
        }
    }

    @FunctionalInterface
    private interface Command {
        int run(PrintWriter out, PrintWriter err, String... arguments);
    }

    private static Ran run(Command command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = command.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    private static Ran waymarkNode(String... arguments) {
        return run((out, err, all) -> NodeCommand.run(out, err, Map.of(), all), arguments);
    }

    private static Ran waymark(String... arguments) {
        return run(WaymarkCommand::run, arguments);
    }

    /** A command that asks the node. */
    private static Ran ask(String command, String... arguments) {
        return askAt(node.server(), command, arguments);
    }

    private static Ran askAt(String server, String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command, "--server", server, "--timeout", "30"));
        all.addAll(List.of(arguments));
        return waymark(all.toArray(String[]::new));
    }

    /** A command that verifies from the node's anchor. */
    private static Ran verified(String command, String... arguments) {
        return verifiedAt(node.server(), command, arguments);
    }

    private static Ran verifiedAt(String server, String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--anchor", anchor));
        all.addAll(List.of(arguments));
        return askAt(server, command, all.toArray(String[]::new));
    }

    @BeforeAll
    static void setANodeUp() {
        Ran init = waymarkNode("init", home().toString(), "--prefix", "88.118", "--name", "A node for tests")
                .exits(0);
        Matcher matcher = ANCHOR.matcher(init.out());
        assertThat(matcher.find()).as(init.out()).isTrue();
        anchor = matcher.group(1);
        node = NODES.serve("--config", home().resolve("waymark.yaml").toString());
    }

    private static Path home() {
        return directory.resolve("node");
    }

    /** A prefix with a key that delegates and consents, and one that signs records. */
    private record Enterprise(String prefix, Path office, Path workshop, String workshopId) {

        static Enterprise founded(String prefix) {
            Path office = directory.resolve(prefix + "-office.pem");
            Path workshop = directory.resolve(prefix + "-workshop.pem");
            waymark("keygen", "--suite", "sm2", office.toString()).exits(0);
            String id = newKey(workshop);
            ask(
                            "delegate",
                            prefix,
                            "--parent-key",
                            delegateKey(),
                            "--key",
                            office + ".pub:delegate",
                            "--key",
                            workshop + ".pub:records",
                            "--name",
                            "Enterprise " + prefix)
                    .exits(0)
                    .says("CREATED", "version 1, epoch 1", id);
            return new Enterprise(prefix, office, workshop, id);
        }

        /** Makes the next version of the prefix record, with the enterprise's consent. */
        Ran changes(String... arguments) {
            List<String> all =
                    new ArrayList<>(List.of(prefix, "--parent-key", delegateKey(), "--consent-key", office.toString()));
            all.addAll(List.of(arguments));
            return ask("delegate", all.toArray(String[]::new));
        }

        Ran registers(String suffix, String... arguments) {
            return registersWith(workshop, suffix, arguments);
        }

        Ran registersWith(Path key, String suffix, String... arguments) {
            List<String> all = new ArrayList<>(List.of(id(suffix), "--key", key.toString()));
            all.addAll(List.of(arguments));
            return ask("register", all.toArray(String[]::new));
        }

        String id(String suffix) {
            return prefix + "/" + suffix;
        }
    }

    private static String delegateKey() {
        return home().resolve("keys").resolve("delegate.pem").toString();
    }

    /** Makes a key, and gives its id. */
    private static String newKey(Path file) {
        return waymark("keygen", file.toString()).exits(0).out().strip();
    }

    @Test
    void anItemIsRegisteredResolvedAndVerified() throws Exception {
        Enterprise maker = Enterprise.founded("88.118.801");
        maker.registers("PUMP", "-v", "name=Pump", "-v", "serial=ZB24010007", "-v", "@100:note=first")
                .exits(0)
                .says("CREATED 1, UPDATED 0, UNCHANGED 0, refused 0");
        maker.registers("PUMP", "-v", "name=Pump", "-v", "serial=ZB24010007", "-v", "@100:note=first")
                .exits(0)
                .says("UNCHANGED 1");

        verified("resolve", maker.id("PUMP"))
                .exits(0)
                .says("FOUND  version 1", "ZB24010007", "anchor vaa:88.118 -> vaa:88.118.801", "Enterprise 88.118.801");
        JsonNode answer =
                verified("resolve", "--json", maker.id("PUMP")).exits(0).json();
        assertThat(answer.path("outcome").asText()).isEqualTo("FOUND");
        assertThat(answer.path("verified").asBoolean()).isTrue();
        assertThat(answer.path("record").path("values")).hasSize(3);

        Ran byType = verified("resolve", "--type", "serial", maker.id("PUMP")).exits(0);
        byType.says("1 of 3 values shown", "ZB24010007");
        assertThat(byType.out()).doesNotContain("first");
        Ran byIndex = verified("resolve", "--index", "100", maker.id("PUMP")).exits(0);
        byIndex.says("1 of 3 values shown", "first");
        assertThat(byIndex.out()).doesNotContain("ZB24010007");
        verified("resolve", "--authoritative", maker.id("PUMP")).exits(0).says("answered by  registry", "as of commit");
        verified("verify", maker.id("PUMP")).exits(0).says("VERIFIED  version 1");

        maker.registers("PUMP", "-v", "name=Pump, overhauled").exits(0).says("UPDATED 1");
        verified("resolve", maker.id("PUMP")).exits(0).says("FOUND  version 2", "Pump, overhauled");
        verified("history", maker.id("PUMP")).exits(0).says("2 versions", "~name", "-serial", "-note");
        assertThat(verified("history", "--json", maker.id("PUMP"))
                        .exits(0)
                        .out()
                        .lines())
                .hasSize(2);
    }

    @Test
    void theSamplesAreRegisteredFromTheirFiles() {
        requireSamples("88.118.8", "construction-machinery.csv", "88.118.8/JXDY2106023");
        requireSamples("88.118.21", "steel.csv", "88.118.21/24B00334-01");
        requireSamples("88.118.35", "power.jsonl", "88.118.35/BLQ24010031");
    }

    private static void requireSamples(String prefix, String file, String identifier) {
        Enterprise enterprise = Enterprise.founded(prefix);
        String[] arguments = {
            "--file",
            SAMPLES.resolve(file).toString(),
            "--key",
            enterprise.workshop().toString()
        };
        ask("register", arguments).exits(0).says("CREATED 300, UPDATED 0, UNCHANGED 0, refused 0");
        ask("register", arguments).exits(0).says("CREATED 0, UPDATED 0, UNCHANGED 300, refused 0");
        verified("resolve", identifier).exits(0).says("FOUND  version 1", "; verified");
    }

    @Test
    void aSavedRecordIsVerifiedWithoutANode() throws IOException {
        Enterprise maker = Enterprise.founded("88.118.802");
        maker.registers("SAVED", "-v", "name=Pump").exits(0);
        Path saved = directory.resolve("saved.json");
        verified("resolve", "--save", saved.toString(), maker.id("SAVED")).exits(0);
        verifiedAt(NOWHERE, "verify", saved.toString()).exits(0).says("VERIFIED  version 1");

        JsonNode file = JSON.readTree(saved.toFile());
        Path other = directory.resolve("other.json");
        maker.registers("OTHER", "-v", "name=Hose").exits(0);
        verified("resolve", "--save", other.toString(), maker.id("OTHER")).exits(0);
        String swapped = Files.readString(saved)
                .replace(
                        file.path("chain").get(1).asText(),
                        JSON.readTree(other.toFile()).path("record").asText());
        verifiedAt(NOWHERE, "verify", Files.writeString(other, swapped).toString())
                .exits(3)
                .complains("does not verify");
        askAt(NOWHERE, "verify", "--anchor", strangeAnchor(), saved.toString())
                .exits(3)
                .complains("does not verify");
    }

    private static String strangeAnchor() {
        return anchor.substring(0, anchor.indexOf('#') + 1) + "0".repeat(64);
    }

    @Test
    void eachFailureHasItsExitCode() {
        Enterprise maker = Enterprise.founded("88.118.803");
        maker.registers("THERE", "-v", "name=Pump").exits(0);
        String there = maker.id("THERE");

        verified("resolve", maker.id("NOT-THERE")).exits(1).says("NOT FOUND");
        verified("resolve", "88.777.1/X").exits(1).says("NOT RESPONSIBLE");
        verified("history", maker.id("NOT-THERE")).exits(1);
        verified("resolve", "no identifier").exits(2).complains("waymark resolve --help");
        ask("resolve", "--anchor", strangeAnchor(), there).exits(3).complains("does not verify");
        Path strange = directory.resolve("strange.pem");
        newKey(strange);
        maker.registersWith(strange, "NEW", "-v", "name=Pump").exits(4);
        verifiedAt(NOWHERE, "resolve", there).exits(5).complains("cannot connect to " + NOWHERE);
        askAt(NOWHERE, "register", there, "--key", maker.workshop().toString()).exits(5);
        maker.registersWith(directory.resolve("no-such.pem"), "NEW").exits(6).complains("no such file");
        ask("register", "--file", "no-such.csv", "--key", maker.workshop().toString())
                .exits(6)
                .complains("no-such.csv: no such file");
        waymark("frobnicate").exits(2);
        ask("register", there).exits(2).complains("--key");
        waymark("keygen", maker.workshop().toString()).exits(6).complains("not overwritten");
    }

    @Test
    void aRetiredKeySignsNothingNewAndWhatItSignedStays() {
        Enterprise maker = Enterprise.founded("88.118.804");
        maker.registers("OLD", "-v", "name=Pump").exits(0);
        maker.changes("--retire", maker.workshopId()).exits(0).says("UPDATED  version 2, epoch 1", "retired  records");

        maker.registers("NEW", "-v", "name=Pump").exits(4).complains("KEY_IS_RETIRED");
        verified("resolve", maker.id("OLD")).exits(0).says("FOUND");
    }

    @Test
    void nothingOfARevokedKeyIsFoundUntilItIsSignedAnew() {
        Enterprise maker = Enterprise.founded("88.118.805");
        maker.registers("OLD", "-v", "name=Pump").exits(0);
        verified("resolve", maker.id("OLD")).exits(0);
        Path next = directory.resolve("next.pem");
        newKey(next);
        maker.changes("--revoke", maker.workshopId(), "--key", next + ".pub:records")
                .exits(0)
                .says("revoked  records", "active   records");

        verified("resolve", maker.id("OLD")).exits(1).says("REVOKED", "the key that signed it is no longer good");
        maker.registers("NEW", "-v", "name=Pump").exits(4).complains("KEY_IS_REVOKED");

        maker.registersWith(next, "OLD", "-v", "name=Pump").exits(0).says("UPDATED 1");
        verified("resolve", maker.id("OLD")).exits(0).says("FOUND  version 2");
        verified("history", maker.id("OLD")).exits(0).says("2 versions");
    }

    @Test
    void aPrefixIsRevokedAndComesBack() {
        Enterprise maker = Enterprise.founded("88.118.806");
        maker.registers("PUMP", "-v", "name=Pump").exits(0);
        verified("resolve", maker.id("PUMP")).exits(0);
        maker.changes("--revoke-prefix").exits(0).says("version 2, epoch 1, REVOKED");

        verified("resolve", maker.id("PUMP")).exits(1).says("REVOKED  with");
        verified("resolve", maker.id("NEVER-THERE")).exits(1).says("REVOKED  with");
        maker.registers("NEW", "-v", "name=Pump").exits(4).complains("OWNER_NOT_ACTIVE");

        maker.changes("--contact", "quality@example.com").exits(0).says("version 3, epoch 1, REVOKED");
        maker.changes("--restore-prefix").exits(0).says("version 4, epoch 1, expires");
        verified("resolve", maker.id("PUMP")).exits(0).says("FOUND  version 1");
    }

    @Test
    void aPrefixThatDoesNotConsentNeedsANewEpoch() {
        Enterprise maker = Enterprise.founded("88.118.807");
        maker.registers("PUMP", "-v", "name=Pump").exits(0);
        ask("delegate", maker.prefix(), "--parent-key", delegateKey()).exits(2).complains("--consent-key", "--epoch");
        Path next = directory.resolve("epoch.pem");
        newKey(next);
        ask("delegate", maker.prefix(), "--parent-key", delegateKey(), "--epoch", "--key", next + ".pub:records")
                .exits(0)
                .says("version 2, epoch 2");
        verified("resolve", maker.id("PUMP")).exits(1).says("NOT FOUND");
        maker.registersWith(next, "PUMP", "-v", "name=Pump").exits(0).says("UPDATED 1");
        verified("resolve", maker.id("PUMP")).exits(0).says("FOUND  version 2");
    }

    @Test
    void aKeyForTheHandleFaceStaysUntilItIsTakenAway() throws Exception {
        Enterprise maker = Enterprise.founded("88.118.812");
        Path handleKey = directory.resolve("handle-key.pub");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2_048);
        String der = Base64.getMimeEncoder()
                .encodeToString(generator.generateKeyPair().getPublic().getEncoded());
        Files.writeString(handleKey, "-----BEGIN PUBLIC KEY-----\n" + der + "\n-----END PUBLIC KEY-----\n");

        maker.changes("--handle-key", maker.workshop() + ".pub").exits(6).complains("RSA or DSA");
        maker.changes("--handle-key", handleKey.toString()).exits(0).says("version 2", "handle key  index 390");
        maker.changes("--contact", "sales@example.com").exits(0).says("version 3", "handle key  index 390");
        Ran removed = maker.changes("--no-handle-key").exits(0).says("version 4");
        assertThat(removed.out()).doesNotContain("handle key");
    }

    @Test
    void aRestrictedValueDoesNotLeaveTheNodeAndTheRestVerifies() throws IOException {
        Enterprise maker = Enterprise.founded("88.118.808");
        String secret = "SECRET-PRICE-4711";
        String[] values = {"-v", "name=Pump", "-v", "price=" + secret, "--restrict", "price=88.118.900"};
        maker.registers("PUMP", values).exits(0).says("CREATED 1");
        Path saved = directory.resolve("restricted.json");
        try (AnswerProxy proxy = new AnswerProxy(node)) {
            String server = proxy.server();
            List<Ran> ran = List.of(
                    verifiedAt(server, "resolve", "--save", saved.toString(), maker.id("PUMP")),
                    verifiedAt(server, "resolve", "--json", maker.id("PUMP")),
                    verifiedAt(server, "resolve", "--authoritative", maker.id("PUMP")),
                    verifiedAt(server, "resolve", "--type", "price", maker.id("PUMP")),
                    verifiedAt(server, "resolve", "--index", "2001", maker.id("PUMP")),
                    verifiedAt(server, "history", maker.id("PUMP")),
                    verifiedAt(server, "history", "--json", maker.id("PUMP")),
                    verifiedAt(server, "verify", maker.id("PUMP")),
                    verifiedAt(server, "resolve", "--no-verify", maker.id("PUMP")));
            for (Ran each : ran) {
                each.exits(0);
                assertThat(each.out()).doesNotContain(secret);
            }
            ran.get(0).says("1 of 2 values shown", "; verified");
            assertThat(proxy.seen()).contains("Pump").doesNotContain(secret);
        }
        verifiedAt(NOWHERE, "verify", saved.toString()).exits(0).says("VERIFIED");
        // What is withheld can't be compared, so the same text is a new version.
        maker.registers("PUMP", values).exits(0).says("UPDATED 1");
    }

    @Test
    void theNodeSaysHowItIs() throws IOException {
        ask("info").exits(0).says("88.118", "ready", "yes", "embedded");
        JsonNode info = ask("info", "--json").exits(0).json();
        assertThat(info.path("prefix").asText()).contains("88.118");
        assertThat(info.path("sequence").asLong()).isPositive();
    }

    @Test
    void theConfigurationInEffectIsShown() {
        waymarkNode(
                        "config",
                        "--config",
                        home().resolve("waymark.yaml").toString(),
                        "--set",
                        "nearCache.maxBytes=64MiB")
                .exits(0)
                .says(anchor, home().toString(), "maxBytes: 64MiB  # flag --set", "port: 2640  # default");
    }

    @Test
    void aNodeIsSetUpOnceOnly() {
        waymarkNode("init", home().toString(), "--prefix", "88.118", "--name", "Again")
                .exits(1)
                .complains("exists already");
    }
}
