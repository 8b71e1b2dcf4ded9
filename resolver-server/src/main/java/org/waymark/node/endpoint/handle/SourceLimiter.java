package org.waymark.node.endpoint.handle;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Bounds what is sent to one source address over UDP, whose sender nobody has proved: a bucket of bytes for each, filled at a steady
 * rate, a second's worth at most. The memory is fixed: addresses fall into so many buckets by a hash that nobody outside can guess,
 * and those of one bucket share it. Safe for use by many threads.
 */
final class SourceLimiter {

    private static final int BUCKETS = 1 << 16;
    private static final int IPV6_NETWORK_BYTES = 8;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long bytesPerSecond;
    private final long seed = new SecureRandom().nextLong();
    private final long started;
    /** Of each bucket, the time by which what was sent has been paid for, in nanoseconds since {@link #started}. */
    private final AtomicLongArray paidUntil = new AtomicLongArray(BUCKETS);

    /**
     * @param bytesPerSecond for each source, 1 to 2^31
     * @param nowNanos by the clock that {@link #allows} is asked with
     */
    SourceLimiter(long bytesPerSecond, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        // So that every bucket is full at first.
        this.started = nowNanos - NANOS_PER_SECOND;
    }

    /** The bucket of an address; the addresses of one IPv6 network (64 bits) share one. */
    int bucket(InetAddress source) {
        byte[] address = source.getAddress();
        int length = Math.min(address.length, IPV6_NETWORK_BYTES);
        long hash = seed;
        for (int i = 0; i < length; i++) {
            hash = (hash ^ address[i]) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        return (int) (hash >>> 40) & BUCKETS - 1;
    }

    /** True where so many bytes may be sent now; they count as sent then. */
    boolean allows(int bucket, int bytes, long nowNanos) {
        long now = nowNanos - started;
        long cost = bytes * NANOS_PER_SECOND / bytesPerSecond;
        while (true) {
            long before = paidUntil.get(bucket);
            long after = Math.max(before, now - NANOS_PER_SECOND) + cost;
            if (after > now) {
                return false;
            }
            if (paidUntil.compareAndSet(bucket, before, after)) {
                return true;
            }
        }
    }
}
