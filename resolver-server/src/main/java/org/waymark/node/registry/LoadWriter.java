package org.waymark.node.registry;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.RocksDBException;
import org.waymark.log.Frontier;
import org.waymark.record.IdentifierRecord;
import org.waymark.v1.RecordKind;

/**
 * Puts verified records into an empty store, as if they had been committed one after the other. Records in the order of their keys
 * go straight into tables; others are sorted batch by batch, and looked up in what is there already. Not safe for use by many
 * threads.
 */
final class LoadWriter implements AutoCloseable {

    private static final Comparator<LoadedRecord> BY_KEY =
            (one, other) -> Arrays.compareUnsigned(one.currentKey(), other.currentKey());

    private final RocksStore store;
    private final long committedAt;
    private final TableWriter feed;
    private final Path tables;
    /** At l - 1: hashes of the log's tree that stand for 256^l leaves. */
    private final List<TableWriter> tree = new ArrayList<>();

    private final Frontier frontier = Frontier.empty();
    private final Map<RecordKind, Track> tracks = new EnumMap<>(RecordKind.class);
    private long sequence;
    private long unchanged;
    private long withoutEarlier;
    private boolean overlaps;

    /**
     * @param tables where tables are written before the store takes them; on its file system
     */
    LoadWriter(RocksStore store, Path tables, long committedAt) {
        this.store = store;
        this.committedAt = committedAt;
        this.tables = tables;
        this.feed = new TableWriter(store, store.handles().feed(), tables, "feed");
        for (RecordKind kind : List.of(RecordKind.PREFIX, RecordKind.ITEM)) {
            tracks.put(kind, new Track(tables, kind.name()));
        }
    }

    long stored() {
        return sequence;
    }

    long unchanged() {
        return unchanged;
    }

    long withoutEarlier() {
        return withoutEarlier;
    }

    /**
     * Takes records, in the order in which they were read.
     *
     * @throws LoadException if one does not follow the version before it
     */
    void write(List<LoadedRecord> records) throws LoadException, RocksDBException {
        for (Map.Entry<RecordKind, Track> track : tracks.entrySet()) {
            byte kind = (byte) track.getKey().getNumber();
            track.getValue()
                    .plan(records.stream()
                            .filter(record -> record.currentKey()[0] == kind)
                            .toList());
        }
        List<LoadedRecord> stored = new ArrayList<>(records.size());
        tracks.values().forEach(track -> stored.addAll(track.planned));
        stored.sort(Comparator.comparingLong(LoadedRecord::place));
        for (LoadedRecord record : stored) {
            sequence++;
            RocksLayout.stamp(record.value(), sequence, committedAt);
            append(RocksLayout.feedValue(
                    sequence, committedAt, record.version(), record.digest(), record.currentKey()));
        }
        for (Track track : tracks.values()) {
            track.put();
        }
    }

    private void append(byte[] entry) throws RocksDBException {
        feed.put(RocksLayout.feedKey(sequence), entry);
        for (RegistryLog.Subtree subtree : RegistryLog.append(frontier, entry)) {
            if (tree.size() < subtree.level()) {
                tree.add(new TableWriter(store, store.handles().tree(), tables, "tree-" + subtree.level()));
            }
            tree.get(subtree.level() - 1).put(subtree.key(), subtree.hash());
        }
    }

    /** Makes all of it a part of the store. */
    void finish() throws RocksDBException {
        for (Track track : tracks.values()) {
            track.ingest();
        }
        feed.ingest();
        for (TableWriter level : tree) {
            level.ingest();
        }
        if (overlaps) {
            store.compact();
        }
    }

    @Override
    public void close() {
        tracks.values().forEach(Track::close);
        feed.close();
        tree.forEach(TableWriter::close);
    }

    /** The versions of one record so far. */
    private static final class Versions {

        private final long first;
        private final List<byte[]> digests = new ArrayList<>();
        private final byte[] currentKey;
        private long issuedAt;

        Versions(byte[] currentKey, long first, byte[] digest, long issuedAt) {
            this.currentKey = currentKey;
            this.first = first;
            add(digest, issuedAt);
        }

        void add(byte[] digest, long issued) {
            digests.add(digest);
            issuedAt = issued;
        }

        long last() {
            return first + digests.size() - 1;
        }

        byte[] digest() {
            return digests.get(digests.size() - 1);
        }
    }

    /** The records of one kind. */
    private final class Track {

        private final TableWriter current;
        private final TableWriter history;
        /** The highest key so far; null before the first. */
        private byte[] highest;
        /** Of the highest key, while it is not in the store. */
        private LoadedRecord newest;

        private Versions versions;
        private boolean isAmongOlder;
        private List<LoadedRecord> planned = List.of();

        Track(Path tables, String name) {
            this.current = new TableWriter(store, store.handles().current(), tables, "current-" + name);
            this.history = new TableWriter(store, store.handles().history(), tables, "history-" + name);
        }

