package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import java.util.Optional;

/**
 * A site of one server that resolves over UDP and TCP at one port: data of type {@code HS_SITE} (RFC 3651, section 3.2.2), and the
 * answer to a request for site information. Immutable.
 *
 * @param address 4 or 16 bytes
 * @param administers it changes records too, over TCP
 * @param publicKey by which answers that the server certifies can be verified, as {@link CertificationKey} encodes it; may be empty
 */
record SiteRecord(ByteString address, int port, int serial, boolean hasUdp, boolean administers, ByteString publicKey) {

    private static final int FORMAT = 1;
    private static final int PRIMARY = 0x80;
    /** The server of a handle is found by a hash of all of it; with one server, that does not matter. */
    private static final int HASH_ALL = 2;

    private static final int IPV6_BYTES = 16;
    private static final int SERVER_ID = 1;

    private static final int RESOLUTION = 2;
    private static final int RESOLUTION_AND_ADMINISTRATION = 3;
    private static final int UDP = 0;
    private static final int TCP = 1;

    /** A site at an address in numbers; empty where the text is none. Asks no name service. */
    static Optional<SiteRecord> ofLiteral(String host, int port, int serial) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        return Optional.ofNullable(address)
                .map(bytes -> new SiteRecord(ByteString.copyFrom(bytes), port, serial, true, false, ByteString.EMPTY));
    }

    SiteRecord withUdp(boolean udp) {
        return new SiteRecord(address, port, serial, udp, administers, publicKey);
    }

    SiteRecord withAdministration(boolean administration) {
        return new SiteRecord(address, port, serial, hasUdp, administration, publicKey);
    }

    SiteRecord withPublicKey(ByteString key) {
        return new SiteRecord(address, port, serial, hasUdp, administers, key);
    }

    ByteString encoded() {
        ByteBuf out = Unpooled.buffer();
        out.writeShort(FORMAT);
        out.writeShort(Envelope.VERSION_2_LAST);
        out.writeShort(serial);
        out.writeByte(PRIMARY);
        out.writeByte(HASH_ALL);
        // No hash filter and no attributes.
        out.writeInt(0);
        out.writeInt(0);
        out.writeInt(1);
        out.writeInt(SERVER_ID);
        out.writeZero(IPV6_BYTES - address.size());
        out.writeBytes(address.asReadOnlyByteBuffer());
        out.writeInt(publicKey.size());
        out.writeBytes(publicKey.asReadOnlyByteBuffer());
        out.writeInt(hasUdp ? 2 : 1);
        if (hasUdp) {
            interfaceAt(out, RESOLUTION, UDP);
        }
        interfaceAt(out, administers ? RESOLUTION_AND_ADMINISTRATION : RESOLUTION, TCP);
        return ByteString.copyFrom(out.nioBuffer());
    }

    private void interfaceAt(ByteBuf out, int services, int protocol) {
        out.writeByte(services);
        out.writeByte(protocol);
        out.writeInt(port);
    }
}
