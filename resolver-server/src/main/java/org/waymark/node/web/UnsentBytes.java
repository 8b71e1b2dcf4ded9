package org.waymark.node.web;

import java.util.concurrent.atomic.AtomicLong;

/** What waits for all clients of a server together to take it. Safe for use by many threads. */
final class UnsentBytes {

    private final long most;
    private final AtomicLong now = new AtomicLong();

    UnsentBytes(long most) {
        this.most = most;
    }

    /** Adds so many, or takes them off. Returns false where it is more than may be. */
    boolean add(long bytes) {
        return now.addAndGet(bytes) <= most;
    }
}
