package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.waymark.node.registry.Records.commit;
import static org.waymark.node.registry.Records.item;
import static org.waymark.node.registry.Records.version;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.waymark.log.Frontier;
import org.waymark.log.LogEntry;
import org.waymark.log.LogHash;
import org.waymark.log.TiledTree;
import org.waymark.log.TreeHead;
import org.waymark.log.TreeProof;

class RegistryLogTest {

    @TempDir
    private Path directory;

    private RocksRegistry registry;

    @BeforeEach
    void open() {
        registry = RocksRegistry.open(directory, RocksOptions.defaults());
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private void commitItems(int from, int to) {
        List<Write> writes = new ArrayList<>();
        for (int i = from; i < to; i++) {
            writes.add(version(item("88.1/" + i), 1, "x"));
        }
        commit(registry, writes);
    }

    private TreeHead naive(int size) {
        Frontier frontier = Frontier.empty();
        for (int i = 0; i < size; i++) {
            frontier.append(LogHash.leaf(registry.log().entries(i, 1).get(0)), (l, j, h) -> {});
        }
        return frontier.head();
    }

    @Test
    void everyCommitIsALeaf() {
        commitItems(0, 3);
        commit(registry, version(item("88.1/1"), 2, "y"));
        commit(registry, version(item("88.1/1"), 7, "conflict"));

        assertThat(registry.log().size()).isEqualTo(4);
        LogEntry last = LogEntry.decode(registry.log().entries(3, 1).get(0));
        assertThat(last.sequence()).isEqualTo(4);
        assertThat(last.key()).isEqualTo(item("88.1/1"));
        assertThat(last.version()).isEqualTo(2);
        assertThat(last.digest().bytes()).isEqualTo(Records.digest(2));
        assertThat(last.committedAt())
                .isEqualTo(registry.read(item("88.1/1")).orElseThrow().committedAt());
        assertThat(registry.log().head()).isEqualTo(naive(4));
    }

    @Test
    void theTreeGoesOnAfterARestart() {
        commitItems(0, 66_000);
        TreeHead before = registry.log().head();
        assertThat(new TiledTree(registry.log(), 66_000).head()).isEqualTo(before);

        close();
        open();

        assertThat(registry.log().head()).isEqualTo(before);
        commitItems(66_000, 66_300);
        TreeHead after = registry.log().head();
        assertThat(TreeProof.continues(before, after, new TiledTree(registry.log(), 66_300).consistency(66_000)))
                .isTrue();
        assertThat(after).isEqualTo(naive(66_300));
    }

    @Test
    void aCommitThatFailedIsNoLeaf() {
        close();
        AtomicBoolean diskIsFull = new AtomicBoolean();
        registry = RocksRegistry.open(
                directory, RocksOptions.defaults(), java.time.InstantSource.system(), (db, options, batch) -> {
                    if (diskIsFull.get()) {
                        throw new RocksDBException("No space left on device");
                    }
                    db.write(options, batch);
                });
        commitItems(0, 2);
        TreeHead before = registry.log().head();

        diskIsFull.set(true);
        assertThat(registry.commit(List.of(version(item("88.1/x"), 1, "x"))))
                .failsWithin(java.time.Duration.ofSeconds(30));

        assertThat(registry.log().head()).isEqualTo(before);
    }

    @Test
    void whatIsMissingIsNamed() {
        commitItems(0, 2);

        assertThatThrownBy(() -> registry.log().entries(1, 2))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("commit 3 is missing");
        assertThatThrownBy(() -> registry.log().hashes(1, 0, 1))
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("hash 0 of level 1 is missing");
    }
}
