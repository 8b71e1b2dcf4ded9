package org.waymark.node.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * A hash of encoded keys by folded multiplication, under secrets of this process, so that nobody outside can choose keys that
 * collide. Immutable.
 */
final class KeyHash {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long seed;
    private final long multiplier;
    private final long last;

    KeyHash() {
        SecureRandom random = new SecureRandom();
        seed = random.nextLong();
        multiplier = random.nextLong() | 1;
        last = random.nextLong() | 1;
    }

    /** The hash of these bytes; all 64 bits are equally good. */
    long of(byte[] bytes, int offset, int length) {
        long hash = seed ^ length;
        int end = offset + length;
        int at = offset;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = fold(hash ^ (long) LONGS.get(bytes, at), multiplier);
        }
        if (at < end) {
            hash = fold(hash ^ tail(bytes, at, end), multiplier);
        }
        return fold(hash, last);
    }

    private static long tail(byte[] bytes, int from, int end) {
        long word = 0;
        for (int i = from; i < end; i++) {
            word = word << Byte.SIZE | bytes[i] & 0xFF;
        }
        return word;
    }

    private static long fold(long one, long other) {
        return one * other ^ Math.multiplyHigh(one, other);
    }
}
