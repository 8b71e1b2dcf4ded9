package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;

/**
 * What is in front of every message, and of every packet of one: 20 bytes. Immutable.
 *
 * @param version the major one times 256, and the minor one
 * @param flags {@link #COMPRESSED}, {@link #ENCRYPTED}, {@link #TRUNCATED}
 * @param sequence number of the packet in its message, from 0
 * @param messageLength bytes of the whole message after its envelope
 */
record Envelope(int version, int flags, int sessionId, int requestId, int sequence, int messageLength) {

    static final int BYTES = 20;

    static final int COMPRESSED = 0x80;
    static final int ENCRYPTED = 0x40;
    /** The message comes in more than one packet. */
    static final int TRUNCATED = 0x20;

    static final int VERSION_2 = 2 << 8;
    /** The last version before DO-IRP. */
    static final int VERSION_2_LAST = 2 << 8 | 11;
    /** DO-IRP. */
    static final int VERSION_3 = 3 << 8;

    static final int FLAGS_AT = 2;
    static final int SESSION_AT = 4;
    static final int REQUEST_ID_AT = 8;
    static final int SEQUENCE_AT = 12;
    static final int LENGTH_AT = 16;

    private static final int FLAGS = COMPRESSED | ENCRYPTED | TRUNCATED;

    /** Reads the envelope at this place, of which all bytes are there. */
    static Envelope read(ByteBuf in, int at) {
        return new Envelope(
                in.getUnsignedShort(at),
                in.getByte(at + FLAGS_AT) & FLAGS,
                in.getInt(at + SESSION_AT),
                in.getInt(at + REQUEST_ID_AT),
                in.getInt(at + SEQUENCE_AT),
                in.getInt(at + LENGTH_AT));
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Writes the envelope of an answer in one packet. It suggests the highest version of the kind that was asked in. */
    static void write(ByteBuf out, int version, int sessionId, int requestId, int messageLength) {
        int answered = answerVersion(version);
        int suggested = answered >= VERSION_3 ? VERSION_3 : VERSION_2_LAST;
        out.writeShort(answered);
        out.writeShort(suggested);
        out.writeInt(sessionId);
        out.writeInt(requestId);
        out.writeInt(0);
        out.writeInt(messageLength);
    }

    /** The version that is asked in, as far as it is known; else the nearest one that is. */
    static int answerVersion(int version) {
        if (version >= VERSION_3) {
            return VERSION_3;
        }
        return Math.max(VERSION_2, Math.min(version, VERSION_2_LAST));
    }
}
