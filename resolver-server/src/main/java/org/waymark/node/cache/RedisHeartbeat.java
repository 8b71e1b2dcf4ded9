package org.waymark.node.cache;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The writer's sign that Redis is up to date. Written only while the writer is caught up; it expires by itself.
 *
 * @param space where entries are
 * @param runId of the Redis that the writer writes to: a heartbeat that came back with an old snapshot names another
 * @param published everything up to this sequence number is in Redis
 * @param count differs from one heartbeat to the next
 */
record RedisHeartbeat(String space, String runId, long published, long count) {

    /** How long one is good for. Followers answer nothing older than this, whatever breaks. */
    static final Duration LIFE = Duration.ofSeconds(3);

    byte[] encode() {
        return RedisKeys.ascii(space + " " + runId + " " + published + " " + count);
    }

    /** Reads one; empty where the bytes are none. */
    static Optional<RedisHeartbeat> decode(byte[] bytes) {
        if (bytes == null) {
            return Optional.empty();
        }
        String[] parts = new String(bytes, StandardCharsets.US_ASCII).split(" ");
        if (parts.length != 4) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new RedisHeartbeat(parts[0], parts[1], Long.parseLong(parts[2]), Long.parseLong(parts[3])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
