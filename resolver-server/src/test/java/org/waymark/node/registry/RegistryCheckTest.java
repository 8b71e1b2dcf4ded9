package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.waymark.node.TestParties;
import org.waymark.node.TestParties.Party;
import org.waymark.node.registry.RegistryCheck.Summary;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyState;
import org.waymark.v1.RegisterResult;

class RegistryCheckTest {

    private static final int ITEMS = 300;

    @TempDir
    private Path directory;

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final List<IdentifierRecord> items = new ArrayList<>();

    private Path place() {
        return directory.resolve("registry");
    }

    /** Three prefixes, items, three versions of the first item; then the key that signed them is retired. */
    private void fill() throws Exception {
        Party maker = parties.maker;
        List<RecordDraft> drafts = new ArrayList<>();
        for (int i = 0; i < ITEMS; i++) {
            drafts.add(maker.itemDraft(String.format("PART-%03d", i)).build());
        }
        items.addAll(new RecordSigner(maker.workingKey()).signAll(drafts));
        for (int version = 2; version <= 3; version++) {
            IdentifierRecord before = version == 2 ? items.get(0) : items.get(items.size() - 1);
            items.add(maker.sign(
                    parties.following(before, maker.itemDraft("PART-000").value(9, "note", "version " + version))));
        }
        List<IdentifierRecord> records = new ArrayList<>(parties.prefixRecords());
        records.addAll(items);
        records.add(parties.root.signWithConsent(
                parties.following(
                        records.get(1),
                        maker.prefixDraft(
                                parties.root,
                                List.of(
                                        maker.delegatingPartyKey(KeyState.KEY_ACTIVE),
                                        maker.workingPartyKey(KeyState.KEY_RETIRED)),
                                List.of())),
                maker.delegatingKey()));
        try (Registry registry = RocksRegistry.open(place(), RocksOptions.defaults())) {
            Registrar registrar =
                    new Registrar(registry, new PrefixTable(registry), parties.anchors(), Clock.systemUTC());
            for (RegisterResult result : registrar.register(
                    records.stream().map(IdentifierRecord::encoded).toList())) {
                assertThat(result.getCode())
                        .as(result.getMessage())
                        .isIn(RegisterResult.Code.CREATED, RegisterResult.Code.UPDATED);
            }
        }
    }

    private interface Edit {
        void of(RocksStore store, WriteBatch batch) throws RocksDBException;
    }

    private void edit(Edit edit) throws RocksDBException {
        try (RocksStore store = new RocksStore(place(), RocksOptions.defaults(), RocksDB::write);
                WriteBatch batch = new WriteBatch()) {
            edit.of(store, batch);
            store.writeSynced(batch);
        }
    }

    private final List<String> faults = new ArrayList<>();

    private Summary verify(Set<Anchor> roots) throws InterruptedException {
        return new RegistryCheck(place(), roots, Clock.systemUTC(), 2)
                .run(fault -> faults.add(fault.toString()), read -> {});
    }

    private void requireFaults(String... expected) throws InterruptedException {
        Summary summary = verify(parties.anchors());
        assertThat(faults).hasSize(expected.length).hasSize((int) summary.faults());
        for (String part : expected) {
            assertThat(faults).anySatisfy(fault -> assertThat(fault).contains(part));
        }
    }

    private RecordKey item(int number) {
        return items.get(number).key();
    }

    private static StoredRecord current(RocksStore store, RecordKey key) throws RocksDBException {
        return store.readCurrent(key);
    }

    private static byte[] changed(byte[] value, String text) {
        byte[] found = text.getBytes(StandardCharsets.US_ASCII);
        byte[] changed = value.clone();
        for (int i = 0; i + found.length <= value.length; i++) {
            if (Arrays.equals(value, i, i + found.length, found, 0, found.length)) {
                changed[i] = 'X';
            }
        }
        assertThat(changed).isNotEqualTo(value);
        return changed;
    }

    @Test
    void aRegistryThatIsSoundHasNoFault() throws Exception {
        fill();

        assertThat(verify(parties.anchors())).isEqualTo(new Summary(3, ITEMS, 3, ITEMS + 6, 0, 0));
        assertThat(faults).isEmpty();
    }

    @Test
    void aChangedValueIsFound() throws Exception {
        fill();
        edit((store, batch) -> batch.put(
                store.handles().current(),
                RocksLayout.currentKey(item(7)),
                changed(RocksLayout.value(current(store, item(7))), "ZLJ5311")));

        requireFaults("vaa:88.118.8/PART-007 version 1: values of");
        assertThat(faults.get(0)).contains("a value was changed");
    }

    @Test
    void aMissingRecordIsFound() throws Exception {
        fill();
        edit((store, batch) -> batch.delete(store.handles().current(), RocksLayout.currentKey(item(7))));

        requireFaults("vaa:88.118.8/PART-007 version 1: is missing: the change feed has it as commit 11");
    }

