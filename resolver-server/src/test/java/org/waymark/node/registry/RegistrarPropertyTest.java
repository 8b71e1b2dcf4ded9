package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterTry;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Scheme;
import org.waymark.node.TestParties;
import org.waymark.node.TestParties.Party;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TrustedPrefix;
import org.waymark.v1.KeyState;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.RegisterResult.Code;

/** Whatever is sent in whatever order: what is stored verifies, and the versions have no gaps. */
class RegistrarPropertyTest {

    private final List<Path> directories = new ArrayList<>();
    private final List<Registry> opened = new ArrayList<>();

    private enum Kind {
        ITEM,
        PREFIX,
        AGAIN,
        MUTATED
    }

    /** One thing that is sent. The seed makes the choices, most of them in favour of a record that is admitted. */
    private record Step(Kind kind, int seed) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds =
                Arbitraries.of(Kind.ITEM, Kind.ITEM, Kind.ITEM, Kind.PREFIX, Kind.PREFIX, Kind.AGAIN, Kind.MUTATED);
        return Combinators.combine(kinds, Arbitraries.integers())
                .as(Step::new)
                .list()
                .ofMinSize(20)
                .ofMaxSize(60);
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void whatIsAdmittedVerifiesAndFollowsTheVersionBefore(@ForAll Suite suite, @ForAll("steps") List<Step> steps) {
        Sender sender = new Sender(suite, open());
        sender.parties.prefixRecords().forEach(record -> sender.send(record.encoded()));

        steps.forEach(sender::send);

        sender.requireGaplessVersions();
        assertThat(sender.results)
                .extracting(RegisterResult::getCode)
                .doesNotContain(Code.CODE_UNSPECIFIED, Code.RETRY);
        assertThat(sender.registrarOn(open()).apply(sender.sent)).isEqualTo(sender.results);
    }

