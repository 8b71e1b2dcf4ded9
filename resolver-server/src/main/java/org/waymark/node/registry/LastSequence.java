package org.waymark.node.registry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The number of the last visible commit, and those who wait for the next. */
final class LastSequence {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private volatile long value;
    private volatile boolean closed;

    LastSequence(long value) {
        this.value = value;
    }

    long get() {
        return value;
    }

    void advance(long to) {
        signal(() -> value = to);
    }

    void close() {
        signal(() -> closed = true);
    }

    private void signal(Runnable change) {
        lock.lock();
        try {
            change.run();
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean await(long after, Duration timeout) throws InterruptedException {
        long left = TimeUnit.NANOSECONDS.convert(timeout);
        lock.lockInterruptibly();
        try {
            while (true) {
                if (closed) {
                    throw new RegistryClosedException("the registry is closed");
                }
                if (value > after) {
                    return true;
                }
                if (left <= 0) {
                    return false;
                }
                left = moved.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
