package org.waymark.node.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.identifier.Scheme;
import org.waymark.node.TestParties;
import org.waymark.node.registry.Homes;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.AbsenceDenial;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TrustedPrefix;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

class DenialSignerTest {

    private static final int TTL_SECONDS = 30;

    @TempDir
    private Path directory;

    private final TestParties parties = new TestParties(Suite.SM2);
    private final List<IdentifierRecord> prefixRecords = parties.prefixRecords();
    private final Homes homes = Homes.ofRoots(parties.anchors());
    private Registry registry;
    private PrefixTable prefixes;
    private AuthorityReader reader;

    @BeforeEach
    void open() throws InterruptedException {
        registry = RocksRegistry.open(directory.resolve("registry"), RocksOptions.defaults());
        prefixes = new PrefixTable(registry);
        reader = new AuthorityReader(registry, prefixes, homes, TTL_SECONDS, Clock.systemUTC());
        new Registrar(registry, prefixes, parties.anchors(), Clock.systemUTC())
                .register(prefixRecords.stream().map(IdentifierRecord::encoded).toList());
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private DenialSigner signer(SigningKey key, int waiting) {
        return new DenialSigner(key, prefixes, homes, TTL_SECONDS, Clock.systemUTC(), waiting);
    }

    private static RecordKey item(String suffix) {
        return RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.118.8/" + suffix);
    }

    private CompletableFuture<StoredAnswer> signed(DenialSigner signer, RecordKey key) {
        return signer.signed(key, reader.read(key));
    }

    private static AbsenceDenial denial(CompletableFuture<StoredAnswer> answer) throws Exception {
        StoredAnswer stored = answer.orTimeout(30, TimeUnit.SECONDS).join();
        assertThat(stored.outcome()).isEqualTo(Outcome.NOT_FOUND);
        AnswerDetail detail = AnswerDetail.parseFrom(ByteString.copyFrom(stored.payload()));
        assertThat(detail.getOwner()).isEqualTo("88.118.8");
        assertThat(detail.getMessage()).isNotEmpty();
        return AbsenceDenial.parse(detail.getDenial());
    }

    @Test
    void whatWaitsSharesASignatureOfTheKeyThatMayDeny() throws Exception {
        List<RecordKey> keys =
                IntStream.range(0, 100).mapToObj(i -> item("none" + i)).toList();
        try (DenialSigner signer = signer(parties.root.workingKey(), 1_000)) {
            List<CompletableFuture<StoredAnswer>> waiting =
                    keys.stream().map(key -> signed(signer, key)).toList();
            signer.start();

            SignatureVerifier signatures = new SignatureVerifier();
            TrustedPrefix chain = TrustedPrefix.anchored(
                            parties.root.anchor(), prefixRecords.get(0), signatures, System.currentTimeMillis())
                    .delegate(prefixRecords.get(1), System.currentTimeMillis());
            for (int i = 0; i < keys.size(); i++) {
                AbsenceDenial denial = denial(waiting.get(i));
                denial.verify(keys.get(i), chain, signatures, System.currentTimeMillis());
                assertThat(denial.treeSize()).isEqualTo(100);
                assertThat(denial.sequence()).isEqualTo(3);
            }
        }
    }

    @Test
    void whereTooManyWaitTheNextIsTurnedAway() {
        try (DenialSigner signer = signer(parties.root.workingKey(), 2)) {
            signed(signer, item("a"));
            signed(signer, item("b"));

            assertThatThrownBy(() -> signed(signer, item("c")).join()).hasCauseInstanceOf(BusyException.class);
        }
    }

    @Test
    void whatWaitsWhenTheNodeEndsFails() {
        DenialSigner signer = signer(parties.root.workingKey(), 2);
        CompletableFuture<StoredAnswer> waiting = signed(signer, item("a"));

        signer.close();

        assertThatThrownBy(waiting::join).hasCauseInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> signed(signer, item("b")).join()).hasCauseInstanceOf(BusyException.class);
    }

    @Test
    void aKeyThatNoPrefixRecordNamesForItSignsNothing() {
        for (SigningKey key : List.of(SigningKey.generate(Suite.SM2), parties.root.delegatingKey())) {
            try (DenialSigner signer = signer(key, 2)) {
                StoredAnswer answer = reader.read(item("a"));

                assertThat(signer.signed(item("a"), answer).join()).isSameAs(answer);
            }
        }
    }

    @Test
    void onlyDenialsAreSigned() {
        try (DenialSigner signer = signer(parties.root.workingKey(), 2)) {
            RecordKey key = prefixRecords.get(1).key();
            StoredAnswer answer = reader.read(key);

            assertThat(signer.signed(key, answer).join()).isSameAs(answer);
        }
    }
}
