package org.waymark.node.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class SourceNetworkTest {

    private static String of(String address) throws UnknownHostException {
        return SourceNetwork.of(InetAddress.getByName(address)).toString();
    }

    @Test
    void theAddressesOfOneIpv6NetworkAreOneSource() throws UnknownHostException {
        assertThat(of("2001:db8:0:7::1")).isEqualTo("2001:db8:0:7::/64").isEqualTo(of("2001:db8:0:7:ffff::2"));
        assertThat(of("2001:db8:0:7::1")).isNotEqualTo(of("2001:db8:0:8::1"));
    }

    @Test
    void eachIpv4AddressIsASource() throws UnknownHostException {
        assertThat(of("192.0.2.1")).isEqualTo("192.0.2.1").isEqualTo(of("::ffff:192.0.2.1"));
    }
}
