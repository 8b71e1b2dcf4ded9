package org.waymark.ops.redis;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RedisVersionTest {
    @Test
    void theVersionIsReadFromWhatRedisPrints() {
        assertThat(RedisVersion.find(
                        "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d81b8ff71cfb150e"))
                .contains(new RedisVersion(7, 0, 15));
    }

    @Test
    void aForkThatPrintsLikeRedisIsRead() {
        assertThat(RedisVersion.find("Valkey server v=8.1.3 sha=00000000:0 malloc=libc bits=64"))
                .contains(new RedisVersion(8, 1, 3));
    }

    @Test
    void otherOutputHoldsNoVersion() {
        assertThat(RedisVersion.find("")).isEmpty();
        assertThat(RedisVersion.find("malloc=jemalloc-5.3.0")).isEmpty();
        assertThat(RedisVersion.find("redis-server: error while loading shared libraries: libssl.so.3"))
                .isEmpty();
        assertThat(RedisVersion.find("Redis server v=99999999999.0.1")).isEmpty();
    }

    @Test
    void numbersAreComparedAsNumbers() {
        assertThat(new RedisVersion(6, 2, 11)).isGreaterThan(new RedisVersion(6, 2, 6));
        assertThat(new RedisVersion(6, 10, 0)).isGreaterThan(RedisVersion.OLDEST);
        assertThat(new RedisVersion(6, 1, 99)).isLessThan(RedisVersion.OLDEST);
        assertThat(new RedisVersion(10, 0, 0)).isGreaterThan(new RedisVersion(9, 9, 9));
    }

    @Property
    void everyVersionIsReadAsPrinted(
            @ForAll @IntRange(max = 9999) int major,
            @ForAll @IntRange(max = 9999) int minor,
            @ForAll @IntRange(max = 9999) int patch) {
        RedisVersion version = new RedisVersion(major, minor, patch);

        assertThat(RedisVersion.find("Redis server v=" + version + " sha=00000000:0"))
                .contains(version);
    }
}
