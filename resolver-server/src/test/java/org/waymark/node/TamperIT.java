package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.Resolution;
import org.waymark.client.ResolveOptions;
import org.waymark.client.ResolverClient;
import org.waymark.client.WaymarkException;
import org.waymark.identifier.Identifier;
import org.waymark.node.AnswerProxy.Content;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.record.RecordValue;
import org.waymark.trust.RollbackException;
import org.waymark.trust.Suite;
import org.waymark.trust.VerificationException;
import org.waymark.trust.WrongIdentifierException;
import org.waymark.v1.KeyState;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/** Somebody between client and node changes answers, or gives out old ones. */
class TamperIT {

    private static final ResolveOptions FROM_THE_REGISTRY = ResolveOptions.ALL.authoritatively();
    private static final int FRESH_CLIENTS = 200;

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path dataDir;

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final List<IdentifierRecord> prefixRecords = parties.prefixRecords();
    private final IdentifierRecord pump = parties.maker.sign(parties.maker.itemDraft("PUMP"));
    private final IdentifierRecord hose = parties.maker.sign(parties.maker.itemDraft("HOSE"));
    private final Identifier pumpIdentifier = parties.maker.identifier("PUMP");

    private NodeClient direct;
    private AnswerProxy proxy;

    @BeforeEach
    void registerThroughNoProxy() throws Exception {
        NodeProcess node = nodes.serve(dataDir, parties.root.anchor());
        direct = node.client();
        proxy = new AnswerProxy(node);
        prefixRecords.forEach(this::register);
        register(pump);
        register(hose);
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        direct.close();
    }

    private void register(IdentifierRecord record) {
        Registration registration = new RegistryClient(direct)
                .register(record)
                .orTimeout(1, TimeUnit.MINUTES)
                .join();
        assertThat(registration.isStored()).as("%s", registration).isTrue();
    }

    private ResolverClient client() {
        return ResolverClient.builder()
                .node("127.0.0.1", proxy.port())
                .anchor(parties.root.anchor())
                .cachedAnswers(0)
                .build();
    }

    @Test
    void noAlteredByteOfAnItemIsBelieved() {
        Random random = new Random(ThreadLocalRandom.current().nextLong());
        try (ResolverClient client = client()) {
            requireOriginal(client.blocking().resolve(pumpIdentifier));
            int bytes = pump.encoded().size();
            int refused = 0;
            for (int at = 0; at < bytes; at++) {
                int position = at;
                int change = 1 + random.nextInt(255);
                proxy.meddle((asked, answer) ->
                        asked.kind() == RecordKind.ITEM ? altered(answer, position, change) : answer);
                refused += isRefused(client, "byte " + at + " changed by " + change) ? 1 : 0;
            }
            assertThat(refused).isGreaterThan(bytes * 9 / 10);
        }
    }

    @Test
    void noAlteredByteOfAPrefixRecordIsBelieved() {
        int refused = 0;
        for (int i = 0; i < FRESH_CLIENTS; i++) {
            Random random = new Random(ThreadLocalRandom.current().nextLong());
            AtomicReference<String> what = new AtomicReference<>("nothing");
            proxy.meddle((asked, answer) -> {
                if (asked.kind() == RecordKind.ITEM) {
                    return answer;
                }
                int position = random.nextInt(answer.payload().length);
                int change = 1 + random.nextInt(255);
                what.set("byte " + position + " of " + asked + " changed by " + change);
                return altered(answer, position, change);
            });
            // A client that knows no prefix yet.
            try (ResolverClient client = client()) {
                refused += isRefused(client, what.get()) ? 1 : 0;
            }
            assertThat(what).doesNotHaveValue("nothing");
        }
        assertThat(refused).isGreaterThan(FRESH_CLIENTS * 9 / 10);
    }

    private static Content altered(Content answer, int position, int change) {
        byte[] payload = answer.payload().clone();
        payload[position] ^= (byte) change;
        return new Content(answer.outcome(), payload);
    }

    /** True where there was no answer; fails where there was another one than what was registered. */
    private boolean isRefused(ResolverClient client, String what) {
        Resolution resolution;
        try {
            resolution = client.blocking().resolve(pumpIdentifier);
        } catch (VerificationException | WaymarkException e) {
            assertThat(e).as(what).hasMessageMatching("(?s).{10,}");
            return true;
        }
        assertThat(resolution).as(what).isInstanceOf(Resolution.Found.class);
        requireOriginal(resolution);
        return false;
    }

