package org.waymark.node.registry;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.waymark.log.Frontier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.v1.RecordKind;

/**
 * Walks a whole registry that no process has open, and says what is wrong with it: every version of every record is read and verified
 * from the roots down, follows the version before it, and is in the change feed; the feed has no gap and names
 * nothing else; the log's tree is that of the feed. Reads only.
 *
 * <p>A record verifies where a key signed it that its owner had by then, in this or an earlier version of its prefix record, whatever
 * became of that key since. What it takes of memory grows with the number of prefixes, not of records.
 */
public final class RegistryCheck {

    private static final int BATCH_VERSIONS = 1_024;
    private static final int BATCH_BYTES = 1_024 * 1_024;

    private final Path directory;
    private final Set<Anchor> roots;
    private final Clock clock;
    private final int threads;

    /**
     * @param directory of the registry, {@code registry} in a node's data directory
     * @param roots the self-signed prefixes that the node was ever set up with, each with the key that signs it
     * @param threads that verify, 1 or more; one more reads
     */
    public RegistryCheck(Path directory, Set<Anchor> roots, Clock clock, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be 1 or more");
        }
        this.directory = directory;
        this.roots = Set.copyOf(roots);
        this.clock = clock;
        this.threads = threads;
    }

    /**
     * Something that is wrong.
     *
     * @param where the record and its version, or the part of the registry
     */
    public record Fault(String where, String what) {

        @Override
        public String toString() {
            return where + ": " + what;
        }
    }

    /**
     * What was found.
     *
     * @param prefixes current prefix records
     * @param items current items
     * @param earlier versions that others have followed
     * @param changes in the feed
     * @param withoutEarlier records whose first stored version is not their first, as a load without histories leaves them
     */
    public record Summary(long prefixes, long items, long earlier, long changes, long withoutEarlier, long faults) {}

    /**
     * Walks the registry.
     *
     * @param faults is told of each fault, from one thread at a time
     * @param progress is told now and then how many versions were read
     * @throws RegistryInUseException if a process has it open
     * @throws RegistryException if there is none, or it can't be opened
     */
    public Summary run(Consumer<Fault> faults, LongConsumer progress) throws InterruptedException {
        Path lock = directory.resolve("LOCK");
        if (!Files.isWritable(lock)) {
            return walk(faults, progress);
        }
        // RocksDB's own lock: a node that is started meanwhile is told that the registry is in use.
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            if (channel.tryLock() == null) {
                throw new RegistryInUseException(
                        "the registry in " + directory + " is in use by another process; stop the node, or verify a"
                                + " restored backup",
                        null);
            }
            return walk(faults, progress);
        } catch (IOException e) {
            throw new RegistryException("the registry in " + directory + " can't be locked: " + e, e);
        }
    }

    private Summary walk(Consumer<Fault> faults, LongConsumer progress) throws InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "verify");
            thread.setDaemon(true);
            return thread;
        });
        try (RocksStore store = RocksStore.readOnly(directory, RocksOptions.defaults())) {
            Walk walk = new Walk(store, workers, faults, progress);
            try {
                return walk.run();
            } finally {
                workers.shutdownNow();
                walk.awaitWorkers();
            }
        } finally {
            workers.shutdownNow();
        }
    }

    /**
     * A version to be verified.
     *
     * @param before null: none is stored
     */
    private record Version(StoredRecord before, StoredRecord stored) {}

    private final class Walk {

        private final RocksStore store;
        private final RocksHandles handles;
        private final RocksDB db;
        private final ExecutorService workers;
        private final Consumer<Fault> faults;
        private final LongConsumer progress;
        private final LoadCheck check = new LoadCheck(new LoadedPrefixes(roots), clock);
        private final Deque<Future<?>> underWay = new ArrayDeque<>();
        private final AtomicLong inFeed = new AtomicLong();
        private final Frontier frontier = Frontier.empty();

        private long prefixes;
        private long items;
        private long earlier;
        private long changes;
        private long withoutEarlier;
        private long faultCount;

        private List<Version> batch = new ArrayList<>();
        private int batchBytes;
        private long versions;
        private String last = "the first";

        Walk(RocksStore store, ExecutorService workers, Consumer<Fault> faults, LongConsumer progress) {
            this.store = store;
            this.handles = store.handles();
            this.db = handles.db();
            this.workers = workers;
            this.faults = faults;
            this.progress = progress;
        }

        Summary run() throws InterruptedException {
            boolean isWhole = walkFeed();
            isWhole &= walkRecords();
            if (isWhole && inFeed.get() != changes) {
                findMissing();
            }
            return new Summary(prefixes, items, earlier, changes, withoutEarlier, faultCount);
        }

        private synchronized void fault(String where, String what) {
            faultCount++;
            faults.accept(new Fault(where, what));
        }

        private void fault(StoredRecord stored, String what) {
            fault(name(stored.key()) + " version " + stored.version(), what);
        }

        // ---- the change feed, and the prefix records in the order in which they were committed -------------------

        private boolean walkFeed() {
            long expected = 1;
            boolean isLogged = true;
            try (ReadOptions reading = new ReadOptions().setFillCache(false);
                    RocksIterator feed = db.newIterator(handles.feed(), reading)) {
                for (feed.seekToFirst(); feed.isValid(); feed.next()) {
                    changes++;
                    long sequence = RocksLayout.sequence(feed.key());
                    if (sequence != expected) {
                        fault("change feed", "has nothing from commit " + expected + " to " + (sequence - 1));
                    }
                    boolean isNext = sequence == expected;
                    expected = sequence + 1;
                    isLogged = isLogged && isNext && isInTree(feed.value());
                    Change change = change(feed, sequence);
                    if (change != null && change.key().kind() == RecordKind.PREFIX) {
                        verifyPrefix(change);
                    }
                }
                feed.status();
                return true;
            } catch (RocksDBException e) {
                fault("change feed", "can't be read further than commit " + (expected - 1) + ": " + e.getMessage());
                return false;
            }
        }

        /** Null where it can't be read. */
        private Change change(RocksIterator feed, long sequence) {
            try {
                Change change = RocksLayout.change(feed.value());
                if (change.sequence() == sequence) {
                    return change;
                }
                fault("change feed", "has commit " + change.sequence() + " in the place of commit " + sequence);
            } catch (RuntimeException e) {
                fault("change feed", "commit " + sequence + " can't be read: " + e);
            }
            return null;
        }

        /** Appends an entry to a tree of its own, and compares what that makes with the tree that is stored; once they differ, all after differs. */
        private boolean isInTree(byte[] entry) throws RocksDBException {
            for (RegistryLog.Subtree subtree : RegistryLog.append(frontier, entry)) {
                if (!Arrays.equals(subtree.hash(), db.get(handles.tree(), subtree.key()))) {
                    fault("log", "the tree's hash over the commits up to " + frontier.size() + " is not theirs");
                    return false;
                }
            }
            return true;
        }

        private void verifyPrefix(Change change) throws RocksDBException {
            Optional<StoredRecord> stored = find(change);
            if (stored.isPresent() && stored.get().sequence() == change.sequence()) {
                verify(stored.get(), null);
            }
        }

        private Optional<StoredRecord> find(Change change) throws RocksDBException {
            try {
                StoredRecord current = store.readCurrent(change.key());
                if (current != null && current.version() == change.version()) {
                    return Optional.of(current);
                }
                byte[] value = db.get(handles.history(), RocksLayout.historyKey(change.key(), change.version()));
                return Optional.ofNullable(value).map(found -> RocksLayout.record(change.key(), found));
            } catch (RuntimeException e) {
                // Its value has no form; the walk over the records says so.
                return Optional.empty();
            }
        }

        /** A record that the feed names and that is not there, where the numbers differ. */
        private void findMissing() {
            try (ReadOptions reading = new ReadOptions().setFillCache(false);
                    RocksIterator feed = db.newIterator(handles.feed(), reading)) {
                for (feed.seekToFirst(); feed.isValid(); feed.next()) {
                    Change change = RocksLayout.change(feed.value());
                    if (find(change).isEmpty()) {
                        fault(
                                name(change.key()) + " version " + change.version(),
                                "is missing: the change feed has it as commit " + change.sequence());
                    }
                }
            } catch (RocksDBException | RuntimeException e) {
                fault("change feed", "can't be compared with the records: " + e.getMessage());
            }
        }

        // ---- the records, with their histories -------------------------------------------------------------------

        private boolean walkRecords() throws InterruptedException {
            boolean isWhole = true;
            try (ReadOptions reading = new ReadOptions().setFillCache(false);
                    RocksIterator current = db.newIterator(handles.current(), reading);
                    RocksIterator history = db.newIterator(handles.history(), reading)) {
                current.seekToFirst();
                history.seekToFirst();
                while (isAtOne(current) | isAtOne(history)) {
                    walkRecord(current, history);
                }
            } catch (RocksDBException e) {
                fault("records", "can't be read further than " + last + ": " + e.getMessage());
                isWhole = false;
            }
            submit();
            while (!underWay.isEmpty()) {
                awaitFirst();
            }
            progress.accept(versions);
            return isWhole;
        }

        private boolean isAtOne(RocksIterator records) throws RocksDBException {
            if (!records.isValid()) {
                records.status();
                return false;
            }
            return true;
        }

        /** All versions of the record that comes first in one of the two. */
        private void walkRecord(RocksIterator current, RocksIterator history)
                throws RocksDBException, InterruptedException {
            byte[] currentKey = current.isValid() ? current.key() : null;
            byte[] oldKey = history.isValid() ? RocksLayout.plainKey(history.key()) : null;
            byte[] key = oldKey == null || currentKey != null && Arrays.compareUnsigned(currentKey, oldKey) < 0
                    ? currentKey
                    : oldKey;
            StoredRecord before = null;
            while (oldKey != null && Arrays.equals(oldKey, key)) {
                earlier++;
                before = take(key, history.key(), history.value(), before);
                history.next();
                oldKey = isAtOne(history) ? RocksLayout.plainKey(history.key()) : null;
            }
            if (currentKey != null && Arrays.equals(currentKey, key)) {
                if (key[0] == RecordKind.PREFIX_VALUE) {
                    prefixes++;
                } else {
                    items++;
                }
                take(key, null, current.value(), before);
                current.next();
            } else {
                fault(name(key), "has earlier versions, and no current one");
            }
        }

        /** Looks at what can be seen from here, has the rest verified, and returns the version; the one before where it can't be read. */
        private StoredRecord take(byte[] key, byte[] historyKey, byte[] value, StoredRecord before)
                throws InterruptedException {
            StoredRecord stored;
            try {
                stored = RocksLayout.record(RocksLayout.recordKey(key), value);
            } catch (RuntimeException e) {
                fault(name(key), "has a version that can't be read: " + e);
                return before;
            }
            last = name(stored.key());
            if (historyKey != null && !Arrays.equals(historyKey, RocksLayout.historyKey(key, stored.version()))) {
                fault(stored, "lies in the history under another version");
            }
            if (before == null) {
                withoutEarlier += stored.version() == 1 ? 0 : 1;
            } else if (stored.version() != before.version() + 1) {
                fault(stored, "comes after version " + before.version() + "; those between are missing");
            } else if (stored.sequence() <= before.sequence()) {
                fault(
                        stored,
                        "is commit " + stored.sequence() + ", and the version before it is commit "
                                + before.sequence());
            }
            batch.add(new Version(before, stored));
            batchBytes += value.length;
            versions++;
            if (batch.size() == BATCH_VERSIONS || batchBytes >= BATCH_BYTES) {
                submit();
                progress.accept(versions);
            }
            return stored;
        }

        private void submit() throws InterruptedException {
            List<Version> taken = batch;
            batch = new ArrayList<>();
            batchBytes = 0;
            if (underWay.size() >= 2 * threads) {
                awaitFirst();
            }
            underWay.add(workers.submit(() -> verify(taken)));
        }

        private void awaitFirst() throws InterruptedException {
            try {
                underWay.remove().get();
            } catch (ExecutionException e) {
                throw new RegistryException("the registry can't be verified: " + e.getCause(), e.getCause());
            }
        }

        /** Nobody may use the store after it is closed. */
        void awaitWorkers() throws InterruptedException {
            workers.awaitTermination(1, TimeUnit.MINUTES);
        }

        // ---- one version -----------------------------------------------------------------------------------------

        private void verify(List<Version> taken) {
            PlainItemCheck plain = check.plain();
            for (Version version : taken) {
                StoredRecord stored = version.stored();
                try {
                    verifyInFeed(stored);
                } catch (RocksDBException e) {
                    fault("change feed", "commit " + stored.sequence() + " can't be read: " + e.getMessage());
                }
                if (stored.key().kind() != RecordKind.PREFIX) {
                    verify(stored, plain);
                }
                if (version.before() != null && version.before().version() + 1 == stored.version()) {
                    verifyFollows(stored, version.before());
                }
            }
        }

        private void verifyInFeed(StoredRecord stored) throws RocksDBException {
            byte[] found = db.get(handles.feed(), RocksLayout.feedKey(stored.sequence()));
            byte[] expected = RocksLayout.feedValue(
                    stored.sequence(),
                    stored.committedAt(),
                    stored.version(),
                    stored.digest().toByteArray(),
                    RocksLayout.currentKey(stored.key()));
            if (Arrays.equals(found, expected)) {
                inFeed.incrementAndGet();
            } else {
                fault(
                        stored,
                        "is commit " + stored.sequence() + ", "
                                + (found == null
                                        ? "which the change feed lacks"
                                        : "which is another in the change feed"));
            }
        }

        /**
         * Form, grammar, owner, key, signature, values, digest.
         *
         * @param plain the quick way; null for prefix records
         */
        private void verify(StoredRecord stored, PlainItemCheck plain) {
            byte[] encoded = stored.record().toByteArray();
            LoadedRecord read;
            try {
                read = plain == null
                        ? null
                        : plain.check(encoded, stored.sequence(), null).orElse(null);
                read = read == null ? check.read(encoded, stored.sequence(), null) : read;
            } catch (InvalidRecordException e) {
                fault(stored, e.getMessage());
                return;
            } catch (Refusal e) {
                fault(stored, e.result().getField() + " " + e.result().getMessage());
                return;
            }
            if (!Arrays.equals(read.currentKey(), RocksLayout.currentKey(stored.key()))) {
                fault(stored, "holds another record, that of " + name(read.currentKey()));
            } else if (read.version() != stored.version()) {
                fault(stored, "holds version " + read.version());
            } else if (!Arrays.equals(read.digest(), stored.digest().toByteArray())) {
                fault(stored, "has another digest than is kept with it");
            }
        }

        private void verifyFollows(StoredRecord stored, StoredRecord before) {
            IdentifierRecord record;
            IdentifierRecord previous;
            try {
                record = IdentifierRecord.parse(stored.record());
                previous = IdentifierRecord.parse(before.record());
            } catch (InvalidRecordException e) {
                // Said where it was verified.
                return;
            }
            if (!record.previous().map(RecordDigest::bytes).equals(Optional.of(before.digest()))) {
                fault(stored, "follows another version " + before.version() + " than is stored");
            }
            if (record.issuedAt() < previous.issuedAt()) {
                fault(stored, "was issued before version " + before.version());
            }
        }
    }

    private static String name(RecordKey key) {
        return (key.kind() == RecordKind.PREFIX ? "prefix " : "") + key.scheme().tag() + ":" + key.identifier();
    }

    private static String name(byte[] currentKey) {
        try {
            return name(RocksLayout.recordKey(currentKey));
        } catch (RuntimeException e) {
            return "the key " + HexFormat.of().formatHex(currentKey);
        }
    }
}
