package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.registry.CommitQueue.Batch;
import org.waymark.record.RecordKey;

/** The writer: takes what waits, checks it in order, and makes it durable in one go. */
final class RocksCommitter implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(RocksCommitter.class);

    private final RocksStore store;
    private final CommitQueue queue;
    private final RegistryLog entries;
    private final LastSequence lastSequence;
    private final InstantSource clock;
    private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();
    private final RecentCommits recent = new RecentCommits();
    private volatile LongConsumer writeTimes = nanos -> {};

    RocksCommitter(
            RocksStore store, CommitQueue queue, RegistryLog entries, LastSequence lastSequence, InstantSource clock) {
        this.store = store;
        this.queue = queue;
        this.entries = entries;
        this.lastSequence = lastSequence;
        this.clock = clock;
    }

    /** Tells how many nanoseconds each write to the disk took from now on; on the writer's thread. */
    void tellWriteTimes(LongConsumer listener) {
        writeTimes = listener;
    }

    void add(CommitListener listener) {
        listeners.add(listener);
    }

    /** Works until the queue is closed and drained. */
    @Override
    public void run() {
        for (List<Batch> group = queue.takeAll(); !group.isEmpty(); group = queue.takeAll()) {
            try {
                commit(group);
            } catch (RegistryException e) {
                refuse(group, e);
            } catch (RuntimeException | Error e) {
                log.error("the registry's writer failed", e);
                refuse(group, store.fail(e));
            }
        }
    }

    private static void refuse(List<Batch> group, RegistryException reason) {
        group.forEach(batch -> batch.future().completeExceptionally(reason));
    }

    private void commit(List<Batch> group) {
        store.requireSound();
        try (WriteBatch staged = new WriteBatch()) {
            Group writes = new Group(staged, lastSequence.get(), clock.millis());
            List<List<CommitResult>> results = store.use(db -> writes.stageAll(group));
            if (!writes.changes.isEmpty()) {
                long since = System.nanoTime();
                store.writeSynced(staged);
                writeTimes.accept(System.nanoTime() - since);
                writes.leaves.publish();
                // Listeners first: whoever sees the new number must find what they hold renewed.
                tellListeners(List.copyOf(writes.changes));
                lastSequence.advance(writes.sequence);
            }
            for (int i = 0; i < group.size(); i++) {
                group.get(i).future().complete(results.get(i));
            }
        }
    }

    private void tellListeners(List<Change> changes) {
        for (CommitListener listener : listeners) {
            try {
                listener.committed(changes);
            } catch (RuntimeException | Error e) {
                log.error("a listener to commits failed; the commit stands", e);
            }
        }
    }

    /** What is written together: each write is checked against the store and the writes before it in the group. */
    private final class Group {

        private final WriteBatch staged;
        private final long committedAt;
        private final List<Change> changes = new ArrayList<>();
        private final RegistryLog.Appender leaves = entries.appender();
        /** Current records as the next write has to see them; null where there is none. */
        private final Map<RecordKey, StoredRecord> current = new HashMap<>();

        /** Conditions that hold at this place of the group: the writes of one owner share theirs. */
        private List<Condition> holding = List.of();

        private long sequence;

        Group(WriteBatch staged, long sequence, long committedAt) {
            this.staged = staged;
            this.sequence = sequence;
            this.committedAt = committedAt;
        }

        List<List<CommitResult>> stageAll(List<Batch> group) throws RocksDBException {
            List<List<CommitResult>> results = new ArrayList<>(group.size());
            for (Batch batch : group) {
                List<CommitResult> ofBatch = new ArrayList<>(batch.writes().size());
                for (Write write : batch.writes()) {
                    ofBatch.add(stage(write));
                }
                results.add(List.copyOf(ofBatch));
            }
            return results;
        }

        private CommitResult stage(Write write) throws RocksDBException {
            StoredRecord before = isStillAbsent(write) ? null : current(write.key());
            long version = before == null ? 0 : before.version();
            ByteString digest = before == null ? ByteString.EMPTY : before.digest();
            if (version != write.expectedVersion() || !digest.equals(write.expectedDigest())) {
                return new CommitResult.Conflict(version, digest);
            }
            if (write.conditions() != holding) {
                for (Condition condition : write.conditions()) {
                    StoredRecord prefix = current(condition.key());
                    if ((prefix == null ? 0 : prefix.version()) != condition.version()) {
                        return new CommitResult.ConditionFailed(condition.key());
                    }
                }
                holding = write.conditions();
            }
            put(write, before);
            return new CommitResult.Committed(sequence, committedAt);
        }

        /** Most writes are of new records, which their checks have looked for already. */
        private boolean isStillAbsent(Write write) {
            return write.expectedVersion() == 0
                    && write.asOf() != Write.NOT_READ
                    && recent.isUnchangedSince(write.asOf(), write.key());
        }

        private StoredRecord current(RecordKey key) throws RocksDBException {
            StoredRecord known = current.get(key);
            if (known == null && !current.containsKey(key)) {
                known = store.readCurrent(key);
                current.put(key, known);
            }
            return known;
        }

        private void put(Write write, StoredRecord before) throws RocksDBException {
            sequence++;
            if (holding.stream().anyMatch(condition -> condition.key().equals(write.key()))) {
                holding = List.of();
            }
            StoredRecord after = new StoredRecord(
                    write.key(), write.version(), sequence, committedAt, write.digest(), write.record());
            Change change = new Change(sequence, write.key(), write.version());
            if (before != null) {
                staged.put(
                        store.handles().history(),
                        RocksLayout.historyKey(before.key(), before.version()),
                        RocksLayout.value(before));
            }
            byte[] currentKey = RocksLayout.currentKey(write.key());
            staged.put(store.handles().current(), currentKey, RocksLayout.value(after));
            byte[] entry = RocksLayout.feedValue(
                    sequence, committedAt, write.version(), write.digest().toByteArray(), currentKey);
            staged.put(store.handles().feed(), RocksLayout.feedKey(sequence), entry);
            leaves.append(entry, staged);
            store.stage(staged, write.documents());
            current.put(write.key(), after);
            recent.note(write.key(), sequence);
            changes.add(change);
        }
    }
}
