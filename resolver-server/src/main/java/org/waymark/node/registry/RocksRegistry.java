package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.waymark.node.registry.CommitQueue.Batch;
import org.waymark.record.RecordKey;

/** A registry in a directory of this machine, on RocksDB. One process at a time may open it. */
public final class RocksRegistry implements Registry {

    private final RocksStore store;
    private final CommitQueue queue;
    private final RegistryLog log;
    private final LastSequence lastSequence;
    private final RocksCommitter committer;
    private final Thread writer;

    private RocksRegistry(RocksStore store, RocksOptions options, InstantSource clock) {
        this.store = store;
        this.queue = new CommitQueue(options.maxQueuedWrites(), options.maxQueuedBytes());
        this.log = new RegistryLog(store, store.lastSequence());
        this.lastSequence = new LastSequence(log.head().size());
        this.committer = new RocksCommitter(store, queue, log, lastSequence, clock);
        this.writer = new Thread(committer, "registry-writer");
    }

    /**
     * Opens the registry in a directory, which is made, readable by its owner only, if there is none.
     *
     * @throws RegistryException if another process has it open, if it is of a newer format, or if it can't be read
     */
    public static RocksRegistry open(Path directory, RocksOptions options) {
        return open(directory, options, InstantSource.system(), RocksDB::write);
    }

