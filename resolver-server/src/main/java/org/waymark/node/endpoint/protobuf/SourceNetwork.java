package org.waymark.node.endpoint.protobuf;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;

/** What limits by origin count by: who has one IPv6 address has the whole /64 that it is in. */
final class SourceNetwork {

    private static final int NETWORK_BYTES = 8;

    private SourceNetwork() {}

    /** The text of an IPv4 address, or the /64 of an IPv6 address. */
    static String of(InetAddress address) {
        return address instanceof Inet6Address
                ? HexFormat.ofDelimiter(":").formatHex(address.getAddress(), 0, NETWORK_BYTES) + "::/64"
                : address.getHostAddress();
    }
}
