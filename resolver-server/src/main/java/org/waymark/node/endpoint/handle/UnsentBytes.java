package org.waymark.node.endpoint.handle;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits for all clients of the face together to take it, in bytes. Over the limit, clients that don't take their answers are
 * let go. Safe for use by many threads.
 */
final class UnsentBytes {

    private final long most;
    private final AtomicLong bytes = new AtomicLong();

    UnsentBytes(long most) {
        this.most = most;
    }

    void add(int more) {
        bytes.addAndGet(more);
    }

    void remove(int fewer) {
        bytes.addAndGet(-fewer);
    }

    boolean areTooMany() {
        return bytes.get() > most;
    }

    long now() {
        return bytes.get();
    }
}
