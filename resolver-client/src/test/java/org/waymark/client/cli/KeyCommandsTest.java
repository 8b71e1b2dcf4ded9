package org.waymark.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.FakeNode;
import org.waymark.client.TestParty;
import org.waymark.identifier.Scheme;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.record.RecordValue;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.RecordKind;

/** The life of a key by the command: made, encrypted, rotated, revoked. */
class KeyCommandsTest {

    @TempDir
    private Path directory;

    private final FakeNode node = new FakeNode();
    private final TestParty root = TestParty.of("88");
    private String out;
    private String err;

    /** An enterprise with the key files "delegate" and "records", the second one's role being RECORDS. */
    @BeforeEach
    void fill() throws IOException {
        KeyFile.writePrivate(directory.resolve("root"), root.key());
        node.hold(root.root());
        run(0, "keygen", file("delegate"));
        run(0, "keygen", file("records"));
        run(
                0,
                "delegate",
                "88.118.8",
                "--parent-key",
                file("root"),
                "--key",
                file("delegate.pub") + ":delegate",
                "--key",
                file("records.pub") + ":records",
                "--name",
                "Maker");
    }

    @AfterEach
    void close() {
        node.close();
    }

    private void run(int expected, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!arguments[0].equals("keygen")) {
            all.addAll(List.of("--server", "127.0.0.1:" + node.port()));
        }
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        int code = WaymarkCommand.commandLine()
                .setOut(new PrintWriter(outText, true))
                .setErr(new PrintWriter(errText, true))
                .execute(all.toArray(String[]::new));
        out = outText.toString();
        err = errText.toString();
        assertThat(code).as("%s: %s", all, err).isEqualTo(expected);
    }

    private void change(int expected, String command, String... more) {
        List<String> all = new ArrayList<>(List.of(command, "88.118.8", "--parent-key", file("root")));
        all.addAll(List.of("--consent-key", file("delegate")));
        all.addAll(List.of(more));
        run(expected, all.toArray(String[]::new));
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private String keyId(String name) throws IOException {
        return KeyFile.readPublic(directory.resolve(name + ".pub")).id().toString();
    }

    private List<PartyKey> keys() {
        return List.copyOf(current().keys());
    }

    private PrefixRecord current() {
        List<PrefixRecord> versions = node.versions(RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "88.118.8")).stream()
                .map(PrefixRecord::of)
                .toList();
        return versions.get(versions.size() - 1);
    }

    @Test
    void rotateRetiresTheOldKeyAndGivesItsRolesToTheNewOne() throws IOException {
        run(0, "keygen", file("next"));

        change(0, "rotate", "--new-key", file("next.pub"), "--retire", keyId("records"));

        assertThat(keys())
                .extracting(PartyKey::state)
                .containsExactly(KeyState.KEY_ACTIVE, KeyState.KEY_RETIRED, KeyState.KEY_ACTIVE);
        assertThat(keys().get(2).id().toString()).isEqualTo(keyId("next"));
        assertThat(keys().get(2).roles()).isEqualTo(Set.of(KeyRole.RECORDS));
        assertThat(out).contains(keyId("next") + " signs from now on").contains("clients within 300 seconds");
    }

    @Test
    void noKeyIsMadeWhereTheConsentIsMissing() throws IOException {
        run(
                ExitCode.USAGE,
                "rotate",
                "88.118.8",
                "--parent-key",
                file("root"),
                "--generate",
                file("next"),
                "--retire",
                keyId("records"));

        assertThat(err).contains("--consent-key");
        assertThat(directory.resolve("next")).doesNotExist();
    }

    @Test
    void aKeyThatComesForAnotherKeepsTheRolesThatItHas() throws IOException {
        change(0, "rotate", "--new-key", file("delegate.pub"), "--retire", keyId("records"));

        assertThat(keys().get(0).roles()).isEqualTo(Set.of(KeyRole.DELEGATE, KeyRole.RECORDS));
    }

    @Test
    void rotateMakesTheNewKeyOfAPrefixThatConsentsByTheOldOne() throws IOException {
        change(0, "rotate", "--generate", file("next"), "--suite", "sm2", "--retire", keyId("delegate"));

        assertThat(keys().get(2).id())
                .isEqualTo(KeyFile.readPrivate(directory.resolve("next")).id());
        assertThat(keys().get(2).roles()).isEqualTo(Set.of(KeyRole.DELEGATE));
    }

    @Test
    void otherValuesTheTtlAndTheEndStayWhenKeysChange() throws IOException {
        long end = System.currentTimeMillis() + Duration.ofDays(30).toMillis();
        holdNext(end);

        change(0, "rotate", "--generate", file("next"), "--retire", keyId("records"));
        change(0, "revoke", "--key", keyId("next"));

        IdentifierRecord record = current().record();
        assertThat(record.version()).isEqualTo(4);
        assertThat(record.ttlSeconds()).isEqualTo(60);
        assertThat(record.expiresAt()).isEqualTo(end);
        assertThat(current().otherValues()).extracting(RecordValue::index).containsExactly(2L, 301L, 400L);
        assertThat(current().otherValues().get(2).data().toStringUtf8()).isEqualTo("0731-1");
        assertThat(keys())
                .extracting(PartyKey::state)
                .containsExactly(KeyState.KEY_ACTIVE, KeyState.KEY_RETIRED, KeyState.KEY_REVOKED);

        change(0, "delegate", "--name", "Builder");
        assertThat(current().otherValues()).hasSize(3);
        assertThat(current().record().ttlSeconds()).isEqualTo(60);
        assertThat(current().record().expiresAt()).isGreaterThan(end);
    }

    @Test
    void anEndThatHasPassedOrIsGivenIsSetAnew() throws IOException {
        long now = System.currentTimeMillis();
        holdNext(now - 1);

        change(0, "revoke", "--key", keyId("records"), "--since", "2026-05-01T08:00:00Z");
        assertThat(current().record().expiresAt())
                .isGreaterThanOrEqualTo(now + Duration.ofDays(365).toMillis());
        change(0, "revoke", "--key", keyId("records"), "--expires", "10");
        assertThat(current().record().expiresAt())
                .isBetween(now, now + Duration.ofDays(11).toMillis());
    }

    /** Version 2 of the prefix record, by other means than the command: with values that it knows nothing of. */
    private void holdNext(long end) throws IOException {
        PrefixRecord before = current();
        RecordDraft.Builder draft = RecordDraft.prefix(before.prefix(), before.owner())
                .following(1, before.record().digest(root.key().suite().hash()))
                .ttlSeconds(60)
                .expiresAt(end)
                .value(2, "EMAIL", "li@example.org")
                .value(301, "NOTE", "in the place of a key")
                .value(400, "PHONE", "0731-1");
        PrefixRecord.describe(draft, before.description(), before.keys(), before.addresses());
        node.hold(new RecordSigner(root.key())
                .signWithConsent(draft.build(), KeyFile.readPrivate(directory.resolve("delegate"))));
    }

    @Test
    void anUnknownKeyIsAnsweredWithTheKnownOnes() throws IOException {
        String unknown = root.key().id().toString();

        change(ExitCode.USAGE, "rotate", "--generate", file("next"), "--retire", unknown);
        assertThat(err).hasLineCount(1).contains(unknown + " is none of").contains(keyId("records") + " (active)");
        assertThat(directory.resolve("next")).doesNotExist();
        change(ExitCode.USAGE, "revoke", "--key", unknown);
        assertThat(err).contains(keyId("delegate") + " (active)");
    }

    @Test
    void aRetiredKeyIsNotRotatedAgain() throws IOException {
        change(0, "rotate", "--generate", file("next"), "--retire", keyId("records"));

        change(ExitCode.USAGE, "rotate", "--generate", file("other"), "--retire", keyId("records"));

        assertThat(err).contains("is retired already");
    }

    @Test
    void theSigningKeyOfARootStays() {
        run(
                ExitCode.USAGE,
                "rotate",
                "88",
                "--parent-key",
                file("root"),
                "--generate",
                file("next"),
                "--retire",
                root.key().id().toString());
        assertThat(err).contains("anchors of all clients");
    }

    @Test
    void revokeRefusesAllThatTheKeySigned() throws IOException {
        change(0, "revoke", "--key", keyId("records"));

        assertThat(keys().get(1).state()).isEqualTo(KeyState.KEY_REVOKED);
        assertThat(keys().get(1).revokedAt()).isZero();
        assertThat(out).contains("nothing by " + keyId("records") + " verifies").contains("within 300 seconds");
    }

    @Test
    void revokeSinceATimeMayOnlyBecomeStricter() throws IOException {
        change(0, "revoke", "--key", keyId("records"), "--since", "2026-05-01T16:00:00+08:00");
        assertThat(keys().get(1).revokedAt())
                .isEqualTo(Instant.parse("2026-05-01T08:00:00Z").toEpochMilli());
        assertThat(out).contains("revoked since 2026-05-01T08:00:00Z");

        change(ExitCode.USAGE, "revoke", "--key", keyId("records"), "--since", "2026-05-01T09:00:00Z");
        assertThat(err).contains("only become earlier");
        change(0, "revoke", "--key", keyId("records"));
        assertThat(keys().get(1).revokedAt()).isZero();
    }

    @Test
    void aKeyThatSignsOnBehalfIsRevokedSinceATime() throws IOException {
        change(0, "delegate", "--key", file("records.pub") + ":on-behalf");

        change(0, "revoke", "--key", keyId("records"), "--since", "2026-05-01T08:00:00Z");

        assertThat(keys().get(1).revokedAt())
                .isEqualTo(Instant.parse("2026-05-01T08:00:00Z").toEpochMilli());
        change(ExitCode.USAGE, "revoke", "--key", keyId("delegate"), "--since", "2026-05-01T08:00:00Z");
        assertThat(err).contains("neither the role records nor on-behalf");
    }

    @Test
    void aTimeThatIsNoneOrInTheFutureIsRefused() throws IOException {
        for (String time : List.of("yesterday", "2026-05-01", "9999-01-01T00:00:00Z", "1960-01-01T00:00:00Z")) {
            change(ExitCode.USAGE, "revoke", "--key", keyId("records"), "--since", time);
            assertThat(err).hasLineCount(1).contains("--since");
        }
    }

    @Test
    void theLastKeyThatConsentsIsNotRevoked() throws IOException {
        change(ExitCode.USAGE, "revoke", "--key", keyId("delegate"));

        assertThat(err).hasLineCount(1).contains("last active one").contains("waymark rotate");
    }

    @Test
    void anEncryptedKeySignsWithThePassphraseOfAFile() throws IOException {
        Path words = directory.resolve("words");
        Files.writeString(words, "correct horse\n");
        Files.setPosixFilePermissions(words, PosixFilePermissions.fromString("rw-------"));
        run(0, "keygen", "--encrypt", "--passphrase-file", words.toString(), file("next"));
        assertThat(Files.readString(directory.resolve("next"))).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
        change(0, "rotate", "--new-key", file("next.pub"), "--retire", keyId("records"));
        String[] register = {"register", "88.118.8/x", "-v", "name=Pump", "--key", file("next"), "--passphrase-file", ""
        };

        register[register.length - 1] = words.toString();
        run(0, register);

        Files.writeString(words, "battery staple\n");
        run(ExitCode.LOCAL_FILE, register);
        assertThat(err).hasLineCount(1).contains("passphrase is wrong").doesNotContain("staple");
        Files.setPosixFilePermissions(words, PosixFilePermissions.fromString("rw-r--r--"));
        run(ExitCode.LOCAL_FILE, register);
        assertThat(err).contains("chmod 600 " + words);
    }
}