    private void requireOriginal(Resolution resolution) {
        IdentifierRecord record = ((Resolution.Found) resolution).record();
        assertThat(record.headerBytes()).isEqualTo(pump.headerBytes());
        assertThat(record.values())
                .extracting(RecordValue::encoded)
                .isEqualTo(pump.values().stream().map(RecordValue::encoded).toList());
    }

    @Test
    void anOlderVersionIsRefusedOnceANewerOneWasSeen() {
        Recorder old = new Recorder(pump.key());
        proxy.meddle(old);
        try (ResolverClient client = client()) {
            requireVersion(client, 1);
            register(parties.maker.sign(parties.following(pump, parties.maker.itemDraft("PUMP"))));
            proxy.meddle((asked, answer) -> answer);
            requireVersion(client, 2);

            proxy.meddle(old.replayed());
            assertThatThrownBy(() -> client.blocking().resolve(pumpIdentifier))
                    .isInstanceOf(RollbackException.class)
                    .hasMessageContaining("older than version 2");
        }
    }

    @Test
    void aRevokedItemDoesNotComeBack() {
        Recorder old = new Recorder(pump.key());
        proxy.meddle(old);
        try (ResolverClient client = client()) {
            requireVersion(client, 1);
            register(parties.maker.sign(
                    parties.following(pump, parties.maker.emptyItemDraft("PUMP").revoked())));
            proxy.meddle((asked, answer) -> answer);
            assertThat(client.blocking().resolve(pumpIdentifier)).isInstanceOf(Resolution.Revoked.class);

            proxy.meddle(old.replayed());
            assertThatThrownBy(() -> client.blocking().resolve(pumpIdentifier)).isInstanceOf(RollbackException.class);
        }
    }

    @Test
    void aRevokedKeyDoesNotComeBackWithAnOldPrefixRecord() {
        IdentifierRecord makersRecord = prefixRecords.get(1);
        Recorder old = new Recorder(makersRecord.key());
        proxy.meddle(old);
        try (ResolverClient client = client()) {
            requireVersion(client, 1);
            TestParties.Party maker = parties.maker;
            register(parties.root.signWithConsent(
                    parties.following(
                            makersRecord,
                            maker.prefixDraft(
                                    parties.root,
                                    List.of(
                                            maker.delegatingPartyKey(KeyState.KEY_ACTIVE),
                                            maker.workingPartyKey(KeyState.KEY_REVOKED)),
                                    List.of())),
                    maker.delegatingKey()));
            proxy.meddle((asked, answer) -> answer);
            assertThat(client.blocking().resolve(pumpIdentifier, FROM_THE_REGISTRY))
                    .isInstanceOf(Resolution.Revoked.class);

            // The item as it was answered before, and the prefix record that still had the key.
            AnswerProxy.Meddler oldPrefix = old.replayed();
            proxy.meddle((asked, answer) -> asked.equals(pump.key())
                    ? new Content(Outcome.RECORD_VALUE, pump.encoded().toByteArray())
                    : oldPrefix.meddle(asked, answer));
            assertThatThrownBy(() -> client.blocking().resolve(pumpIdentifier, FROM_THE_REGISTRY))
                    .isInstanceOf(RollbackException.class);
        }
    }

    @Test
    void theRecordOfAnotherIdentifierIsRefused() {
        proxy.meddle((asked, answer) -> asked.equals(pump.key())
                ? new Content(answer.outcome(), hose.encoded().toByteArray())
                : answer);
        try (ResolverClient client = client()) {
            assertThatThrownBy(() -> client.blocking().resolve(pumpIdentifier))
                    .isInstanceOf(WrongIdentifierException.class)
                    .hasMessageContaining("HOSE");
        }
    }

    private void requireVersion(ResolverClient client, long version) {
        Resolution resolution = client.blocking().resolve(pumpIdentifier);
        assertThat(resolution).isInstanceOf(Resolution.Found.class);
        assertThat(((Resolution.Found) resolution).record().version()).isEqualTo(version);
    }

    /** Passes answers, and remembers the one for a key. */
    private static final class Recorder implements AnswerProxy.Meddler {

        private final RecordKey key;
        private volatile Content recorded;

        Recorder(RecordKey key) {
            this.key = key;
        }

        @Override
        public Content meddle(RecordKey asked, Content answer) {
            if (asked.equals(key)) {
                recorded = answer;
            }
            return answer;
        }

        /** Gives out what was remembered, whatever the node answers. */
        AnswerProxy.Meddler replayed() {
            Content old = recorded;
            assertThat(old).isNotNull();
            return (asked, answer) -> asked.equals(key) ? old : answer;
        }
    }
}
