package org.waymark.node.endpoint;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Open connections of a face, in all and by source. Safe for use by many threads. */
final class ConnectionCount {

    private final int most;
    private final int mostOfSource;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentHashMap<Long, Integer> bySource = new ConcurrentHashMap<>();

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
        if (source != null && bySource.merge(key(source), 1, Integer::sum) > mostOfSource) {
            release(source);
            return false;
        }
        return true;
    }

    /** Counts one off that was admitted. */
    void release(InetAddress source) {
        open.decrementAndGet();
        if (source != null) {
            bySource.computeIfPresent(key(source), (key, count) -> count == 1 ? null : count - 1);
        }
    }

    /** An IPv4 address, or the network of an IPv6 address: whoever has one of its addresses has all. */
    private static Long key(InetAddress source) {
        byte[] bytes = source.getAddress();
        // No IPv6 network in use begins with 32 zero bits.
        return source instanceof Inet6Address
                ? ByteBuffer.wrap(bytes).getLong()
                : ByteBuffer.wrap(bytes).getInt() & 0xFFFF_FFFFL;
    }

    /** Sources with an open connection. */
    int sources() {
        return bySource.size();
    }
}
