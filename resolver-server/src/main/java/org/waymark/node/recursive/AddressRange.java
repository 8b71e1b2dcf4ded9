package org.waymark.node.recursive;

import com.google.protobuf.ByteString;
import java.net.InetAddress;

/**
 * The IP addresses of one family that begin with the same bits. Immutable.
 *
 * @param first an address of the range: 4 bytes, or 16
 * @param bits how many bits all have in common: 0 to 32, or to 128
 */
public record AddressRange(ByteString first, int bits) {

    public AddressRange {
        if (first.size() != 4 && first.size() != 16) {
            throw new IllegalArgumentException("an IP address has 4 or 16 bytes, not " + first.size());
        }
        if (bits < 0 || bits > Byte.SIZE * first.size()) {
            throw new IllegalArgumentException("0 to " + Byte.SIZE * first.size() + " bits are allowed");
        }
    }

    public static AddressRange of(byte[] first, int bits) {
        return new AddressRange(ByteString.copyFrom(first), bits);
    }

    /** True where the address is one of the range. */
    public boolean contains(InetAddress address) {
        byte[] other = address.getAddress();
        if (other.length != first.size()) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (first.byteAt(i) != other[i]) {
                return false;
            }
        }
        int rest = bits % Byte.SIZE;
        return rest == 0 || ((first.byteAt(whole) ^ other[whole]) & 0xFF) >> Byte.SIZE - rest == 0;
    }
}
