package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.waymark.node.registry.Records.await;
import static org.waymark.node.registry.Records.bytes;
import static org.waymark.node.registry.Records.commit;
import static org.waymark.node.registry.Records.item;
import static org.waymark.node.registry.Records.version;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.waymark.log.TreeHead;
import org.waymark.node.registry.CommitResult.Committed;

class RocksRegistryTest extends RegistryContract {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_000L));

    @TempDir
    private Path directory;

    @Override
    protected Registry open() {
        return RocksRegistry.open(store(), RocksOptions.defaults());
    }

    private Path store() {
        return directory.resolve("nodes/registry");
    }

    private Registry openWith(RocksOptions options, RocksStore.BatchWriter writer) {
        registry.close();
        registry = RocksRegistry.open(store(), options, CLOCK, writer);
        return registry;
    }

    @Test
    void theDirectoryIsMadeForItsOwnerOnly() throws Exception {
        assertThat(Files.getPosixFilePermissions(store())).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aSecondOpenerIsToldWhoHasIt() {
        assertThatThrownBy(this::open)
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining(store().toString())
                .hasMessageContaining("in use by another process");
    }

    @Test
    void aFailedOpeningLetsTheDirectoryGo() throws Exception {
        registry.close();
        inRocks((db, families) -> db.put(families.get(0), RocksStore.FORMAT_KEY, format(RocksStore.FORMAT + 1)));
        assertThatThrownBy(this::open).isInstanceOf(RegistryException.class);
        inRocks((db, families) -> db.put(families.get(0), RocksStore.FORMAT_KEY, format(RocksStore.FORMAT)));

        registry = open();

        assertThat(commit(registry, version(item("88.1/a"), 1, "x"))).isInstanceOf(Committed.class);
    }

    @Test
    void aNewerFormatIsRefused() throws Exception {
        registry.close();
        inRocks((db, families) -> {
            db.put(families.get(0), RocksStore.FORMAT_KEY, format(RocksStore.FORMAT + 1));
            db.createColumnFamily(new ColumnFamilyDescriptor(new byte[] {'n', 'e', 'w'}))
                    .close();
        });

        assertThatThrownBy(this::open)
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("has format 3")
                .hasMessageContaining("reads formats up to 2");
    }

    @Test
    void recordsWithoutAFormatAreRefused() throws Exception {
        commit(registry, version(item("88.1/a"), 1, "x"));
        registry.close();
        inRocks((db, families) -> db.delete(families.get(0), RocksStore.FORMAT_KEY));

        assertThatThrownBy(this::open)
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("does not say what format it has");
    }

    @Test
    void aStoreWhoseCreationWasInterruptedIsSetUpAgain() throws Exception {
        String before = registry.incarnation();
        registry.close();
        inRocks((db, families) -> db.delete(families.get(0), RocksStore.FORMAT_KEY));

        registry = open();

        assertThat(registry.incarnation()).hasSize(32).isNotEqualTo(before);
    }

    @Test
    void aStoreOfTheFirstFormatIsGivenItsLog() throws Exception {
        List<Write> writes = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            writes.add(version(item("88.1/" + i), 1, "x"));
        }
        writes.add(version(item("88.1/7"), 2, "y"));
        commit(registry, writes);
        RegistryLog log = ((RocksRegistry) registry).log();
        TreeHead head = log.head();
        List<byte[]> entries = log.entries(600, 101);
        List<Change> changes = registry.changes(0, 1_000);
        registry.close();
        inRocks((db, families) -> {
            ColumnFamilyHandle feed = families.get(3);
            for (Change change : changes) {
                byte[] key = RocksLayout.currentKey(change.key());
                db.put(
                        feed,
                        RocksLayout.feedKey(change.sequence()),
                        ByteBuffer.allocate(Long.BYTES + key.length)
                                .putLong(change.version())
                                .put(key)
                                .array());
            }
            db.dropColumnFamily(families.get(4));
            db.put(families.get(0), RocksStore.FORMAT_KEY, format(1));
        });

        registry = open();

        RegistryLog upgraded = ((RocksRegistry) registry).log();
        assertThat(upgraded.head()).isEqualTo(head);
        assertThat(upgraded.entries(600, 101)).containsExactlyElementsOf(entries);
        assertThat(registry.changes(0, 1_000)).isEqualTo(changes);
        assertThat(commit(registry, version(item("88.1/7"), 3, "z"))).isInstanceOf(Committed.class);
        registry.close();
        registry = open();
        assertThat(((RocksRegistry) registry).log().size()).isEqualTo(702);
    }

    private static byte[] format(int version) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(version).array();
    }

    private interface Edit {
        void of(RocksDB db, List<ColumnFamilyHandle> families) throws RocksDBException;
    }

    private void inRocks(Edit edit) throws RocksDBException {
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (Options none = new Options();
                DBOptions options = new DBOptions()) {
            for (byte[] name : RocksDB.listColumnFamilies(none, store().toString())) {
                families.add(new ColumnFamilyDescriptor(name));
            }
            try (RocksDB db = RocksDB.open(options, store().toString(), families, handles)) {
                edit.of(db, handles);
                handles.forEach(ColumnFamilyHandle::close);
            }
        }
    }

    @Test
    void aDirectoryThatCanNotBeMadeIsNamed() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> RocksRegistry.open(file.resolve("registry"), RocksOptions.defaults()))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void afterAFailedWriteNoCommitIsTakenButReadsGoOn() {
        AtomicBoolean diskIsFull = new AtomicBoolean();
        openWith(RocksOptions.defaults(), (db, options, batch) -> {
            if (diskIsFull.get()) {
                throw new RocksDBException("No space left on device");
            }
            db.write(options, batch);
        });
        commit(registry, version(item("88.1/a"), 1, "one"));

        diskIsFull.set(true);
        assertFailed(registry.commit(List.of(version(item("88.1/a"), 2, "two"))));
        diskIsFull.set(false);
        assertFailed(registry.commit(List.of(version(item("88.1/b"), 1, "one"))));

        assertThatThrownBy(() -> registry.putNote("cursor", bytes("1"))).isInstanceOf(RegistryFailedException.class);
        assertThat(registry.isHealthy()).isFalse();
        assertThat(registry.fault().orElseThrow()).contains("No space left on device");
        assertThat(registry.read(item("88.1/a")).orElseThrow().version()).isEqualTo(1);
        assertThat(registry.lastSequence()).isEqualTo(1);
    }

    private static void assertFailed(CompletableFuture<List<CommitResult>> future) {
        assertThat(future)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(RegistryFailedException.class)
                .withMessageContaining("No space left on device");
    }

    @Test
    void whatWaitsIsWrittenTogetherAndTheQueueIsBounded() {
        CountDownLatch firstIsWriting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger synced = new AtomicInteger();
        openWith(RocksOptions.defaults().withQueue(3, 1_000), (db, options, batch) -> {
            firstIsWriting.countDown();
            awaitLatch(goOn);
            synced.incrementAndGet();
            db.write(options, batch);
        });

        CompletableFuture<List<CommitResult>> first = registry.commit(List.of(version(item("88.1/a"), 1, "x")));
        awaitLatch(firstIsWriting);
        CompletableFuture<List<CommitResult>> second = registry.commit(List.of(version(item("88.1/a"), 2, "x")));
        CompletableFuture<List<CommitResult>> third =
                registry.commit(List.of(version(item("88.1/a"), 2, "late"), version(item("88.1/a"), 3, "x")));
        CompletableFuture<List<CommitResult>> overTheBound = registry.commit(List.of(version(item("88.1/c"), 1, "x")));

        assertThat(overTheBound)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(RegistryBusyException.class)
                .withMessageContaining("at most 3 writes");
        assertThat(first).isNotDone();
        goOn.countDown();
        assertThat(await(first)).containsExactly(new Committed(1, CLOCK.millis()));
        assertThat(await(second)).containsExactly(new Committed(2, CLOCK.millis()));
        assertThat(await(third))
                .containsExactly(new CommitResult.Conflict(2, Records.digest(2)), new Committed(3, CLOCK.millis()));
        assertThat(synced).hasValue(2);
    }

    @Test
    void aBatchLargerThanTheQueueIsTakenByItself() {
        openWith(RocksOptions.defaults().withQueue(1, 1), RocksDB::write);

        List<CommitResult> results =
                commit(registry, List.of(version(item("88.1/a"), 1, "long"), version(item("88.1/b"), 1, "long")));

        assertThat(results).hasOnlyElementsOfType(Committed.class);
    }

    @Test
    void aListenerCanNotCloseTheRegistry() {
        List<Throwable> thrown = new ArrayList<>();
        registry.onCommit(changes -> {
            try {
                registry.close();
            } catch (IllegalStateException e) {
                thrown.add(e);
            }
        });

        commit(registry, version(item("88.1/a"), 1, "x"));

        assertThat(thrown).hasSize(1);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
