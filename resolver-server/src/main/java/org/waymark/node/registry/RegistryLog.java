package org.waymark.node.registry;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.waymark.log.Frontier;
import org.waymark.log.HashSource;
import org.waymark.log.LogHash;
import org.waymark.log.TreeHead;

/**
 * The commits as the leaves of an append-only Merkle tree: the leaf of a commit is its entry in the change feed, its place the sequence
 * number less one. What stands for 256 leaves, for 256 of those and so on is written in the same step as the commits; the right edge of
 * the tree is kept in memory, and read from at most 255 hashes a level when the registry is opened. May be read by many threads.
 */
public final class RegistryLog implements HashSource {

    private final RocksStore store;
    /** That of the commits that are durable; never changed. */
    private volatile Frontier published;

    RegistryLog(RocksStore store, long size) {
        this.store = store;
        this.published = Frontier.of(size, this);
    }

    /** The state of the tree over all commits that are durable. */
    public TreeHead head() {
        return published.head();
    }

    /** How many commits are durable. */
    public long size() {
        return published.size();
    }

    /**
     * Entries, as they were written.
     *
     * @param from the first one's place, from 0
     * @param count 1 to 256; all below {@link #size}
     * @throws RegistryDamagedException if one is missing
     */
    public List<byte[]> entries(long from, int count) {
        return store.use(db -> {
            List<byte[]> entries = new ArrayList<>(count);
            try (ReadOptions reading = new ReadOptions().setFillCache(false);
                    RocksIterator feed = db.newIterator(store.handles().feed(), reading)) {
                for (feed.seek(RocksLayout.feedKey(from + 1)); feed.isValid() && entries.size() < count; feed.next()) {
                    if (RocksLayout.sequence(feed.key()) != from + 1 + entries.size()) {
                        break;
                    }
                    entries.add(feed.value());
                }
                feed.status();
            }
            if (entries.size() < count) {
                throw new RegistryDamagedException(
                        "the registry is damaged: commit " + (from + 1 + entries.size()) + " is missing in its log");
            }
            return entries;
        });
    }

    @Override
    public byte[][] hashes(int level, long from, int count) {
        if (level == 0) {
            return entries(from, count).stream().map(LogHash::leaf).toArray(byte[][]::new);
        }
        return store.use(db -> {
            byte[][] hashes = new byte[count][];
            for (int i = 0; i < count; i++) {
                hashes[i] = db.get(store.handles().tree(), RocksLayout.treeKey(level, from + i));
                if (hashes[i] == null || hashes[i].length != LogHash.BYTES) {
                    throw new RegistryDamagedException("the registry is damaged: hash " + (from + i) + " of level "
                            + level + " is missing in its log");
                }
            }
            return hashes;
        });
    }

    /** A hash that stands for 256^level leaves. */
    record Subtree(int level, long index, byte[] hash) {

        byte[] key() {
            return RocksLayout.treeKey(level, index);
        }
    }

    /** Appends an entry, and gives the hashes that have to be kept from here on. */
    static List<Subtree> append(Frontier frontier, byte[] entry) {
        List<Subtree> completed = new ArrayList<>(0);
        frontier.append(LogHash.leaf(entry), (level, index, hash) -> completed.add(new Subtree(level, index, hash)));
        return completed;
    }

    /** Appends what is written together. The log is as it was until it is published. */
    Appender appender() {
        return new Appender();
    }

    /** Used by the writer's thread alone. */
    final class Appender {

        private final Frontier frontier = published.copy();

        /** Puts into the batch what the tree needs beside the entry itself. */
        void append(byte[] entry, WriteBatch staged) throws RocksDBException {
            for (Subtree subtree : RegistryLog.append(frontier, entry)) {
                staged.put(store.handles().tree(), subtree.key(), subtree.hash());
            }
        }

        /** After the batch was made durable. */
        void publish() {
            published = frontier;
        }
    }
}