        /** Sorts records, leaves out those that are stored already, and checks that the others follow. */
        void plan(List<LoadedRecord> records) throws LoadException, RocksDBException {
            planned = new ArrayList<>(records.size());
            if (records.isEmpty()) {
                return;
            }
            List<LoadedRecord> sorted = isSorted(records) ? records : sorted(records);
            int order =
                    highest == null ? 1 : Arrays.compareUnsigned(sorted.get(0).currentKey(), highest);
            isAmongOlder = order < 0 || order == 0 && newest == null;
            if (isAmongOlder) {
                ingest();
                versions = null;
                overlaps = true;
            }
            for (LoadedRecord record : sorted) {
                if (versions == null || !Arrays.equals(versions.currentKey, record.currentKey())) {
                    versions = isAmongOlder ? stored(record) : null;
                }
                if (follows(record)) {
                    planned.add(record);
                } else {
                    unchanged++;
                }
            }
        }

        private boolean isSorted(List<LoadedRecord> records) {
            for (int i = 1; i < records.size(); i++) {
                if (BY_KEY.compare(records.get(i - 1), records.get(i)) > 0) {
                    return false;
                }
            }
            return true;
        }

        /** In their order as far as the key is the same. */
        private List<LoadedRecord> sorted(List<LoadedRecord> records) {
            List<LoadedRecord> sorted = new ArrayList<>(records);
            sorted.sort(BY_KEY);
            return sorted;
        }

        /** What the store has of a record; null: nothing. */
        private Versions stored(LoadedRecord record) throws RocksDBException {
            StoredRecord known = store.use(db -> store.readCurrent(RocksLayout.recordKey(record.currentKey())));
            return known == null
                    ? null
                    : new Versions(
                            record.currentKey(),
                            known.version(),
                            known.digest().toByteArray(),
                            IdentifierRecord.parse(known.record()).issuedAt());
        }

        /**
         * Takes a record as the next version.
         *
         * @return false if that version is there already
         */
        private boolean follows(LoadedRecord record) throws LoadException {
            if (versions == null) {
                versions = new Versions(record.currentKey(), record.version(), record.digest(), record.issuedAt());
                withoutEarlier += record.version() > 1 ? 1 : 0;
                return true;
            }
            if (record.version() <= versions.last()) {
                byte[] known = digest(record);
                if (known == null || !Arrays.equals(known, record.digest())) {
                    throw refused(
                            record,
                            known == null
                                    ? "comes after version " + versions.last() + " of the same record"
                                    : "is another version " + record.version() + " than one before it");
                }
                return false;
            }
            if (record.version() != versions.last() + 1) {
                throw refused(
                        record,
                        "comes after version " + versions.last() + " of the same record; those between are missing");
            }
            if (!Arrays.equals(record.previous(), versions.digest())) {
                throw refused(record, "follows another version " + versions.last() + " than the one before it");
            }
            if (record.issuedAt() < versions.issuedAt) {
                throw refused(record, "was issued before the version that it follows");
            }
            versions.add(record.digest(), record.issuedAt());
            return true;
        }

        private byte[] digest(LoadedRecord record) {
            if (record.version() >= versions.first) {
                return versions.digests.get((int) (record.version() - versions.first));
            }
            return store.use(db -> {
                byte[] older = db.get(
                        store.handles().history(), RocksLayout.historyKey(record.currentKey(), record.version()));
                return older == null
                        ? null
                        : RocksLayout.record(RocksLayout.recordKey(record.currentKey()), older)
                                .digest()
                                .toByteArray();
            });
        }

        private LoadException refused(LoadedRecord record, String reason) {
            return new LoadException(
                    record.position().toString(),
                    RocksLayout.recordKey(record.currentKey()) + " version " + record.version() + " " + reason);
        }

        /** Writes what was planned. */
        void put() throws RocksDBException {
            for (LoadedRecord record : planned) {
                boolean isSame = newest != null && Arrays.equals(newest.currentKey(), record.currentKey());
                if (isSame) {
                    putHistory(newest.currentKey(), newest.version(), newest.value());
                } else {
                    putNewest();
                    if (isAmongOlder) {
                        moveToHistory(record);
                    }
                }
                newest = record;
            }
            if (isAmongOlder && !planned.isEmpty()) {
                ingest();
            }
        }

        private void putNewest() throws RocksDBException {
            if (newest != null) {
                current.put(newest.currentKey(), newest.value());
                if (highest == null || Arrays.compareUnsigned(newest.currentKey(), highest) > 0) {
                    highest = newest.currentKey();
                }
                newest = null;
            }
        }

        /** The version in the store that this one takes the place of. */
        private void moveToHistory(LoadedRecord record) throws RocksDBException {
            byte[] before = store.use(db -> db.get(store.handles().current(), record.currentKey()));
            if (before != null) {
                StoredRecord old = RocksLayout.record(RocksLayout.recordKey(record.currentKey()), before);
                putHistory(record.currentKey(), old.version(), before);
            }
        }

        private void putHistory(byte[] currentKey, long version, byte[] value) throws RocksDBException {
            history.put(RocksLayout.historyKey(currentKey, version), value);
        }

        void ingest() throws RocksDBException {
            putNewest();
            current.ingest();
            history.ingest();
        }

        void close() {
            current.close();
            history.close();
        }
    }
}
