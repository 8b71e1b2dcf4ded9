package org.waymark.node.endpoint;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Open connections of a face, in all and by source. Safe for use by many threads. */
final class ConnectionCount {

    private final int most;
    private final int mostOfSource;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentHashMap<SourceNetwork, Integer> bySource = new ConcurrentHashMap<>();

    ConnectionCount(int most, int mostOfSource) {
        this.most = most;
        this.mostOfSource = mostOfSource;
    }

    /**
     * Counts one more, if there may be one more.
     *
     * @param source null where it is not known
     */
    boolean admit(InetAddress source) {
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            return false;
        }
        if (source != null && bySource.merge(SourceNetwork.of(source), 1, Integer::sum) > mostOfSource) {
            release(source);
            return false;
        }
        return true;
    }

    /** Counts one off that was admitted. */
    void release(InetAddress source) {
        open.decrementAndGet();
        if (source != null) {
            bySource.computeIfPresent(SourceNetwork.of(source), (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Sources with an open connection. */
    int sources() {
        return bySource.size();
    }
}