    private Registry open() {
        try {
            Path directory = Files.createTempDirectory("registrar");
            directories.add(directory);
            Registry registry = RocksRegistry.open(directory, RocksOptions.defaults());
            opened.add(registry);
            return registry;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterTry
    void deleteStores() throws IOException {
        opened.forEach(Registry::close);
        opened.clear();
        for (Path directory : directories) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        directories.clear();
    }

    private interface Batch {
        List<RegisterResult> apply(List<ByteString> records);
    }

    /** Sends records one by one, and checks each that is admitted as a reader would. */
    private static final class Sender {

        private final TestParties parties;
        private final Registry registry;
        private final Batch registrar;
        private final Party workshop;
        private final Party newMaker;
        private final List<ByteString> sent = new ArrayList<>();
        private final List<RegisterResult> results = new ArrayList<>();

        Sender(Suite suite, Registry registry) {
            this.parties = new TestParties(suite);
            this.registry = registry;
            this.registrar = registrarOn(registry);
            this.workshop = Party.withNewKeys(suite, "88.118.8.1");
            this.newMaker = Party.withNewKeys(suite, "88.118.8");
        }

        Batch registrarOn(Registry other) {
            Registrar made = new Registrar(other, new PrefixTable(other), parties.anchors(), Clock.systemUTC());
            return records -> {
                try {
                    return made.register(records);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            };
        }

        void send(Step step) {
            Random choices = new Random(step.seed());
            send(
                    switch (step.kind()) {
                        case ITEM -> item(choices).encoded();
                        case PREFIX -> prefix(choices).encoded();
                        case AGAIN -> anyOf(sent, choices);
                        case MUTATED -> mutated(anyOf(sent, choices), choices);
                    });
        }

        void send(ByteString record) {
            RegisterResult result = registrar.apply(List.of(record)).get(0);
            sent.add(record);
            results.add(result);
            if (result.getCode() == Code.CREATED || result.getCode() == Code.UPDATED) {
                requireVerified(IdentifierRecord.parse(record));
            }
        }

        private IdentifierRecord item(Random choices) {
            Party owner = anyOf(List.of(parties.maker, newMaker, workshop, parties.platform), choices);
            RecordDraft.Builder draft = owner.itemDraft("PART-" + choices.nextInt(3));
            draft.ownerEpoch(epochOf(owner) + rarely(choices, 1));
            follow(draft, draft.build().key(), choices);
            if (choices.nextInt(6) == 0) {
                draft.revoked();
            }
            SigningKey signer = choices.nextInt(8) == 0 ? owner.delegatingKey() : owner.workingKey();
            return new RecordSigner(signer).sign(draft.build());
        }

        private IdentifierRecord prefix(Random choices) {
            Party party = anyOf(
                    List.of(parties.root, parties.maker, newMaker, workshop, workshop, parties.platform), choices);
            Party owner = party == workshop ? anyOf(List.of(parties.maker, newMaker), choices) : parties.root;
            RecordDraft.Builder draft = party.prefixDraft(
                    owner,
                    List.of(party.delegatingPartyKey(state(choices)), party.workingPartyKey(state(choices))),
                    List.of());
            long epoch = epochOf(party) + (choices.nextInt(4) == 0 ? 1 : 0);
            draft.epoch(epoch);
            draft.ownerEpoch(party == owner ? epoch : epochOf(owner));
            follow(draft, PrefixTable.keyOf(party.prefix()), choices);
            if (choices.nextInt(20) == 0) {
                draft.revoked();
            }
            boolean mayConsent =
                    party != owner && current(PrefixTable.keyOf(party.prefix())).isPresent();
            return mayConsent && choices.nextInt(4) > 0
                    ? owner.signWithConsent(
                            draft,
                            anyOf(List.of(parties.maker, newMaker, party), choices)
                                    .delegatingKey())
                    : owner.sign(draft);
        }

        private void follow(RecordDraft.Builder draft, RecordKey key, Random choices) {
            current(key).ifPresent(stored -> {
                long version = Math.max(1, stored.version() + rarely(choices, 1) - rarely(choices, 1));
                draft.following(version, new RecordDigest(stored.digest()));
            });
        }

        private ByteString mutated(ByteString record, Random choices) {
            byte[] bytes = record.toByteArray();
            if (bytes.length == 0) {
                return record;
            }
            int at = choices.nextInt(bytes.length);
            switch (choices.nextInt(3)) {
                case 0 -> bytes[at] ^= (byte) (1 << choices.nextInt(8));
                case 1 -> bytes[at] = (byte) choices.nextInt();
                default -> {
                    return record.substring(0, at);
                }
            }
            return ByteString.copyFrom(bytes);
        }

        private static KeyState state(Random choices) {
            return switch (choices.nextInt(12)) {
                case 0 -> KeyState.KEY_RETIRED;
                case 1 -> KeyState.KEY_REVOKED;
                default -> KeyState.KEY_ACTIVE;
            };
        }

        private static int rarely(Random choices, int number) {
            return choices.nextInt(10) == 0 ? number : 0;
        }

        private static <T> T anyOf(List<T> list, Random choices) {
            return list.get(choices.nextInt(list.size()));
        }

        private long epochOf(Party party) {
            return current(PrefixTable.keyOf(party.prefix()))
                    .map(stored -> IdentifierRecord.parse(stored.record()).epoch())
                    .orElse(1L);
        }

        private Optional<StoredRecord> current(RecordKey key) {
            return registry.read(key);
        }

        /** Verifies a record that was admitted just now from the root down. */
        private void requireVerified(IdentifierRecord record) {
            long now = System.currentTimeMillis();
            if (record.kind() == RecordKind.ITEM) {
                Identifier identifier =
                        Identifier.parse(record.scheme(), record.key().identifier());
                trusted(record.ownerText(), now).verify(identifier, record, now);
            } else if (!record.isRevoked()) {
                trusted(record.key().identifier(), now);
            }
        }

        private TrustedPrefix trusted(String prefix, long now) {
            IdentifierRecord record = IdentifierRecord.parse(
                    current(Records.prefix(prefix)).orElseThrow().record());
            return PrefixRecord.of(record).isSelfSigned()
                    ? TrustedPrefix.anchored(parties.root.anchor(), record, new SignatureVerifier(), now)
                    : trusted(record.ownerText(), now).delegate(record, now);
        }

        void requireGaplessVersions() {
            for (RecordKind kind : List.of(RecordKind.ITEM, RecordKind.PREFIX)) {
                registry.scan(kind, Scheme.VAA, "", "", 1_000, current -> {
                    List<StoredRecord> history =
                            registry.history(current.key(), 1, Integer.MAX_VALUE, Limits.FRAME_BYTES * 16);
                    assertThat(history).hasSize((int) current.version());
                    ByteString previous = ByteString.EMPTY;
                    for (int i = 0; i < history.size(); i++) {
                        IdentifierRecord record =
                                IdentifierRecord.parse(history.get(i).record());
                        assertThat(record.version()).isEqualTo(i + 1L);
                        assertThat(record.previous().map(RecordDigest::bytes).orElse(ByteString.EMPTY))
                                .isEqualTo(previous);
                        previous = history.get(i).digest();
                    }
                });
            }
        }
    }
}
