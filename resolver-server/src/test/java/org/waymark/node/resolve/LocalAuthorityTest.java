package org.waymark.node.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
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
import org.waymark.node.TestParties.Party;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.Suite;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.RegisterResult.Code;

class LocalAuthorityTest {

    @TempDir
    Path directory;

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final Party maker = parties.maker;
    private Registry registry;
    private LocalAuthority authority;

    @BeforeEach
    void open() {
        registry = RocksRegistry.open(directory.resolve("registry"), RocksOptions.defaults());
        PrefixTable prefixes = new PrefixTable(registry);
        Registrar registrar = new Registrar(registry, prefixes, parties.anchors(), Clock.systemUTC());
        AuthorityReader reader = new AuthorityReader(registry, prefixes, parties.anchors(), 30, Clock.systemUTC());
        authority = new LocalAuthority(registry, reader, registrar, 2);
        assertThat(register(parties.prefixRecords())).containsOnly(Code.CREATED);
    }

    @AfterEach
    void close() {
        authority.close();
        registry.close();
    }

    @Test
    void whatWasRegisteredIsReadAtOnce() {
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1"));

        register(List.of(pump));
        StoredAnswer answer = await(authority.read(pump.key()));

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(answer.payload()).isEqualTo(pump.encoded().toByteArray());
        assertThat(await(authority.sequence())).isEqualTo(4).isEqualTo(answer.sequence());
    }

    @Test
    void theHistoryIsGivenInPages() {
        List<IdentifierRecord> versions = registerVersions("PUMP-1", 5);

        HistoryResponse first = await(authority.history(versions.get(0).key(), 1, 2));
        HistoryResponse second = await(authority.history(versions.get(0).key(), first.getNextVersion(), 2));
        HistoryResponse third = await(authority.history(versions.get(0).key(), second.getNextVersion(), 2));

        assertThat(recordsOf(first)).isEqualTo(versions.subList(0, 2));
        assertThat(recordsOf(second)).isEqualTo(versions.subList(2, 4));
        assertThat(recordsOf(third)).isEqualTo(versions.subList(4, 5));
        assertThat(first.getNextVersion()).isEqualTo(3);
        assertThat(second.getNextVersion()).isEqualTo(5);
        assertThat(third.getNextVersion()).isZero();
        assertThat(first.getEntriesList()).extracting(HistoryEntry::getSequence).containsExactly(4L, 5L);
    }

    @Test
    void aPageThatEndsWithTheCurrentVersionIsTheLast() {
        List<IdentifierRecord> versions = registerVersions("PUMP-1", 3);

        HistoryResponse all = await(authority.history(versions.get(0).key(), 1, 3));
        HistoryResponse beyond = await(authority.history(versions.get(0).key(), 4, 3));

        assertThat(recordsOf(all)).isEqualTo(versions);
        assertThat(all.getNextVersion()).isZero();
        assertThat(beyond.getEntriesList()).isEmpty();
        assertThat(beyond.getNextVersion()).isZero();
    }

    @Test
    void aPageOfLargeRecordsFitsIntoAFrame() {
        byte[] photo = new byte[60 * 1_024];
        List<IdentifierRecord> versions = registerVersions("PUMP-1", 20, photo);

        HistoryResponse page = await(authority.history(versions.get(0).key(), 1, Integer.MAX_VALUE));

        assertThat(page.getSerializedSize()).isBetween(512 * 1_024, 1_024 * 1_024 - 20);
        assertThat(page.getNextVersion()).isEqualTo(page.getEntriesCount() + 1L);
    }

    @Test
    void theHistoryWithholdsWhatNotEverybodyMayRead() {
        String secret = "the price is 4711";
        IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP-1")
                .restrictedValue(
                        3, "price", secret.getBytes(StandardCharsets.UTF_8), List.of(parties.platform.prefix())));
        register(List.of(pump));

        HistoryResponse page = await(authority.history(pump.key(), 1, 10));

        assertThat(page.toByteString().toString(StandardCharsets.ISO_8859_1)).doesNotContain(secret);
        assertThat(recordsOf(page).get(0).values()).hasSize(2);
        assertThat(recordsOf(page).get(0).valuesMatchRoot(Suite.ED25519.hash())).isTrue();
    }

    @Test
    void whatWasNeverRegisteredHasNoHistory() {
        RecordKey key = RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.118.8/none");

        assertThat(await(authority.history(key, 1, 10)).getEntriesList()).isEmpty();
    }

    @Test
    void manyRegistrationsAtOnceAllGetTheirResults() {
        List<CompletableFuture<List<RegisterResult>>> futures = IntStream.range(0, 100)
                .mapToObj(i -> authority.register(
                        List.of(maker.sign(maker.itemDraft("PART-" + i)).encoded())))
                .toList();

        for (CompletableFuture<List<RegisterResult>> future : futures) {
            assertThat(await(future)).extracting(RegisterResult::getCode).containsExactly(Code.CREATED);
        }
        assertThat(registry.lastSequence()).isEqualTo(103);
    }

    @Test
    void aClosedRegistryIsUnavailable() {
        registry.close();
        RecordKey key = maker.sign(maker.itemDraft("PUMP-1")).key();

        assertThatThrownBy(() -> await(authority.read(key))).hasCauseInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> await(authority.history(key, 1, 10))).hasCauseInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> await(authority.register(
                        List.of(maker.sign(maker.itemDraft("PUMP-1")).encoded()))))
                .hasCauseInstanceOf(UnavailableException.class);
    }

    @Test
    void aClosedAuthorityTakesNothingMore() {
        authority.close();

        assertThatThrownBy(() -> await(
                        authority.read(maker.sign(maker.itemDraft("PUMP-1")).key())))
                .hasCauseInstanceOf(BusyException.class);
    }

    private List<IdentifierRecord> registerVersions(String suffix, int count, byte... extra) {
        List<IdentifierRecord> versions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RecordDraft.Builder draft = maker.itemDraft(suffix).value(3, "extra", extra);
            versions.add(maker.sign(i == 0 ? draft : parties.following(versions.get(i - 1), draft)));
        }
        for (IdentifierRecord version : versions) {
            register(List.of(version));
        }
        return versions;
    }

    private List<Code> register(List<IdentifierRecord> records) {
        List<ByteString> encoded =
                records.stream().map(IdentifierRecord::encoded).toList();
        return await(authority.register(encoded)).stream()
                .map(RegisterResult::getCode)
                .toList();
    }

    private static List<IdentifierRecord> recordsOf(HistoryResponse page) {
        return page.getEntriesList().stream()
                .map(entry -> IdentifierRecord.parse(entry.getRecord()))
                .toList();
    }

    private static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
