package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.cache.Answers.MAKER;
import static org.waymark.node.cache.Answers.PUMP;
import static org.waymark.node.cache.Answers.prefix;
import static org.waymark.node.cache.RedisKeys.ascii;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisGenerationsTest {

    private final Map<byte[], byte[]> hash = new HashMap<>(Map.of(RedisGenerations.PUBLISHER, ascii("any token")));

    @Test
    void theChangesAreRead() {
        hash.put(MAKER.encoded(), ascii("17"));
        hash.put(prefix("88.118").encoded(), ascii("3"));

        assertThat(RedisGenerations.decode(hash)).contains(Map.of(MAKER, 17L, prefix("88.118"), 3L));
    }

    @Test
    void aNewSpaceHasNoChanges() {
        assertThat(RedisGenerations.decode(hash)).contains(Map.of());
    }

    @Test
    void withoutAPublisherChangesMayBeMissing() {
        assertThat(RedisGenerations.decode(Map.of())).isEmpty();
        assertThat(RedisGenerations.decode(Map.of(MAKER.encoded(), ascii("17"))))
                .isEmpty();
    }

    @Test
    void aFieldThatIsNoPrefixSpoilsTheHash() {
        hash.put(PUMP.encoded(), ascii("17"));

        assertThat(RedisGenerations.decode(hash)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "seventeen", "-1", "9999999999999999999", "1 2"})
    void aValueThatIsNoNumberSpoilsTheHash(String value) {
        hash.put(MAKER.encoded(), ascii(value));

        assertThat(RedisGenerations.decode(hash)).isEmpty();
    }
}
