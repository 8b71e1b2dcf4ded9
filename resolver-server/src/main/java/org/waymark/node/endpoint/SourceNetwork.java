package org.waymark.node.endpoint;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Who is counted as one source: an IPv4 address, or the network (64 bits) of an IPv6 address, since whoever has one of its addresses has
 * all. Immutable.
 */
public record SourceNetwork(long bits) {

    private static final long IPV4 = 0xFFFF_FFFFL;

    public static SourceNetwork of(InetAddress source) {
        ByteBuffer bytes = ByteBuffer.wrap(source.getAddress());
        // No IPv6 network in use begins with 32 zero bits.
        return new SourceNetwork(source instanceof Inet6Address ? bytes.getLong() : bytes.getInt() & IPV4);
    }

    /** The IPv4 address, or the first half of the IPv6 address, as {@code 2001:db8:0:7::/64}. */
    @Override
    public String toString() {
        return (bits & ~IPV4) == 0
                ? String.format("%d.%d.%d.%d", bits >> 24, bits >> 16 & 0xFF, bits >> 8 & 0xFF, bits & 0xFF)
                : String.format(
                        "%x:%x:%x:%x::/64", bits >>> 48, bits >> 32 & 0xFFFF, bits >> 16 & 0xFFFF, bits & 0xFFFF);
    }
}