    static RocksRegistry open(
            Path directory, RocksOptions options, InstantSource clock, RocksStore.BatchWriter batchWriter) {
        RocksStore store = new RocksStore(directory, options, batchWriter);
        RocksRegistry registry;
        try {
            registry = new RocksRegistry(store, options, clock);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        registry.writer.start();
        return registry;
    }

    @Override
    public Optional<StoredRecord> read(RecordKey key) {
        return Optional.ofNullable(store.use(db -> store.readCurrent(key)));
    }

    @Override
    public List<Optional<StoredRecord>> readAll(List<RecordKey> keys) {
        if (keys.size() < 2) {
            return keys.stream().map(this::read).toList();
        }
        return store.use(db -> store.readCurrent(keys)).stream()
                .map(Optional::ofNullable)
                .toList();
    }

    @Override
    public Optional<StoredRecord> read(RecordKey key, long version) {
        requireAtLeastOne("version", version);
        return Optional.ofNullable(store.use(db -> {
            // A version leaves `current` and enters `history` in one step, so it is in `history` if it is not current.
            StoredRecord current = store.readCurrent(key);
            if (current == null || version >= current.version()) {
                return current != null && version == current.version() ? current : null;
            }
            byte[] value = db.get(store.handles().history(), RocksLayout.historyKey(key, version));
            return value == null ? null : RocksLayout.record(key, value);
        }));
    }

    @Override
    public List<StoredRecord> history(RecordKey key, long fromVersion, int limit, int maxBytes) {
        requireAtLeastOne("fromVersion", fromVersion);
        requireAtLeastOne("limit", limit);
        return store.use(db -> {
            // First the current version: those before it are all in `history` by then.
            StoredRecord current = store.readCurrent(key);
            if (current == null || fromVersion > current.version()) {
                return List.of();
            }
            Page page = new Page(limit, maxBytes);
            try (Slice end = new Slice(RocksLayout.historyKey(key, current.version()));
                    ReadOptions reading = new ReadOptions().setIterateUpperBound(end);
                    RocksIterator older = db.newIterator(store.handles().history(), reading)) {
                for (older.seek(RocksLayout.historyKey(key, fromVersion)); older.isValid(); older.next()) {
                    if (!page.add(RocksLayout.historyRecord(older.key(), older.value()))) {
                        return page.records;
                    }
                }
                older.status();
            }
            page.add(current);
            return page.records;
        });
    }

    /** Records up to a limit in number and in bytes, but one at least. */
    private static final class Page {

        private final List<StoredRecord> records = new ArrayList<>();
        private final int limit;
        private long bytesLeft;

        Page(int limit, int maxBytes) {
            this.limit = limit;
            this.bytesLeft = maxBytes;
        }

        boolean add(StoredRecord next) {
            bytesLeft -= next.record().size();
            boolean fits = records.isEmpty() || (records.size() < limit && bytesLeft >= 0);
            if (fits) {
                records.add(next);
            }
            return fits;
        }
    }

    @Override
    public CompletableFuture<List<CommitResult>> commit(List<Write> writes) {
        Batch batch = new Batch(List.copyOf(writes));
        try {
            store.requireSound();
            queue.add(batch);
        } catch (RegistryException e) {
            batch.future().completeExceptionally(e);
        }
        return batch.future();
    }

    @Override
    public long lastSequence() {
        return lastSequence.get();
    }

    @Override
    public List<Change> changes(long afterSequence, int limit) {
        if (afterSequence < 0) {
            throw new IllegalArgumentException("afterSequence is " + afterSequence + "; it must be 0 or more");
        }
        requireAtLeastOne("limit", limit);
        return store.use(db -> {
            List<Change> changes = new ArrayList<>();
            long last = lastSequence.get();
            try (ReadOptions reading = new ReadOptions().setFillCache(false);
                    RocksIterator feed = db.newIterator(store.handles().feed(), reading)) {
                feed.seek(RocksLayout.feedKey(afterSequence + 1));
                for (; feed.isValid() && changes.size() < limit; feed.next()) {
                    Change change = RocksLayout.change(feed.value());
                    if (change.sequence() > last) {
                        break;
                    }
                    changes.add(change);
                }
                feed.status();
            }
            return changes;
        });
    }

    /** The log of its commits. It may be read from any thread while the registry is open. */
    public RegistryLog log() {
        return log;
    }

    @Override
    public boolean awaitChange(long afterSequence, Duration timeout) throws InterruptedException {
        return lastSequence.await(afterSequence, timeout);
    }

    @Override
    public void onCommit(CommitListener listener) {
        committer.add(listener);
    }

    /**
     * Tells how long writes take from now on, in place of whom it told before.
     *
     * @param listener is given the nanoseconds of each durable write; called on the writer's thread, so it must be quick
     */
    public void tellWriteTimes(LongConsumer listener) {
        committer.tellWriteTimes(listener);
    }

    @Override
    public void scan(List<Range> ranges, Optional<RecordKey> after, Visitor visitor) {
        store.use(db -> {
            try (ReadOptions reading = new ReadOptions().setFillCache(false);
                    RocksIterator records = db.newIterator(store.handles().current(), reading)) {
                boolean goesOn = true;
                for (int i = 0; goesOn && i < ranges.size(); i++) {
                    goesOn = walk(ranges.get(i), after, records, visitor);
                }
            }
            return null;
        });
    }

    private static boolean walk(Range range, Optional<RecordKey> after, RocksIterator records, Visitor visitor)
            throws RocksDBException {
        byte[] prefix = RocksLayout.currentPrefix(range.kind(), range.scheme(), range.startingWith());
        byte[] last = after.filter(key -> key.kind() == range.kind() && key.scheme() == range.scheme())
                .map(RocksLayout::currentKey)
                .orElse(prefix);
        records.seek(Arrays.compareUnsigned(last, prefix) > 0 ? last : prefix);
        if (last != prefix && records.isValid() && Arrays.equals(records.key(), last)) {
            records.next();
        }
        for (; records.isValid(); records.next()) {
            byte[] key = records.key();
            if (!RocksLayout.startsWith(key, prefix)) {
                break;
            }
            if (!visitor.visit(RocksLayout.record(RocksLayout.recordKey(key), records.value()))) {
                return false;
            }
        }
        records.status();
        return true;
    }

    @Override
    public Optional<ByteString> note(String name) {
        byte[] key = noteKey(name);
        return Optional.ofNullable(store.use(db -> db.get(store.handles().meta(), key)))
                .map(UnsafeByteOperations::unsafeWrap);
    }

    @Override
    public void putNote(String name, ByteString value) {
        byte[] key = noteKey(name);
        if (value.size() > NOTE_BYTES) {
            throw new IllegalArgumentException(
                    "the note " + name + " has " + value.size() + " bytes; at most " + NOTE_BYTES + " are allowed");
        }
        store.putMeta(key, value.toByteArray());
    }

    private static byte[] noteKey(String name) {
        boolean isPrintable = name.chars().allMatch(c -> c > ' ' && c < 0x7F);
        if (name.isEmpty() || name.length() > NOTE_NAME_CHARS || !isPrintable) {
            throw new IllegalArgumentException("a note's name has 1 to " + NOTE_NAME_CHARS
                    + " characters of printable ASCII without spaces; this one has " + name.length());
        }
        return ("note/" + name).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public Optional<ByteString> document(ByteString key) {
        return Optional.ofNullable(store.use(db -> db.get(store.handles().meta(), RocksLayout.documentKey(key))))
                .map(UnsafeByteOperations::unsafeWrap);
    }

    @Override
    public void putDocuments(List<Document> documents) {
        try (WriteBatch batch = new WriteBatch()) {
            store.use(db -> {
                store.stage(batch, documents);
                return null;
            });
            store.writeSynced(batch);
        }
    }

    @Override
    public void scanDocuments(ByteString startingWith, ByteString after, DocumentVisitor visitor) {
        byte[] prefix = RocksLayout.documentKey(startingWith);
        byte[] last = RocksLayout.documentKey(after);
        boolean isFurther = Arrays.compareUnsigned(last, prefix) > 0;
        store.use(db -> {
            try (ReadOptions reading = new ReadOptions().setFillCache(false);
                    RocksIterator documents = db.newIterator(store.handles().meta(), reading)) {
                documents.seek(isFurther ? last : prefix);
                if (isFurther && documents.isValid() && Arrays.equals(documents.key(), last)) {
                    documents.next();
                }
                boolean goesOn = true;
                for (; goesOn && documents.isValid(); documents.next()) {
                    byte[] key = documents.key();
                    if (!RocksLayout.startsWith(key, prefix)) {
                        break;
                    }
                    goesOn = visitor.visit(RocksLayout.document(key, documents.value()));
                }
                documents.status();
            }
            return null;
        });
    }

    /**
     * Makes a backup while all else goes on. Blocks until it is complete; {@link #close} waits for it.
     *
     * @param directory of the backups; made if it is not there
     * @param keep how many backups stay there, this one included; 1 or more
     * @throws RegistryException if it can't be made, or another one is under way
     */
    public RegistryBackups.Made backUp(Path directory, int keep) {
        store.requireSound();
        return RegistryBackups.make(store, directory, keep);
    }

    private static void requireAtLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be 1 or more");
        }
    }

    @Override
    public String incarnation() {
        return store.incarnation();
    }

    @Override
    public Optional<String> fault() {
        return store.fault().map(RegistryFailedException::getMessage);
    }

    /** {@inheritDoc} An interrupt does not cut it short; the thread is still interrupted afterwards. */
    @Override
    public void close() {
        if (Thread.currentThread() == writer) {
            throw new IllegalStateException("the registry can't be closed by a listener to its commits");
        }
        queue.close();
        joinWriter();
        lastSequence.close();
        store.close();
    }

    private void joinWriter() {
        boolean wasInterrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
