package org.waymark.node.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.cache.Answers.MAKER;
import static org.waymark.node.cache.Answers.PUMP;

import java.util.List;
import org.junit.jupiter.api.Test;

class RedisKeysTest {

    private static final String SPACE = "00112233aabbccdd";

    private final RedisKeys keys = new RedisKeys("waymark");

    private static String text(byte[] key) {
        return new String(key, UTF_8);
    }

    @Test
    void entriesAndPrefixChangesAreTrackedLeasesAndTheHeartbeatAreNot() {
        String tracked = keys.trackedPrefix();

        assertThat(text(keys.entry(SPACE, PUMP))).startsWith(tracked);
        assertThat(text(keys.generations(SPACE))).startsWith(tracked);
        assertThat(text(keys.lease(SPACE, PUMP))).doesNotStartWith(tracked);
        assertThat(text(keys.heartbeat())).doesNotStartWith(tracked);
    }

    @Test
    void theRecordIsFoundInTheKeyOfItsEntry() {
        for (var key : List.of(PUMP, MAKER)) {
            assertThat(keys.recordKeyOf(SPACE, keys.entry(SPACE, key))).contains(key);
        }
    }

    @Test
    void otherKeysHoldNoRecord() {
        byte[] entry = keys.entry(SPACE, PUMP);

        assertThat(keys.recordKeyOf("00112233aabbccde", entry)).isEmpty();
        assertThat(new RedisKeys("other").recordKeyOf(SPACE, entry)).isEmpty();
        assertThat(keys.recordKeyOf(SPACE, keys.generations(SPACE))).isEmpty();
        assertThat(keys.recordKeyOf(SPACE, keys.lease(SPACE, PUMP))).isEmpty();
        assertThat(keys.recordKeyOf(SPACE, RedisKeys.ascii("waymark:" + SPACE + ":r")))
                .isEmpty();
        assertThat(keys.recordKeyOf(SPACE, RedisKeys.ascii("waymark:" + SPACE + ":rgarbage")))
                .isEmpty();
        assertThat(keys.recordKeyOf(SPACE, new byte[0])).isEmpty();
    }

    @Test
    void namespacesShareNothing() {
        RedisKeys other = new RedisKeys("waymark2");

        assertThat(text(other.entry(SPACE, PUMP))).doesNotStartWith(keys.trackedPrefix());
        assertThat(other.heartbeat()).isNotEqualTo(keys.heartbeat());
        assertThat(other.lease(SPACE, PUMP)).isNotEqualTo(keys.lease(SPACE, PUMP));
    }

    @Test
    void onlyTheKeyOfAPrefixRecordIsAPrefixKey() {
        assertThat(RedisKeys.prefixKey(MAKER.encoded())).contains(MAKER);
        assertThat(RedisKeys.prefixKey(PUMP.encoded())).isEmpty();
        assertThat(RedisKeys.prefixKey(RedisKeys.ascii("publisher"))).isEmpty();
        assertThat(RedisKeys.prefixKey(Answers.prefix("no prefix").encoded())).isEmpty();
    }
}
