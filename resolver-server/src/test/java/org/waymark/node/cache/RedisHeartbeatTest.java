package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisHeartbeatTest {

    @Test
    void whatIsEncodedIsDecoded() {
        RedisHeartbeat heartbeat = new RedisHeartbeat("00112233aabbccdd", "a".repeat(40), 123_456_789_012L, 7);

        assertThat(RedisHeartbeat.decode(heartbeat.encode())).contains(heartbeat);
    }

    @Test
    void nothingIsNoHeartbeat() {
        assertThat(RedisHeartbeat.decode(null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "garbage", "space run 1", "space run 1 2 3", "space run one 2", "space run 1 two", "  1 2 3"
            })
    void garbageIsNoHeartbeat(String garbage) {
        assertThat(RedisHeartbeat.decode(RedisKeys.ascii(garbage))).isEmpty();
    }
}
