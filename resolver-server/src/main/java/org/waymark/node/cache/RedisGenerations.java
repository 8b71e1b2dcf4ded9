package org.waymark.node.cache;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.waymark.record.RecordKey;

/**
 * The hash in which a space says as of which sequence number its prefixes last changed. One more field names the connection that
 * publishes. It is there from the space's first moment on, so where it is missing, Redis has lost changes.
 */
final class RedisGenerations {

    /** The field that names the publisher; no key of a record is encoded so. */
    static final byte[] PUBLISHER = RedisKeys.ascii("publisher");

    private RedisGenerations() {}

    /** The changes; empty where the hash is not what the publisher made it. */
    static Optional<Map<RecordKey, Long>> decode(Map<byte[], byte[]> hash) {
        Map<RecordKey, Long> changes = new HashMap<>();
        boolean isWhole = false;
        for (Map.Entry<byte[], byte[]> field : hash.entrySet()) {
            if (Arrays.equals(field.getKey(), PUBLISHER)) {
                isWhole = true;
                continue;
            }
            Optional<RecordKey> prefix = RedisKeys.prefixKey(field.getKey());
            String sequence = new String(field.getValue(), StandardCharsets.US_ASCII);
            if (prefix.isEmpty() || !sequence.matches("[0-9]{1,18}")) {
                return Optional.empty();
            }
            changes.put(prefix.get(), Long.parseLong(sequence));
        }
        return isWhole ? Optional.of(changes) : Optional.empty();
    }
}
