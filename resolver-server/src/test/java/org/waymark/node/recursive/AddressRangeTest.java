package org.waymark.node.recursive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 8, 10.200.0.1, true",
        "10.1.2.3, 8, 11.1.2.3, false",
        "192.0.2.128, 25, 192.0.2.255, true",
        "192.0.2.128, 25, 192.0.2.127, false",
        "192.0.2.7, 32, 192.0.2.7, true",
        "192.0.2.7, 32, 192.0.2.6, false",
        "0.0.0.0, 0, 203.0.113.9, true",
        "0.0.0.0, 0, 2001:db8::1, false",
        "2001:db8:8000::, 33, 2001:db8:ffff::1, true",
        "2001:db8:8000::, 33, 2001:db8:7fff::1, false",
        "::, 0, 2001:db8::1, true"
    })
    void anAddressIsInTheRangeWhereItBeginsWithTheSameBits(String first, int bits, String address, boolean contains)
            throws UnknownHostException {
        AddressRange range = AddressRange.of(InetAddress.getByName(first).getAddress(), bits);

        assertThat(range.contains(InetAddress.getByName(address))).isEqualTo(contains);
    }

    @Test
    void moreBitsThanAnAddressHasAreRefused() {
        assertThatThrownBy(() -> AddressRange.of(new byte[4], 33)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AddressRange.of(new byte[5], 8)).isInstanceOf(IllegalArgumentException.class);
    }
}
