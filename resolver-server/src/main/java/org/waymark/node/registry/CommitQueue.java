package org.waymark.node.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Batches that wait for the one writer. It is bounded in writes and in bytes; a batch that exceeds a bound by itself is
 * taken when nothing else waits.
 */
final class CommitQueue {

    /** Writes that were handed in together. */
    record Batch(List<Write> writes, CompletableFuture<List<CommitResult>> future) {

        Batch(List<Write> writes) {
            this(writes, new CompletableFuture<>());
        }

        long bytes() {
            long bytes = 0;
            for (Write write : writes) {
                bytes += write.record().size();
            }
            return bytes;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final int maxWrites;
    private final long maxBytes;
    private List<Batch> waiting = new ArrayList<>();
    private long writes;
    private long bytes;
    private boolean closed;

    CommitQueue(int maxWrites, long maxBytes) {
        this.maxWrites = maxWrites;
        this.maxBytes = maxBytes;
    }

    /**
     * Puts a batch at the end.
     *
     * @throws RegistryBusyException if it would exceed a bound
     * @throws RegistryClosedException if the queue is closed
     */
    void add(Batch batch) {
        long more = batch.bytes();
        lock.lock();
        try {
            if (closed) {
                throw new RegistryClosedException("the registry is closed; nothing of this commit was stored");
            }
            if (!waiting.isEmpty() && (writes + batch.writes().size() > maxWrites || bytes + more > maxBytes)) {
                throw new RegistryBusyException("the registry is busy: " + writes + " writes with " + bytes
                        + " bytes wait already; at most " + maxWrites + " writes and " + maxBytes
                        + " bytes may. Nothing of this commit was stored");
            }
            waiting.add(batch);
            writes += batch.writes().size();
            bytes += more;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Takes all that wait; blocks while nothing does. Empty once the queue is closed and drained. */
    List<Batch> takeAll() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            List<Batch> taken = waiting;
            waiting = new ArrayList<>();
            writes = 0;
            bytes = 0;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more batches. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }
}
