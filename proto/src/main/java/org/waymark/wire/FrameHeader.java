package org.waymark.wire;

import io.netty.buffer.ByteBuf;
import org.waymark.v1.Outcome;

/**
 * The fixed part in front of a frame's payload, as {@code resolver.proto} lays it out. Immutable.
 *
 * @param type null where the code is unknown
 * @param flags a sum of {@link #AUTHORITATIVE}, {@link #STALE}, {@link #LAST}, {@link #CHAIN}, {@link #NO_RECURSION}
 * @param outcome the number of an {@code Outcome}; 0 where the frame is no answer
 * @param source the code of an {@link AnswerSource}; 0 where the frame is no answer
 * @param requestId any 32 bits
 * @param item place in a resolve-many, from 0
 * @param lifeMillis remaining life of an answer as an unsigned number; 0: not to be kept
 * @param version the protocol version in HELLO and WELCOME
 */
public record FrameHeader(
        FrameType type, int flags, int outcome, int source, int requestId, int item, int lifeMillis, int version) {

    /** The protocol version that this code speaks. */
    public static final int PROTOCOL_VERSION = 1;

    /** Bytes of a header with its length field. */
    public static final int BYTES = 24;

    /** Bytes of a header after its length field: the least that the length may say. */
    public static final int BYTES_AFTER_LENGTH = BYTES - Integer.BYTES;

    /** Asks, and says, that caches were passed. */
    public static final int AUTHORITATIVE = 0x01;

    /** The answer is older than its life allows. */
    public static final int STALE = 0x02;

    /** The last answer to a resolve-many. */
    public static final int LAST = 0x04;

    /** The prefix records above the answer are in front of its payload. */
    public static final int CHAIN = 0x08;

    /** Asks the node to answer by itself, without asking other nodes. */
    public static final int NO_RECURSION = 0x10;

    /** A header of a request. */
    public static FrameHeader request(FrameType type, int requestId) {
        return new FrameHeader(type, 0, 0, 0, requestId, 0, 0, 0);
    }

    /** A header of a HELLO or WELCOME. */
    public static FrameHeader greeting(FrameType type, int version) {
        return new FrameHeader(type, 0, 0, 0, 0, 0, 0, version);
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public FrameHeader with(int flag) {
        return new FrameHeader(type, flags | flag, outcome, source, requestId, item, lifeMillis, version);
    }

    /** Writes the length field and the header; the payload follows. */
    public void write(ByteBuf out, int payloadBytes) {
        write(out, payloadBytes, type.code(), flags, outcome, source, requestId, item, lifeMillis);
        out.writeInt(version);
    }

    /** Writes the header of an answer; the payload follows. */
    public static void writeAnswer(
            ByteBuf out,
            int payloadBytes,
            int flags,
            Outcome outcome,
            AnswerSource source,
            int requestId,
            int item,
            int lifeMillis) {
        write(
                out,
                payloadBytes,
                FrameType.ANSWER.code(),
                flags,
                outcome.getNumber(),
                source.code(),
                requestId,
                item,
                lifeMillis);
        out.writeInt(0);
    }

    private static void write(
            ByteBuf out,
            int payloadBytes,
            int type,
            int flags,
            int outcome,
            int source,
            int requestId,
            int item,
            int lifeMillis) {
        out.writeInt(BYTES_AFTER_LENGTH + payloadBytes);
        out.writeInt(type << 24 | (flags & 0xFF) << 16 | (outcome & 0xFF) << 8 | source & 0xFF);
        out.writeInt(requestId);
        out.writeInt(item);
        out.writeInt(lifeMillis);
    }

    /** Reads what follows the length field. */
    static FrameHeader read(ByteBuf in) {
        int word = in.readInt();
        return new FrameHeader(
                FrameType.ofCode(word >>> 24),
                word >> 16 & 0xFF,
                word >> 8 & 0xFF,
                word & 0xFF,
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt());
    }
}
