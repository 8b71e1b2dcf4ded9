package org.waymark.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.FakeNode;
import org.waymark.client.TestParty;
import org.waymark.identifier.Identifier;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.SignedRecord;
import picocli.CommandLine;

/** Runs the command in this process, against a node of the tests. */
class WaymarkCommandTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ITEM = "88.118.8/JXDY2106023";

    @TempDir
    private Path directory;

    private final FakeNode node = new FakeNode();
    private final TestParty root = TestParty.of("88");
    private String out;
    private String err;

    @BeforeEach
    void fill() throws IOException {
        KeyFile.writePrivate(directory.resolve("root"), root.key());
        node.hold(root.root());
    }

    @AfterEach
    void close() {
        node.close();
    }

    private int local(String... arguments) {
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        CommandLine command = WaymarkCommand.commandLine();
        int code = command.setOut(new PrintWriter(outText, true))
                .setErr(new PrintWriter(errText, true))
                .execute(arguments);
        out = outText.toString();
        err = errText.toString();
        return code;
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--server");
        all.add("127.0.0.1:" + node.port());
        return local(all.toArray(String[]::new));
    }

    private int verifying(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--anchor");
        all.add(root.anchor().toString());
        return run(all.toArray(String[]::new));
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private String keyId(String name) {
        try {
            return KeyFile.readPublic(directory.resolve(name + ".pub")).id().toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A registered enterprise with the key file "enterprise". */
    private void enterprise() {
        assertThat(local("keygen", file("enterprise"))).isZero();
        assertThat(delegate("--key", file("enterprise.pub"), "--name", "湖南示例工程机械有限公司"))
                .as(() -> err)
                .isZero();
    }

    private int delegate(String... more) {
        List<String> all = new ArrayList<>(List.of("delegate", "88.118.8", "--parent-key", file("root")));
        all.addAll(List.of(more));
        return run(all.toArray(String[]::new));
    }

    private int register(String... more) {
        List<String> all = new ArrayList<>(List.of("register", "--key", file("enterprise")));
        all.addAll(List.of(more));
        return run(all.toArray(String[]::new));
    }

    private List<IdentifierRecord> versions(String identifier) {
        Identifier parsed = Identifier.parse(identifier);
        return node.versions(RecordKey.of(RecordKind.ITEM, parsed.scheme(), parsed.canonical()));
    }

    private List<PrefixRecord> prefixVersions() {
        return node.versions(RecordKey.of(RecordKind.PREFIX, org.waymark.identifier.Scheme.VAA, "88.118.8")).stream()
                .map(PrefixRecord::of)
                .toList();
    }

    @Test
    void aTlsFileThatCannotBeReadIsALocalFault() {
        assertThat(local("info", "--server", "tls://127.0.0.1:1", "--tls-authorities", file("none.pem")))
                .isEqualTo(ExitCode.LOCAL_FILE);
        assertThat(err).contains("none.pem");
    }

    @Test
    void keygenWritesAPrivateFileAndPrintsTheKeyId() throws IOException {
        assertThat(local("keygen", "--suite", "sm2", file("key"))).isZero();

        assertThat(out.strip()).isEqualTo(keyId("key"));
        assertThat(KeyFile.readPrivate(directory.resolve("key")).id().toString())
                .isEqualTo(keyId("key"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void keygenNeverOverwrites() {
        local("keygen", file("key"));

        assertThat(local("keygen", file("key"))).isEqualTo(ExitCode.LOCAL_FILE);
        assertThat(err).hasLineCount(1).contains("exists already");
    }

    @Test
    void delegateRegistersAPrefix() {
        enterprise();

        PrefixRecord record = prefixVersions().get(0);
        assertThat(record.owner().canonical()).isEqualTo("88");
        assertThat(record.description().getName()).isEqualTo("湖南示例工程机械有限公司");
        assertThat(out).contains("vaa:88.118.8  CREATED").contains(keyId("enterprise"));
    }

    @Test
    void delegateMakesTheNextVersionWithConsentAndKeepsWhatIsNotGiven() {
        enterprise();
        local("keygen", file("second"));

        assertThat(delegate(
                        "--key",
                        file("second.pub") + ":records",
                        "--retire",
                        keyId("enterprise"),
                        "--node-address",
                        "https=node.example.com:443",
                        "--consent-key",
                        file("enterprise")))
                .as(() -> err)
                .isZero();

        PrefixRecord next = prefixVersions().get(1);
        assertThat(next.description().getName()).isEqualTo("湖南示例工程机械有限公司");
        assertThat(next.keys())
                .extracting(key -> key.state())
                .containsExactly(KeyState.KEY_RETIRED, KeyState.KEY_ACTIVE);
        assertThat(next.addresses().get(0).getFace()).isEqualTo("https");
        assertThat(next.record().consent()).isPresent();
    }

    @Test
    void delegateAsksForConsentOrANewEpoch() {
        enterprise();

        assertThat(delegate("--contact", "x")).isEqualTo(ExitCode.USAGE);
        assertThat(err).hasLineCount(1).contains("--consent-key").contains("--epoch");
        assertThat(delegate("--contact", "x", "--epoch")).isZero();
        assertThat(prefixVersions().get(1).epoch()).isEqualTo(2);
    }

    @Test
    void delegateMakesARootAndPrintsItsAnchor() {
        local("keygen", file("gs1"));

        assertThat(run("delegate", "gs1", "--parent-key", file("gs1"), "--key", file("gs1.pub"), "--name", "GS1"))
                .as(() -> err)
                .isZero();
        assertThat(out).contains("anchor  gs1:gs1#" + keyId("gs1"));
    }

    @Test
    void delegateRevokesAPrefix() {
        enterprise();

        assertThat(delegate("--revoke-prefix", "--epoch")).isZero();
        assertThat(prefixVersions().get(1).record().isRevoked()).isTrue();
    }

    @Test
    void anItemIsRegisteredAndResolved() {
        enterprise();

        assertThat(register(ITEM, "--value", "name=轴向柱塞变量泵", "--value", "@1:URL=https://example.com/a?b=c"))
                .as(() -> err)
                .isZero();
        assertThat(out).contains("CREATED 1, UPDATED 0, UNCHANGED 0, refused 0");
        assertThat(verifying("resolve", ITEM)).as(() -> err).isZero();
        assertThat(out)
                .contains(ITEM + "  FOUND  version 1, ttl 86400 s")
                .contains("  INDEX  TYPE  DATA")
                .contains("  1      URL   https://example.com/a?b=c")
                .contains("  2000   name  轴向柱塞变量泵")
                .contains("湖南示例工程机械有限公司 (vaa:88.118.8), key "
                        + keyId("enterprise").substring(0, 16))
                .contains("verified     anchor vaa:88 -> vaa:88.118.8")
                .contains("answered by  near cache in ");
    }

    @Test
    void theSameAgainIsUnchanged() {
        enterprise();
        register(ITEM, "--value", "name=pump");

        assertThat(register(ITEM, "--value", "name=pump")).isZero();
        assertThat(out).contains("CREATED 0, UPDATED 0, UNCHANGED 1, refused 0");
    }

    @Test
    void resolveAsJsonIsOneObjectALine() throws IOException {
        enterprise();
        register(ITEM, "--value", "name=pump", "--ttl", "60");

        assertThat(verifying("resolve", ITEM, "88.118.8/none", "--json")).isEqualTo(ExitCode.NEGATIVE);

        List<String> lines = out.lines().toList();
        assertThat(lines).hasSize(2);
        JsonNode found = JSON.readTree(lines.get(0));
        assertThat(found.at("/outcome").asText()).isEqualTo("FOUND");
        assertThat(found.at("/verified").asBoolean()).isTrue();
        assertThat(found.at("/record/values/0/data").asText()).isEqualTo("pump");
        assertThat(found.at("/record/ttl").asInt()).isEqualTo(60);
        assertThat(JSON.readTree(lines.get(1)).at("/outcome").asText()).isEqualTo("NOT_FOUND");
    }

    @Test
    void resolveSelectsByType() {
        enterprise();
        register(ITEM, "--value", "name=pump", "--value", "model=SPV140");

        assertThat(verifying("resolve", ITEM, "--type", "model")).isZero();
        assertThat(out).contains("1 of 2 values shown").contains("SPV140").doesNotContain("pump");
    }

    @Test
    void resolveWithoutAnchorSaysWhatIsMissing() {
        assertThat(run("resolve", ITEM)).isEqualTo(ExitCode.USAGE);
        assertThat(err).hasLineCount(1).contains("--anchor").contains("--no-verify");
    }

    @Test
    void aForgedRecordExitsWithThree() {
        enterprise();
        node.hold(TestParty.of("88.118.8").item(ITEM, "forged"));

        assertThat(verifying("resolve", ITEM)).isEqualTo(ExitCode.NOT_VERIFIED);
        assertThat(err).hasLineCount(1).contains("does not verify");
        assertThat(run("resolve", "--no-verify", ITEM)).isZero();
        assertThat(out).contains("NOT VERIFIED").contains("forged");
    }

    /** The prefix record proves what its keys are, not that one of them signed the record that is not shown. */
    @Test
    void aRevocationByKeyIsNotSaidToBeVerified() throws IOException {
        enterprise();
        Identifier item = Identifier.parse(ITEM);
        IdentifierRecord evidence = prefixVersions().get(0).record();
        node.twist(
                RecordKey.of(RecordKind.ITEM, item.scheme(), item.canonical()),
                reply -> new FakeNode.Reply(Outcome.RECORD_REVOKED, evidence.encoded(), 60_000, false));

        assertThat(verifying("resolve", ITEM)).isEqualTo(ExitCode.NEGATIVE);
        assertThat(out).contains("REVOKED").contains("NOT VERIFIED");
        assertThat(verifying("resolve", ITEM, "--json")).isEqualTo(ExitCode.NEGATIVE);
        assertThat(JSON.readTree(out).path("verified").asBoolean()).isFalse();
    }

    @Test
    void aMissingIdentifierExitsWithOne() {
        enterprise();

        assertThat(verifying("resolve", ITEM)).isEqualTo(ExitCode.NEGATIVE);
        assertThat(out).contains("NOT FOUND");
    }

    @Test
    void anUnreachableNodeExitsWithFive() {
        node.close();

        assertThat(verifying("resolve", ITEM)).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(err).hasLineCount(1).contains("127.0.0.1:" + node.port());
    }

    @Test
    void aStackTraceIsOnlyForTheVerbose() {
        node.close();

        verifying("resolve", ITEM, "--verbose");

        assertThat(err).contains("\tat org.waymark");
    }

    @Test
    void aWrongIdentifierExitsWithTwoAndSaysWhere() {
        assertThat(verifying("resolve", "88.118..8/x")).isEqualTo(ExitCode.USAGE);
        assertThat(err).hasLineCount(1).contains("empty segment").contains("position 7");
    }

    @Test
    void aCsvFileIsRegisteredWithTheRefusalsByLine() throws IOException {
        enterprise();
        Path csv = directory.resolve("items.csv");
        Files.writeString(csv, """
                identifier,name,model
                88.118.8/a,"pump, axial",
                88.118..8/b,broken identifier,
                ,no identifier,
                88.118.8/c,泵,SPV140
                88.118.8/d,"x",y,too many
                88.118.8/refused,name,
                """);
        node.refuse(
                versionsKey("88.118.8/refused"),
                RegisterResult.newBuilder()
                        .setCode(RegisterResult.Code.INVALID)
                        .setReason(RefusalReason.LIMIT_EXCEEDED)
                        .setField("values[0].data")
                        .setMessage("too long")
                        .build());

        assertThat(register("--file", csv.toString())).isEqualTo(ExitCode.REFUSED);

        assertThat(out).contains("CREATED 2, UPDATED 0, UNCHANGED 0, refused 4");
        assertThat(err)
                .contains("line 3: 88.118..8/b: ")
                .contains("line 4: has no identifier")
                .contains("line 6: has 4 fields; the header names 3")
                .contains("line 7: 88.118.8/refused: refused: INVALID LIMIT_EXCEEDED in values[0].data: too long");
        assertThat(versions("88.118.8/a").get(0).values())
                .extracting(value ->
                        value.index() + value.type() + "=" + value.data().toStringUtf8())
                .containsExactly("2000name=pump, axial");
        assertThat(versions("88.118.8/c").get(0).values())
                .extracting(value -> value.index() + value.type())
                .containsExactly("2000name", "2001model");
    }

    private static RecordKey versionsKey(String identifier) {
        Identifier parsed = Identifier.parse(identifier);
        return RecordKey.of(RecordKind.ITEM, parsed.scheme(), parsed.canonical());
    }

    @Test
    void aJsonLinesFileIsRegistered() throws IOException {
        enterprise();
        Path jsonl = directory.resolve("items.jsonl");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 1_200; i++) {
            lines.append("{\"identifier\": \"88.118.8/n").append(i).append("\", \"name\": \"泵\", \"mass\": 1.50}\n");
        }
        Files.writeString(jsonl, lines + "not json\n[1]\n{\"identifier\":\"88.118.8/x\",\"deep\":{}}\n");

        assertThat(register("--file", jsonl.toString())).isEqualTo(ExitCode.REFUSED);

        assertThat(out).contains("CREATED 1200, UPDATED 0, UNCHANGED 0, refused 3");
        assertThat(err)
                .contains("line 1201: is not JSON")
                .contains("line 1202: ")
                .contains("line 1203: ");
        assertThat(versions("88.118.8/n7").get(0).values())
                .extracting(value -> value.data().toStringUtf8())
                .containsExactly("泵", "1.50");
    }

    @Test
    void theSampleFilesAreRegistered() {
        enterprise();
        Path samples = Path.of("..", "ops", "samples");

        assertThat(register(
                        "--file", samples.resolve("construction-machinery.csv").toString()))
                .as(() -> err)
                .isZero();
        assertThat(out).contains("CREATED 300, UPDATED 0, UNCHANGED 0, refused 0");
    }

    @Test
    void aMissingFileExitsWithSix() {
        enterprise();

        assertThat(register("--file", file("none.csv"))).isEqualTo(ExitCode.LOCAL_FILE);
        assertThat(err).hasLineCount(1).contains("no such file");
    }

    @Test
    void aKeyThatOthersCanReadIsRefused() throws IOException {
        enterprise();
        Files.setPosixFilePermissions(directory.resolve("enterprise"), PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(register(ITEM, "--value", "name=pump")).isEqualTo(ExitCode.LOCAL_FILE);
        assertThat(err).hasLineCount(1).contains("chmod 600");
    }

    @Test
    void aRestrictedTypeNamesItsReaders() {
        enterprise();

        assertThat(register(ITEM, "--value", "cost=17", "--restrict", "cost=88.118.900,88.118.901"))
                .isZero();
        assertThat(versions(ITEM).get(0).values().get(0).readers()).containsExactly("88.118.900", "88.118.901");
    }

    @Test
    void aRestrictionOfATypeThatIsNotThereIsRefused() throws IOException {
        enterprise();

        assertThat(register(ITEM, "--value", "cost=17", "--restrict", "costs=88.118.900"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(err).hasLineCount(1).contains("\"costs\"");
        Path items = Files.writeString(directory.resolve("items.csv"), "identifier,cost\n" + ITEM + ",17\n");
        assertThat(register("--file", items.toString(), "--restrict", "costs=88.118.900"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(versions(ITEM)).isEmpty();
        assertThat(register("--file", items.toString(), "--restrict", "cost=88.118.900"))
                .isZero();
        assertThat(versions(ITEM).get(0).values().get(0).readers()).containsExactly("88.118.900");
    }

    @Test
    void anItemThatGetsTooLargeIsRefusedByItsLine() throws IOException {
        enterprise();
        String half = "x".repeat(33_000);
        Path items = Files.writeString(
                directory.resolve("items.csv"),
                "identifier,a,b\n88.118.8/large," + half + "," + half + "\n" + ITEM + ",1,2\n");

        assertThat(register("--file", items.toString())).isEqualTo(ExitCode.REFUSED);
        assertThat(err).hasLineCount(1).contains("line 2: 88.118.8/large").contains("at most 65536");
        assertThat(versions(ITEM)).hasSize(1);
    }

    @Test
    void aFileThatIsNotUtf8IsNamed() throws IOException {
        enterprise();
        Path items = Files.write(directory.resolve("items.csv"), new byte[] {'i', 'd', (byte) 0xFF, '\n'});

        assertThat(register("--file", items.toString())).isEqualTo(ExitCode.LOCAL_FILE);
        assertThat(err).hasLineCount(1).contains("items.csv").contains("is not UTF-8");
    }

    @Test
    void argumentsThatTheLocaleCouldNotReadAreRefused() {
        StringWriter errors = new StringWriter();
        PrintWriter err = new PrintWriter(errors, true);

        assertThat(WaymarkCommand.run(err, err, "keygen", file("\uFFFD"))).isEqualTo(ExitCode.USAGE);
        assertThat(errors.toString()).hasLineCount(1).contains("argument 2").contains("LC_ALL");
        assertThat(directory.resolve("\uFFFD")).doesNotExist();
    }

    @Test
    void eachBrokenIdentifierIsExplained() {
        assertThat(verifying("resolve", ITEM, "88..8/x")).isEqualTo(ExitCode.USAGE);
        assertThat(err).hasLineCount(1).contains("88..8/x").contains("empty segment");
    }

    @Test
    void aPrefixRecordThatTheNodeMadeUpIsNotSignedOnward() {
        enterprise();
        PrefixRecord genuine = prefixVersions().get(0);
        List<PartyKey> keys =
                List.of(PartyKey.active(SigningKey.generate(Suite.ED25519).verifyingKey(), Set.of(KeyRole.DELEGATE)));
        RecordDraft.Builder draft = RecordDraft.prefix(genuine.prefix(), genuine.owner())
                .expiresAt(genuine.record().expiresAt());
        RecordDraft forged = PrefixRecord.describe(draft, genuine.description(), keys, List.of())
                .build();
        IdentifierRecord bySomebody = new RecordSigner(root.key()).sign(forged);
        SignedRecord message;
        try {
            message = SignedRecord.parseFrom(bySomebody.encoded());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        // The genuine header, with another key among the values.
        SignedRecord.Builder madeUp = message.toBuilder()
                .setHeader(genuine.record().headerBytes())
                .setProof(genuine.record().proof().toProto());
        node.twist(
                genuine.record().key(),
                reply -> new FakeNode.Reply(
                        reply.outcome(), madeUp.build().toByteString(), reply.lifeMillis(), reply.stale()));

        assertThat(delegate("--name", "B", "--consent-key", file("enterprise"))).isEqualTo(ExitCode.NOT_VERIFIED);
        assertThat(err).contains("not those that were signed");
        assertThat(prefixVersions()).hasSize(1);
    }

    @Test
    void anEarlierKeyOfTheParentIsTrustedThroughAnAnchor() throws IOException {
        enterprise();
        SigningKey next = SigningKey.generate(Suite.ED25519);
        KeyFile.writePrivate(directory.resolve("next"), next);
        PrefixRecord before = PrefixRecord.of(root.root());
        RecordDraft.Builder draft = RecordDraft.prefix(before.prefix(), before.prefix())
                .expiresAt(before.record().expiresAt())
                .following(1, node.versions(before.record().key()).get(0).digest(HashFunction.SHA_256));
        List<PartyKey> keys = new ArrayList<>(before.keys());
        keys.add(PartyKey.active(next.verifyingKey(), Set.of(KeyRole.DELEGATE)));
        node.hold(new RecordSigner(root.key())
                .sign(PrefixRecord.describe(draft, before.description(), keys, List.of())
                        .build()));
        String[] renamed = {
            "delegate", "88.118.8", "--parent-key", file("next"), "--name", "B", "--consent-key", file("enterprise")
        };

        assertThat(run(renamed)).isEqualTo(ExitCode.USAGE);
        assertThat(err).contains("--anchor");
        assertThat(verifying(renamed)).as(() -> err).isZero();
        assertThat(prefixVersions()).hasSize(2);
    }

    @Test
    void aRevokedPrefixStaysRevokedUntilItIsRestored() {
        enterprise();
        delegate("--revoke-prefix", "--consent-key", file("enterprise"));

        assertThat(delegate("--name", "B", "--consent-key", file("enterprise"))).isZero();
        assertThat(prefixVersions().get(2).record().isRevoked()).isTrue();
        assertThat(delegate("--restore-prefix", "--consent-key", file("enterprise")))
                .isZero();
        assertThat(prefixVersions().get(3).record().isRevoked()).isFalse();
    }

    @Test
    void historyShowsWhatChanged() {
        enterprise();
        register(ITEM, "--value", "@1:name=pump", "--value", "@2:model=A");
        register(ITEM, "--value", "@1:name=泵", "--value", "@3:mass=86");
        register(ITEM, "--value", "@1:name=泵", "--value", "@3:mass=86", "--revoke");

        assertThat(verifying("history", ITEM)).as(() -> err).isZero();
        assertThat(out).contains("3 versions").contains("~name +mass -model").contains("revoked");
        assertThat(verifying("history", ITEM, "--json")).isZero();
        assertThat(out.lines()).hasSize(3);
    }

    @Test
    void aSavedRecordIsVerifiedWithoutANode() throws IOException {
        enterprise();
        register(ITEM, "--value", "name=pump");
        assertThat(verifying("resolve", ITEM, "--save", file("saved.json"))).isZero();
        node.close();

        assertThat(verifying("verify", file("saved.json"))).as(() -> err).isZero();
        assertThat(out).contains(ITEM + "  VERIFIED  version 1");

        String saved = Files.readString(directory.resolve("saved.json"));
        String record = JSON.readTree(saved).path("record").asText();
        byte[] bytes = java.util.Base64.getDecoder().decode(record);
        bytes[60] ^= 1;
        Files.writeString(
                directory.resolve("saved.json"),
                saved.replace(record, java.util.Base64.getEncoder().encodeToString(bytes)));
        assertThat(verifying("verify", file("saved.json"))).isEqualTo(ExitCode.NOT_VERIFIED);
    }

    @Test
    void aSavedRecordOfAnotherAnchorDoesNotVerify() {
        enterprise();
        register(ITEM, "--value", "name=pump");
        verifying("resolve", ITEM, "--save", file("saved.json"));

        assertThat(run(
                        "verify",
                        file("saved.json"),
                        "--anchor",
                        TestParty.of("88").anchor().toString()))
                .isEqualTo(ExitCode.NOT_VERIFIED);
    }

    @Test
    void verifyTakesAnIdentifierToo() {
        enterprise();
        register(ITEM, "--value", "name=pump");

        assertThat(verifying("verify", ITEM)).isZero();
        assertThat(out).contains("VERIFIED  version 1");
    }

    @Test
    void infoShowsTheNode() throws IOException {
        assertThat(run("info")).isZero();
        assertThat(out).contains("fake/1");
        assertThat(run("info", "--json")).isZero();
        assertThat(JSON.readTree(out).at("/ready").asBoolean()).isTrue();
    }

    @Test
    void everyCommandExplainsTheExitCodes() {
        for (String command : List.of("resolve", "register", "delegate", "keygen", "verify", "history", "info")) {
            assertThat(local(command, "--help")).isZero();
            assertThat(out).as(command).contains("Exit codes:").contains("does not verify");
        }
    }

    @Test
    void aCompletionScriptIsMade() {
        assertThat(local("generate-completion")).isZero();
        assertThat(out).contains("complete -F");
    }

    @Test
    void aMissingOrUnknownSubcommandIsAUsageError() {
        assertThat(local()).isEqualTo(ExitCode.USAGE);
        assertThat(local("frobnicate")).isEqualTo(ExitCode.USAGE);
        assertThat(err).hasLineCount(1);
    }

    @Test
    void theWayThroughTheTreeIsTraced() {
        TestParty below = TestParty.of("88.118.9");
        try (FakeNode second = new FakeNode()) {
            IdentifierRecord referral = root.delegate(below, List.of(TestParty.address(second.port(), 5)));
            node.refer(referral);
            second.hold(root.root(), referral, below.item("88.118.9/x", "pump"));

            assertThat(verifying("resolve", "88.118.9/x", "--trace"))
                    .as(() -> err)
                    .isZero();

            assertThat(out.lines().toList())
                    .anyMatch(line -> line.matches(
                            "1  node asked first  127\\.0\\.0\\.1:" + node.port() + "  REFERRAL in [0-9.]+ ms"))
                    .anyMatch(line -> line.contains("; served at 127.0.0.1:" + second.port() + " (priority 5)"))
                    .anyMatch(line -> line.matches(
                            "2  node of vaa:88\\.118\\.9  127\\.0\\.0\\.1:" + second.port() + "  RECORD in [0-9.]+ ms"))
                    .anyMatch(line -> line.startsWith("88.118.9/x  FOUND"));

            assertThat(verifying("resolve", "88.118.9/x", "--no-follow")).isEqualTo(ExitCode.NEGATIVE);
            assertThat(out).contains("REFERRAL  to the node of vaa:88.118.9");
        }
    }

    @Test
    void aChainIsCopiedFromTheNodeAboveTheRootFirst() {
        TestParty secondary = TestParty.of("88.118");
        TestParty below = TestParty.of("88.118.9");
        IdentifierRecord belowRecord = secondary.delegate(below);
        try (FakeNode above = new FakeNode()) {
            IdentifierRecord rootRecord = node.versions(FakeNode.prefix("88")).get(0);
            above.hold(rootRecord, root.delegate(secondary), belowRecord);

            assertThat(run("copy-chain", "88.118.9", "--from", "127.0.0.1:" + above.port()))
                    .as(() -> err)
                    .isZero();

            assertThat(out.lines())
                    .containsExactly(
                            "prefix vaa:88 version 1  UNCHANGED",
                            "prefix vaa:88.118 version 1  CREATED",
                            "prefix vaa:88.118.9 version 1  CREATED");
            assertThat(node.versions(belowRecord.key())).containsExactly(belowRecord);
            assertThat(run("copy-chain", "88.118.9", "--from", "127.0.0.1:" + above.port()))
                    .isZero();
            assertThat(out).contains("prefix vaa:88.118.9 version 1  UNCHANGED");
        }
    }

    @Test
    void whereThereIsNothingToCopyThatIsSaid() {
        try (FakeNode above = new FakeNode()) {
            assertThat(run("copy-chain", "88.118.9", "--from", "127.0.0.1:" + above.port()))
                    .isEqualTo(ExitCode.NEGATIVE);
            assertThat(err).contains("no record of vaa:88.118.9");
        }
    }
}
