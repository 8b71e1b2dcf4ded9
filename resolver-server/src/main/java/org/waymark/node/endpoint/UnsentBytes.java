package org.waymark.node.endpoint;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits for all clients of a face together to take it, in bytes. One connection's share is bounded by what may be open on it;
 * this bounds the sum: over it, clients that don't take their answers are let go. Safe for use by many threads.
 */
public final class UnsentBytes {

    private final long most;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * @param most may wait before clients are let go
     */
    public UnsentBytes(long most) {
        this.most = most;
    }

    /** So many more wait; or fewer, where it is negative. */
    public void add(long more) {
        bytes.addAndGet(more);
    }

    /** So many fewer wait. */
    public void remove(long fewer) {
        bytes.addAndGet(-fewer);
    }

    /** True where clients that don't take their answers are to be let go. */
    public boolean areTooMany() {
        return bytes.get() > most;
    }

    /** What waits now. */
    public long now() {
        return bytes.get();
    }
}
