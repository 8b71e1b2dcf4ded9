package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Puts requests together that come in several packets. Holds what was received and no more, of so many requests at a time; the
 * oldest gives way. For one event loop.
 */
final class Fragments {

    /** What a packet carries after its envelope, save a message's last one. */
    static final int PAYLOAD_BYTES = 492;

    /** A request over UDP; one that is longer has to come over TCP. */
    static final int MOST_MESSAGE_BYTES = 8 * 1_024;

    private static final int MOST_REQUESTS = 256;
    private static final int MOST_REQUESTS_OF_ONE = 8;
    private static final long LIFE_NANOS = 5_000_000_000L;

    /** The request that a packet belongs to. */
    private record Key(InetSocketAddress sender, int requestId, int messageLength) {}

    private static final class Parts {
        private final byte[][] parts;
        private final long since;
        private int missing;

        Parts(int count, long since) {
            parts = new byte[count][];
            missing = count;
            this.since = since;
        }
    }

    private final Map<Key, Parts> requests = new LinkedHashMap<>();

    /**
     * Takes a packet's payload.
     *
     * @param payload its indexes stay as they are
     * @return the whole message without an envelope, where this was its last missing part; else null
     */
    ByteBuf add(InetSocketAddress sender, Envelope envelope, ByteBuf payload, long nowNanos) {
        int length = envelope.messageLength();
        int count = (length + PAYLOAD_BYTES - 1) / PAYLOAD_BYTES;
        int sequence = envelope.sequence();
        if (length < 1 || length > MOST_MESSAGE_BYTES || sequence < 0 || sequence >= count) {
            return null;
        }
        int expected = Math.min(PAYLOAD_BYTES, length - sequence * PAYLOAD_BYTES);
        if (payload.readableBytes() != expected) {
            return null;
        }
        dropOld(nowNanos);
        Key key = new Key(sender, envelope.requestId(), length);
        Parts parts = requests.get(key);
        if (parts == null) {
            parts = begin(key, count, nowNanos);
            if (parts == null) {
                return null;
            }
        }
        if (parts.parts[sequence] == null) {
            byte[] part = new byte[expected];
            payload.getBytes(payload.readerIndex(), part);
            parts.parts[sequence] = part;
            parts.missing--;
        }
        if (parts.missing > 0) {
            return null;
        }
        requests.remove(key);
        return Unpooled.wrappedBuffer(parts.parts);
    }

    private Parts begin(Key key, int count, long nowNanos) {
        long ofSender = requests.keySet().stream()
                .filter(other -> other.sender().getAddress().equals(key.sender().getAddress()))
                .count();
        if (ofSender >= MOST_REQUESTS_OF_ONE) {
            return null;
        }
        if (requests.size() == MOST_REQUESTS) {
            Iterator<Key> oldest = requests.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        Parts parts = new Parts(count, nowNanos);
        requests.put(key, parts);
        return parts;
    }

    private void dropOld(long nowNanos) {
        Iterator<Parts> oldest = requests.values().iterator();
        while (oldest.hasNext() && nowNanos - oldest.next().since > LIFE_NANOS) {
            oldest.remove();
        }
    }

    /** How many requests wait for parts. */
    int waiting() {
        return requests.size();
    }
}
