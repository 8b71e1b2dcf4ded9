package org.waymark.node.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class ConnectionCountTest {

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void oneSourceGetsItsShareAndLeavesTheRestToOthers() {
        ConnectionCount count = new ConnectionCount(5, 2);
        assertThat(count.admit(address("192.0.2.1"))).isTrue();
        assertThat(count.admit(address("192.0.2.1"))).isTrue();
        assertThat(count.admit(address("192.0.2.1"))).isFalse();
        assertThat(count.admit(address("192.0.2.2"))).isTrue();
        count.release(address("192.0.2.1"));
        assertThat(count.admit(address("192.0.2.1"))).isTrue();
        assertThat(count.admit(address("192.0.2.1"))).isFalse();
    }

    @Test
    void addressesOfOneIpv6NetworkAreOneSource() {
        ConnectionCount count = new ConnectionCount(10, 1);
        assertThat(count.admit(address("2001:db8:0:1::1"))).isTrue();
        assertThat(count.admit(address("2001:db8:0:1:ffff::2"))).isFalse();
        assertThat(count.admit(address("2001:db8:0:2::1"))).isTrue();
    }

    @Test
    void allTogetherAreBoundedToo() {
        ConnectionCount count = new ConnectionCount(2, 2);
        assertThat(count.admit(address("192.0.2.1"))).isTrue();
        assertThat(count.admit(null)).isTrue();
        assertThat(count.admit(address("192.0.2.3"))).isFalse();
        assertThat(count.admit(null)).isFalse();
        count.release(null);
        assertThat(count.admit(address("192.0.2.3"))).isTrue();
    }

    @Test
    void nothingIsKeptOfASourceThatIsGone() {
        ConnectionCount count = new ConnectionCount(10, 1);
        for (int i = 0; i < 100; i++) {
            InetAddress source = address("192.0.2." + i);
            assertThat(count.admit(source)).isTrue();
            assertThat(count.admit(source)).isFalse();
            count.release(source);
        }
        assertThat(count.sources()).isZero();
    }
}
