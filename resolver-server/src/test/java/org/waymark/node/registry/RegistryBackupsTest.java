package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.waymark.node.registry.Records.item;
import static org.waymark.node.registry.Records.version;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.waymark.identifier.Scheme;
import org.waymark.node.registry.RegistryBackups.Backup;
import org.waymark.node.registry.RegistryBackups.Made;
import org.waymark.v1.RecordKind;

class RegistryBackupsTest {

    @TempDir
    private Path directory;

    private RocksRegistry registry;

    @BeforeEach
    void open() {
        registry = RocksRegistry.open(directory.resolve("registry"), RocksOptions.defaults());
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Path backups() {
        return directory.resolve("backups");
    }

    private Path target() {
        return directory.resolve("other/registry");
    }

    private void write(String name, int records) throws Exception {
        List<Write> writes = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            writes.add(version(item("88.1/" + name + i), 1, name + i));
        }
        registry.commit(writes).get(30, TimeUnit.SECONDS);
    }

    private Backup restore(int... id) {
        return RegistryBackups.restore(
                backups(), id.length == 0 ? OptionalInt.empty() : OptionalInt.of(id[0]), target());
    }

    private List<StoredRecord> restored() {
        try (Registry other = RocksRegistry.open(target(), RocksOptions.defaults())) {
            return records(other);
        }
    }

    private static List<StoredRecord> records(Registry registry) {
        List<StoredRecord> records = new ArrayList<>();
        registry.scan(RecordKind.ITEM, Scheme.VAA, "", "", Integer.MAX_VALUE, records::add);
        return records;
    }

    @Test
    void whatWasCommittedBeforeTheBackupIsRestored() throws Exception {
        write("a", 500);
        List<StoredRecord> before = records(registry);
        Made made = registry.backUp(backups(), 7);
        write("b", 10);

        Backup backup = restore();

        assertThat(backup).isEqualTo(made.backup());
        assertThat(backup.sequence()).isEqualTo(500);
        assertThat(restored()).isEqualTo(before);
        assertThat(target().resolveSibling("registry.restoring")).doesNotExist();
    }

    @Test
    void aRestoredRegistryIsAnotherIncarnation() throws Exception {
        write("a", 1);
        registry.backUp(backups(), 7);

        restore();

        try (Registry other = RocksRegistry.open(target(), RocksOptions.defaults())) {
            assertThat(other.incarnation()).hasSize(32).isNotEqualTo(registry.incarnation());
            assertThat(other.lastSequence()).isEqualTo(1);
        }
    }

    @Test
    void aFurtherBackupCopiesWhatIsNewAndAnEarlierOneCanStillBeRestored() throws Exception {
        write("a", 20_000);
        List<StoredRecord> before = records(registry);
        Made first = registry.backUp(backups(), 7);
        write("b", 10);

        Made second = registry.backUp(backups(), 7);

        assertThat(first.copiedBytes()).isGreaterThan(400_000);
        assertThat(second.copiedBytes()).isLessThan(first.copiedBytes() / 4);
        assertThat(second.backup().bytes()).isGreaterThan(first.backup().bytes());
        assertThat(RegistryBackups.list(backups())).containsExactly(first.backup(), second.backup());
        restore(first.backup().id());
        assertThat(restored()).isEqualTo(before);
    }

    @Test
    void onlyTheNewestStay() throws Exception {
        for (int i = 0; i < 4; i++) {
            write("x" + i, 3);
            assertThat(registry.backUp(backups(), 2).kept()).isEqualTo(Math.min(2, i + 1));
        }

        assertThat(RegistryBackups.list(backups())).extracting(Backup::id).containsExactly(3, 4);
        assertThatThrownBy(() -> restore(1))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("no backup 1")
                .hasMessageContaining("[3, 4]");
    }

    @Test
    void aPlaceThatHoldsSomethingIsLeftAlone() throws Exception {
        write("a", 1);
        registry.backUp(backups(), 7);
        Files.createDirectories(target());
        Files.writeString(target().resolve("mine"), "x");

        assertThatThrownBy(this::restore)
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("not empty")
                .hasMessageContaining(target().toString());
        assertThat(target().resolve("mine")).hasContent("x");
    }

    @Test
    void aDamagedBackupIsRefusedAndNothingIsRestored() throws Exception {
        write("a", 5_000);
        registry.backUp(backups(), 7);
        Path table;
        try (Stream<Path> files = Files.walk(backups())) {
            table = files.filter(file -> file.toString().endsWith(".sst"))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(table);
        bytes[bytes.length / 3] ^= 1;
        Files.write(table, bytes);

        assertThatThrownBy(this::restore).isInstanceOf(RegistryException.class).hasMessageContaining("checksum");
        assertThat(target()).doesNotExist();
        assertThat(target().resolveSibling("registry.restoring")).doesNotExist();
    }

    @Test
    void aBackupOfANewerFormatIsRefused() throws Exception {
        registry.close();
        try (RocksStore store =
                new RocksStore(directory.resolve("registry"), RocksOptions.defaults(), RocksDB::write)) {
            store.putMeta(
                    RocksStore.FORMAT_KEY,
                    ByteBuffer.allocate(Integer.BYTES)
                            .putInt(RocksStore.FORMAT + 1)
                            .array());
            RegistryBackups.make(store, backups(), 7);
        }

        assertThatThrownBy(this::restore)
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("format " + (RocksStore.FORMAT + 1))
                .hasMessageContaining("reads formats up to " + RocksStore.FORMAT);
        assertThat(target()).doesNotExist();
    }

    @Test
    void aDirectoryWithoutBackupsIsNamed() {
        assertThatThrownBy(() -> RegistryBackups.list(backups()))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining(backups().toString());
        assertThat(backups()).doesNotExist();
    }

    @Test
    void theDirectoryIsForItsOwnerOnly() throws Exception {
        registry.backUp(backups(), 7);

        assertThat(Files.getPosixFilePermissions(backups())).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
}
