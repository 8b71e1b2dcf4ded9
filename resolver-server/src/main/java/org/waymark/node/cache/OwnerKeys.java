package org.waymark.node.cache;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.waymark.record.RecordKey;

/**
 * The keys of prefix records by their encodings: few prefixes own many records, so each is decoded and checked once. Safe for use by
 * many threads.
 */
final class OwnerKeys {

    /** Further ones are decoded each time. */
    private static final int MOST = 16_384;

    private final ConcurrentHashMap<ByteBuffer, RecordKey> known = new ConcurrentHashMap<>();

    /** The key that the rest of this buffer is; empty where it is no canonical key of a prefix record. */
    Optional<RecordKey> of(ByteBuffer encoded) {
        RecordKey key = known.get(encoded);
        return key != null ? Optional.of(key) : decode(encoded);
    }

    private Optional<RecordKey> decode(ByteBuffer encoded) {
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(encoded.position(), bytes);
        Optional<RecordKey> key = RedisKeys.prefixKey(bytes);
        if (key.isPresent() && known.size() < MOST) {
            known.put(ByteBuffer.wrap(bytes), key.get());
        }
        return key;
    }
}
