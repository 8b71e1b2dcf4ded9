package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.RocksDB;
import org.waymark.export.BinaryExportReader;
import org.waymark.export.BinaryExportWriter;
import org.waymark.export.ExportFormatException;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.log.TreeHead;
import org.waymark.node.TestParties;
import org.waymark.node.TestParties.Party;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyState;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;

class RegistryLoadTest {

    private static final Clock CLOCK =
            Clock.fixed(Instant.ofEpochMilli(System.currentTimeMillis() + 1_000), ZoneOffset.UTC);

    @TempDir
    private Path directory;

    private TestParties parties = new TestParties(Suite.ED25519);

    private Path place() {
        return directory.resolve("data/registry");
    }

    private RegistryLoad.Summary load(byte[]... files) throws Exception {
        List<LoadSource> sources = new ArrayList<>();
        for (int i = 0; i < files.length; i++) {
            byte[] file = files[i];
            String name = "file" + (i + 1);
            sources.add(() -> new BinaryExportReader(name, new ByteArrayInputStream(file)));
        }
        return new RegistryLoad(place(), parties.anchors(), CLOCK, 2).load(sources, read -> {});
    }

    private static byte[] export(List<IdentifierRecord> records) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (BinaryExportWriter writer = new BinaryExportWriter(bytes)) {
            for (IdentifierRecord record : records) {
                writer.add(record.encoded());
            }
            writer.finish();
        }
        return bytes.toByteArray();
    }

    /** Prefix records first, the maker's in two versions, then items of up to three versions each, in the order of their keys. */
    private List<IdentifierRecord> records(int items) {
        List<IdentifierRecord> records = new ArrayList<>(parties.prefixRecords());
        Party maker = parties.maker;
        IdentifierRecord first = records.get(1);
        records.add(
                2,
                parties.root.signWithConsent(
                        parties.following(first, maker.prefixDraft(parties.root)), maker.delegatingKey()));
        List<RecordDraft> drafts = new ArrayList<>();
        for (int i = 0; i < items; i++) {
            drafts.add(maker.itemDraft(String.format("PART-%05d", i))
                    .restrictedValue(3, "price", new byte[] {1}, List.of(Prefix.parse("88.118.900")))
                    .build());
        }
        int number = 0;
        for (IdentifierRecord item : new RecordSigner(maker.workingKey()).signAll(drafts)) {
            records.add(item);
            for (int version = 2; version <= 1 + number % 3; version++) {
                IdentifierRecord before = records.get(records.size() - 1);
                records.add(maker.sign(parties.following(
                        before,
                        maker.itemDraft(String.format("PART-%05d", number)).value(9, "note", "version " + version))));
            }
            number++;
        }
        records.add(parties.platform.sign(parties.platform.emptyItemDraft("a")));
        return records;
    }

    /** All that a registry can be asked for. */
    private record Content(
            List<StoredRecord> current,
            List<List<StoredRecord>> histories,
            List<Change> changes,
            long sequence,
            TreeHead log) {

        static Content of(Registry registry) {
            List<StoredRecord> current = new ArrayList<>();
            for (RecordKind kind : List.of(RecordKind.PREFIX, RecordKind.ITEM)) {
                registry.scan(kind, Scheme.VAA, "", "", Integer.MAX_VALUE, current::add);
            }
            List<List<StoredRecord>> histories = current.stream()
                    .map(record -> registry.history(record.key(), 1, 1_000, Integer.MAX_VALUE))
                    .toList();
            current.forEach(record -> assertThat(registry.read(record.key())).contains(record));
            return new Content(
                    current,
                    histories,
                    registry.changes(0, Integer.MAX_VALUE),
                    registry.lastSequence(),
                    ((RocksRegistry) registry).log().head());
        }
    }

    private Content registered(List<IdentifierRecord> records) throws Exception {
        Path other = directory.resolve("registered-" + System.nanoTime());
        try (Registry registry = RocksRegistry.open(other, RocksOptions.defaults(), CLOCK, RocksDB::write)) {
            Registrar registrar = new Registrar(registry, new PrefixTable(registry), parties.anchors(), CLOCK);
            for (RegisterResult result : registrar.register(
                    records.stream().map(IdentifierRecord::encoded).toList())) {
                assertThat(result.getCode())
                        .as(result.getMessage())
                        .isIn(RegisterResult.Code.CREATED, RegisterResult.Code.UPDATED, RegisterResult.Code.UNCHANGED);
            }
            return Content.of(registry);
        }
    }

    private Content loaded() {
        try (Registry registry = RocksRegistry.open(place(), RocksOptions.defaults())) {
            return Content.of(registry);
        }
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void aLoadedRegistryAnswersLikeOneInWhichTheSameRecordsWereRegistered(Suite suite) throws Exception {
        parties = new TestParties(suite);
        List<IdentifierRecord> records = records(3_000);

        RegistryLoad.Summary summary = load(export(records));

        assertThat(summary).isEqualTo(new RegistryLoad.Summary(records.size(), 0, 0));
        assertThat(loaded()).isEqualTo(registered(records));
    }

    @Test
    void recordsInNoOrderOfTheirKeysInOverlappingFilesAreLoadedAlike() throws Exception {
        List<IdentifierRecord> records = records(3_000);
        List<IdentifierRecord> prefixes = records.subList(0, 4);
        List<IdentifierRecord> items = records.subList(4, records.size());
        Random random = new Random(3);
        List<List<IdentifierRecord>> versions = new ArrayList<>();
        for (int version = 1; version <= 3; version++) {
            long wanted = version;
            List<IdentifierRecord> file = new ArrayList<>(
                    items.stream().filter(item -> item.version() == wanted).toList());
            Collections.shuffle(file, random);
            file.addAll(0, prefixes);
            versions.add(file);
        }
        List<IdentifierRecord> repeated = new ArrayList<>(prefixes);
        repeated.addAll(items);
        List<IdentifierRecord> inOrder = new ArrayList<>();
        versions.forEach(inOrder::addAll);
        inOrder.addAll(repeated);

        RegistryLoad.Summary summary =
                load(export(versions.get(0)), export(versions.get(1)), export(versions.get(2)), export(repeated));

        assertThat(summary).isEqualTo(new RegistryLoad.Summary(records.size(), inOrder.size() - records.size(), 0));
        assertThat(loaded()).isEqualTo(registered(inOrder));
    }

    @Test
    void theRegistryTakesCommitsAfterwards() throws Exception {
        List<IdentifierRecord> records = records(3);
        load(export(records));

        try (Registry registry = RocksRegistry.open(place(), RocksOptions.defaults())) {
            Registrar registrar =
                    new Registrar(registry, new PrefixTable(registry), parties.anchors(), Clock.systemUTC());
            IdentifierRecord next = parties.maker.sign(parties.maker.itemDraft("PART-99999"));

            assertThat(registrar.register(List.of(next.encoded())).get(0).getSequence())
                    .isEqualTo(records.size() + 1);
        }
    }

    @Test
    void aRecordWithoutItsEarlierVersionsIsLoadedAndCounted() throws Exception {
        List<IdentifierRecord> records = records(3);
        List<IdentifierRecord> current = records.stream()
                .filter(record -> records.stream()
                        .noneMatch(other -> other.key().equals(record.key()) && other.version() > record.version()))
                .toList();

        assertThat(load(export(current)).withoutEarlier()).isEqualTo(3);
        assertThat(loaded().current()).hasSize(current.size());
    }

    @Test
    void whatAKeySignedBeforeItWasRevokedIsLoaded() throws Exception {
        List<IdentifierRecord> records = records(5);
        Party maker = parties.maker;
        IdentifierRecord revoked = parties.root.signWithConsent(
                parties.following(
                        records.get(2),
                        maker.prefixDraft(
                                parties.root,
                                List.of(
                                        maker.delegatingPartyKey(KeyState.KEY_ACTIVE),
                                        maker.workingPartyKey(KeyState.KEY_REVOKED)),
                                List.of())),
                maker.delegatingKey());
        records.add(3, revoked);

        assertThat(load(export(records)).records()).isEqualTo(records.size());
    }

    private void assertRefused(String reason, List<IdentifierRecord> records) {
        assertThatThrownBy(() -> load(export(records)))
                .isInstanceOf(LoadException.class)
                .hasMessageStartingWith("file1, offset ")
                .hasMessageContaining(reason);
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() {
        assertThat(place()).doesNotExist();
        assertThat(place().resolveSibling("registry.loading")).doesNotExist();
    }

    @Test
    void whatDoesNotVerifyIsRefusedAndNothingIsLoaded() throws Exception {
        List<IdentifierRecord> records = records(50);
        IdentifierRecord item = records.get(20);
        byte[] tampered = item.encoded().toByteArray();
        int at = item.encoded().toByteArray().length;
        byte[] model = "ZLJ5311".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (int i = 0; i + model.length < at; i++) {
            if (Arrays.equals(tampered, i, i + model.length, model, 0, model.length)) {
                tampered[i] = 'X';
            }
        }
        List<IdentifierRecord> changed = new ArrayList<>(records);
        changed.set(20, IdentifierRecord.parse(ByteString.copyFrom(tampered)));
        assertRefused("a value was changed", changed);

        Party stranger = Party.withNewKeys(Suite.ED25519, "88.118.8");
        List<IdentifierRecord> foreign = new ArrayList<>(records);
        foreign.set(20, stranger.sign(stranger.itemDraft("PART-X")));
        assertRefused("no key of a prefix record", foreign);
        assertRefused("no key of a prefix record", records.subList(10, 40));
        assertRefused("no root that was given to verify from", new TestParties(Suite.ED25519).prefixRecords());
    }

    @Test
    void aPrefixRecordComesBeforeWhatHangsOnIt() {
        List<IdentifierRecord> records = records(3);
        Collections.reverse(records);

        assertRefused("no key of a prefix record of vaa:88.118 before it", records);
    }

    @Test
    void partialRecordsAreRefused() {
        List<IdentifierRecord> records = records(3);
        IdentifierRecord item = records.get(4);
        records.set(4, item.publicView(Suite.ED25519.hash()));

        assertRefused("partial record", records);
    }

    @Test
    void aVersionThatDoesNotFollowIsRefused() {
        List<IdentifierRecord> records = records(3);
        IdentifierRecord last = records.get(records.size() - 2);
        assertThat(last.version()).isEqualTo(3);
        List<IdentifierRecord> gap = new ArrayList<>(records);
        gap.remove(records.size() - 3);
        assertRefused("those between are missing", gap);

        List<IdentifierRecord> fork = new ArrayList<>(records);
        fork.add(parties.maker.sign(parties.maker.itemDraft("PART-00000").value(7, "fork", "x")));
        assertRefused("is another version 1", fork);
    }

    @Test
    void aFileThatWasCutOffIsRefusedWhereverThatHappened() throws Exception {
        byte[] whole = export(records(3));
        for (int length = 0; length < whole.length; length += 1 + length / 10) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> load(cut))
                    .isInstanceOf(ExportFormatException.class)
                    .hasMessageContaining("file1");
            assertNothingIsLeft();
        }
    }

    @Test
    void aFileWithoutOneOfItsRecordsIsRefused() throws Exception {
        List<IdentifierRecord> records = records(3);
        byte[] whole = export(records);
        byte[] fewer = export(records.subList(0, records.size() - 1));
        byte[] forged = Arrays.copyOf(fewer, fewer.length);
        System.arraycopy(whole, whole.length - 40, forged, forged.length - 40, 40);

        assertThatThrownBy(() -> load(forged))
                .isInstanceOf(ExportFormatException.class)
                .hasMessageContaining("says that it has " + records.size() + " records");
    }

    @Test
    void aRegistryThatIsNotEmptyIsLeftAlone() throws Exception {
        List<IdentifierRecord> records = records(3);
        load(export(records));
        Content before = loaded();

        assertThatThrownBy(() -> load(export(records(10))))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("holds records already")
                .hasMessageContaining(place().toString());
        assertThat(loaded()).isEqualTo(before);
    }

    @Test
    void anEmptyRegistryIsFilledAndWhatAnInterruptedLoadLeftIsCleared() throws Exception {
        RocksRegistry.open(place(), RocksOptions.defaults()).close();
        Path left = place().resolveSibling("registry.loading/registry");
        RocksRegistry.open(left, RocksOptions.defaults()).close();
        Files.writeString(left.resolveSibling("lock"), "");

        load(export(records(3)));

        assertThat(loaded().current()).hasSize(7);
        assertThat(place().resolveSibling("registry.loading")).doesNotExist();
    }

    @Test
    void aDirectoryWithSomethingElseIsLeftAlone() throws Exception {
        Files.createDirectories(place());
        Files.writeString(place().resolve("notes.txt"), "mine");

        assertThatThrownBy(() -> load(export(records(3))))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("no registry either");
        assertThat(place().resolve("notes.txt")).exists();
    }

    @Test
    void aLoadWithoutFilesMakesAnEmptyRegistry() throws Exception {
        assertThat(load()).isEqualTo(new RegistryLoad.Summary(0, 0, 0));
        assertThat(loaded().sequence()).isZero();
        assertThat(Set.of(loaded().changes())).containsExactly(List.of());
    }
}
