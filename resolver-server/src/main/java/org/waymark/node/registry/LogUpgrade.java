package org.waymark.node.registry;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.log.Frontier;
import org.waymark.log.LogEntry;

/**
 * Makes a store of format 1 one of format 2: gives each commit of the change feed its entry in the log, and builds the tree. In format 1
 * the feed named version and key alone; the rest of an entry is that of the stored version. Begins again where it was interrupted.
 */
final class LogUpgrade {

    private static final Logger LOG = LoggerFactory.getLogger(LogUpgrade.class);

    private static final int BATCH_ENTRIES = 8_192;

    private final Path directory;
    private final RocksDB db;
    private final RocksHandles handles;
    private final Frontier frontier = Frontier.empty();

    LogUpgrade(Path directory, RocksDB db, RocksHandles handles) {
        this.directory = directory;
        this.db = db;
        this.handles = handles;
    }

    void run() throws RocksDBException {
        LOG.atWarn()
                .addKeyValue("registry", directory)
                .log("giving each commit of an older registry its place in the log");
        try (RocksIterator feed = db.newIterator(handles.feed());
                WriteBatch batch = new WriteBatch()) {
            for (feed.seekToFirst(); feed.isValid(); feed.next()) {
                append(entry(feed.key(), feed.value()), batch);
                if (frontier.size() % BATCH_ENTRIES == 0) {
                    db.write(handles.unsynced(), batch);
                    batch.clear();
                }
            }
            feed.status();
            batch.put(handles.meta(), RocksStore.FORMAT_KEY, RocksStore.formatValue());
            db.write(handles.synced(), batch);
        }
        LOG.atWarn().addKeyValue("commits", frontier.size()).log("the log of the registry is complete");
    }

    private byte[] entry(byte[] feedKey, byte[] value) throws RocksDBException {
        long sequence = RocksLayout.sequence(feedKey);
        if (sequence != frontier.size() + 1) {
            throw missing(frontier.size() + 1);
        }
        if (value[0] == LogEntry.FORMAT) {
            return value;
        }
        long version = ByteBuffer.wrap(value).getLong();
        byte[] currentKey = Arrays.copyOfRange(value, Long.BYTES, value.length);
        byte[] stored = db.get(handles.current(), currentKey);
        if (stored == null || ByteBuffer.wrap(stored).getLong() != version) {
            stored = db.get(handles.history(), RocksLayout.historyKey(currentKey, version));
        }
        if (stored == null) {
            throw missing(sequence);
        }
        StoredRecord record = RocksLayout.record(RocksLayout.recordKey(currentKey), stored);
        return RocksLayout.feedValue(
                sequence, record.committedAt(), version, record.digest().toByteArray(), currentKey);
    }

    private RegistryException missing(long sequence) {
        return new RegistryException("the registry in " + directory + " is damaged: commit " + sequence
                + " or its record is missing, so that it can't be given a log. Restore it from a backup");
    }

    private void append(byte[] entry, WriteBatch batch) throws RocksDBException {
        batch.put(handles.feed(), RocksLayout.feedKey(frontier.size() + 1), entry);
        for (RegistryLog.Subtree subtree : RegistryLog.append(frontier, entry)) {
            batch.put(handles.tree(), subtree.key(), subtree.hash());
        }
    }
}