    @Test
    void aGapInAHistoryIsFound() throws Exception {
        fill();
        edit((store, batch) -> batch.delete(store.handles().history(), RocksLayout.historyKey(item(0), 2)));

        requireFaults(
                "vaa:88.118.8/PART-000 version 3: comes after version 1; those between are missing",
                "vaa:88.118.8/PART-000 version 2: is missing");
    }

    @Test
    void aCurrentRecordThatWasPutBackToAnEarlierVersionIsFound() throws Exception {
        fill();
        edit((store, batch) -> {
            byte[] second = store.use(db -> db.get(store.handles().history(), RocksLayout.historyKey(item(0), 2)));
            batch.put(store.handles().current(), RocksLayout.currentKey(item(0)), second);
            batch.delete(store.handles().history(), RocksLayout.historyKey(item(0), 2));
        });

        requireFaults("vaa:88.118.8/PART-000 version 3: is missing");
    }

    @Test
    void aRecordUnderAnothersKeyIsFound() throws Exception {
        fill();
        edit((store, batch) -> batch.put(
                store.handles().current(),
                RocksLayout.currentKey(item(7)),
                RocksLayout.value(current(store, item(8)))));

        requireFaults(
                "vaa:88.118.8/PART-007 version 1: holds another record, that of vaa:88.118.8/PART-008",
                "vaa:88.118.8/PART-007 version 1: is commit 12, which is another in the change feed");
    }

    @Test
    void aGapInTheChangeFeedIsFound() throws Exception {
        fill();
        edit((store, batch) -> batch.delete(store.handles().feed(), RocksLayout.feedKey(11)));

        requireFaults(
                "change feed: has nothing from commit 11 to 11",
                "vaa:88.118.8/PART-007 version 1: is commit 11, which the change feed lacks");
    }

    @Test
    void aRecordSignedByAStrangerIsFound() throws Exception {
        fill();
        Party stranger = Party.withNewKeys(Suite.ED25519, "88.118.8");
        IdentifierRecord foreign = stranger.sign(stranger.itemDraft("PART-007"));
        edit((store, batch) -> {
            StoredRecord before = current(store, item(7));
            batch.put(
                    store.handles().current(),
                    RocksLayout.currentKey(item(7)),
                    RocksLayout.value(new StoredRecord(
                            before.key(),
                            1,
                            before.sequence(),
                            before.committedAt(),
                            foreign.digest(Suite.ED25519.hash()).bytes(),
                            foreign.encoded())));
        });

        requireFaults(
                "vaa:88.118.8/PART-007 version 1: header.key_id is",
                "vaa:88.118.8/PART-007 version 1: is commit 11, which is another in the change feed");
    }

    @Test
    void aValueWithoutFormIsFound() throws Exception {
        fill();
        edit((store, batch) ->
                batch.put(store.handles().current(), RocksLayout.currentKey(item(7)), new byte[] {1, 2, 3}));

        requireFaults(
                "vaa:88.118.8/PART-007: has a version that can't be read",
                "vaa:88.118.8/PART-007 version 1: is missing");
    }

    @Test
    void anotherRootThanThatOfTheRegistryIsSaid() throws Exception {
        fill();

        verify(new TestParties(Suite.ED25519).anchors());

        assertThat(faults)
                .anySatisfy(fault -> assertThat(fault)
                        .startsWith("prefix vaa:88.118 version 1: header.owner")
                        .contains("is no root that was given to verify from"));
    }

    @Test
    void aTreeThatIsNotThatOfTheCommitsIsFound() throws Exception {
        fill();
        edit((store, batch) -> batch.put(store.handles().tree(), RocksLayout.treeKey(1, 0), new byte[32]));

        requireFaults("log: the tree's hash over the commits up to 256 is not theirs");
    }

    @Test
    void aStoreOfAnOlderFormatIsLeftForANodeToBringUpToDate() throws Exception {
        fill();
        edit((store, batch) -> {
            batch.put(
                    store.handles().meta(),
                    RocksStore.FORMAT_KEY,
                    ByteBuffer.allocate(Integer.BYTES).putInt(1).array());
            store.use(db -> {
                db.dropColumnFamily(store.handles().tree());
                return null;
            });
        });

        assertThatThrownBy(() -> verify(parties.anchors()))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("has the older format 1")
                .hasMessageContaining("when it starts");
    }

    @Test
    void aDamagedTableIsFoundAndNamed() throws Exception {
        fill();
        edit((store, batch) -> store.compact());
        Path table;
        try (Stream<Path> files = Files.list(place())) {
            table = files.filter(file -> file.toString().endsWith(".sst"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(table);
        bytes[20] ^= 1;
        Files.write(table, bytes);

        verify(parties.anchors());

        assertThat(faults)
                .anySatisfy(fault -> assertThat(fault)
                        .contains(
                                "can't be read further than",
                                "checksum",
                                table.getFileName().toString()));
    }

    @Test
    void whereThereIsNoRegistryThatIsSaid() {
        assertThatThrownBy(() -> verify(parties.anchors()))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("there is no registry in " + place());
        assertThat(place()).doesNotExist();
    }
}
