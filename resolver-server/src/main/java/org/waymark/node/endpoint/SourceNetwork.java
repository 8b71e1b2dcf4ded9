package org.waymark.node.endpoint;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Who is counted as one source: an IPv4 address, or the network (64 bits) of an IPv6 address, since whoever has one of its addresses has
 * all. Immutable.
 */
public record SourceNetwork(long bits) {

    public static SourceNetwork of(InetAddress source) {
        ByteBuffer bytes = ByteBuffer.wrap(source.getAddress());
        // No IPv6 network in use begins with 32 zero bits.
        return new SourceNetwork(source instanceof Inet6Address ? bytes.getLong() : bytes.getInt() & 0xFFFF_FFFFL);
    }
}
