package org.waymark.node.endpoint.handle;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SourceLimiterTest {

    private static final long SECOND = 1_000_000_000L;

    private final SourceLimiter limiter = new SourceLimiter(1_000, 5 * SECOND);

    private int bucket(String address) throws UnknownHostException {
        return limiter.bucket(InetAddress.getByName(address));
    }

    @Test
    void aSourceGetsASecondsWorthAtOnceAndThenItsRate() throws Exception {
        int source = bucket("192.0.2.1");
        for (int i = 0; i < 10; i++) {
            assertThat(limiter.allows(source, 100, 5 * SECOND)).isTrue();
        }
        assertThat(limiter.allows(source, 100, 5 * SECOND)).isFalse();
        assertThat(limiter.allows(source, 100, 5 * SECOND + SECOND / 20)).isFalse();
        assertThat(limiter.allows(source, 100, 5 * SECOND + SECOND / 10)).isTrue();
        assertThat(limiter.allows(source, 100, 5 * SECOND + SECOND / 10)).isFalse();
    }

    @Test
    void whatWasNotUsedIsNotSavedForLonger() throws Exception {
        int source = bucket("192.0.2.1");

        assertThat(limiter.allows(source, 1_001, 3_600 * SECOND)).isFalse();
        assertThat(limiter.allows(source, 1_000, 3_600 * SECOND)).isTrue();
    }

    @Test
    void theAddressesOfOneIpv6NetworkShareABucket() throws Exception {
        assertThat(bucket("2001:db8:1:2::1")).isEqualTo(bucket("2001:db8:1:2:ffff::9"));
        // Two may fall into one bucket by chance, all of them hardly.
        Set<Integer> others = new HashSet<>();
        for (int i = 3; i < 20; i++) {
            others.add(bucket("2001:db8:1:" + i + "::1"));
        }
        assertThat(others).hasSizeGreaterThan(10);
    }
}
