package org.waymark.node.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * Where things are in Redis. What other nodes must hear of when it changes lies under {@code NAMESPACE:SPACE:}; leases and the
 * heartbeat lie elsewhere, so that they are not broadcast.
 *
 * <p>A space is a fresh start: the writer takes a new one when Redis is another run, or when it can't know what Redis holds.
 */
final class RedisKeys {

    private final String namespace;

    /**
     * @param namespace lets several registries share one Redis
     */
    RedisKeys(String namespace) {
        this.namespace = namespace;
    }

    /** What the tracked keys start with. */
    String trackedPrefix() {
        return namespace + ":";
    }

    byte[] heartbeat() {
        return ascii(namespace + "-heartbeat");
    }

    /** See {@link RedisGenerations}. */
    byte[] generations(String space) {
        return ascii(namespace + ":" + space + ":g");
    }

    byte[] entry(String space, RecordKey key) {
        return concat(entryStart(space), key);
    }

    private byte[] entryStart(String space) {
        return ascii(namespace + ":" + space + ":r");
    }

    /** The entries of these records, in their order. */
    List<byte[]> entries(String space, List<RecordKey> keys) {
        return all(entryStart(space), keys);
    }

    byte[] lease(String space, RecordKey key) {
        return concat(leaseStart(space), key);
    }

    private byte[] leaseStart(String space) {
        return ascii(namespace + "-lease:" + space + ":");
    }

    /** The leases on these records, in their order. */
    List<byte[]> leases(String space, List<RecordKey> keys) {
        return all(leaseStart(space), keys);
    }

    private static List<byte[]> all(byte[] start, List<RecordKey> keys) {
        List<byte[]> all = new ArrayList<>(keys.size());
        for (RecordKey key : keys) {
            all.add(concat(start, key));
        }
        return all;
    }

    /** The record's key that an entry of this space is held under; empty where the Redis key is another. */
    Optional<RecordKey> recordKeyOf(String space, byte[] redisKey) {
        byte[] start = entryStart(space);
        if (redisKey.length <= start.length || !Arrays.equals(start, 0, start.length, redisKey, 0, start.length)) {
            return Optional.empty();
        }
        try {
            return Optional.of(RecordKey.decode(Arrays.copyOfRange(redisKey, start.length, redisKey.length)));
        } catch (InvalidRecordException e) {
            return Optional.empty();
        }
    }

    /** The key of a prefix's record; empty where the bytes are none. */
    static Optional<RecordKey> prefixKey(byte[] encoded) {
        try {
            RecordKey key = RecordKey.decode(encoded);
            boolean isPrefix = key.kind() == RecordKind.PREFIX
                    && Prefix.of(key.scheme(), key.identifier()).canonical().equals(key.identifier());
            return isPrefix ? Optional.of(key) : Optional.empty();
        } catch (InvalidRecordException | InvalidIdentifierException e) {
            return Optional.empty();
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[] start, RecordKey key) {
        ByteBuffer encoded = key.encodedBuffer();
        byte[] both = Arrays.copyOf(start, start.length + encoded.remaining());
        encoded.get(both, start.length, encoded.remaining());
        return both;
    }
}
