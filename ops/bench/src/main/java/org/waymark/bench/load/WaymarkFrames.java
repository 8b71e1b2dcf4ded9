package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import org.waymark.v1.Hello;
import org.waymark.v1.Outcome;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** Frames of the protobuf protocol as its conversations share them: the greeting, and a header read in place, without objects. */
final class WaymarkFrames {

    /** Where things are in a frame, from its length field on. */
    private static final int TYPE = 4;

    private static final int OUTCOME = 6;
    private static final int SOURCE = 7;
    private static final int REQUEST_ID = 8;
    private static final int ITEM = 12;

    private WaymarkFrames() {}

    static void greet(ByteBuf out) {
        byte[] hello = Hello.newBuilder()
                .setLowestVersion(FrameHeader.PROTOCOL_VERSION)
                .setHighestVersion(FrameHeader.PROTOCOL_VERSION)
                .setAgent("waymark-bench")
                .build()
                .toByteArray();
        FrameHeader.greeting(FrameType.HELLO, FrameHeader.PROTOCOL_VERSION).write(out, hello.length);
        out.writeBytes(hello);
    }

    static void writeRequestHeader(ByteBuf out, FrameType type, int requestId, int payloadBytes) {
        out.writeInt(FrameHeader.BYTES_AFTER_LENGTH + payloadBytes);
        out.writeInt(type.code() << 24);
        out.writeInt(requestId);
        out.writeLong(0);
        out.writeInt(0);
    }

    /** Bytes of the whole frame that starts at the reader's place; 0 if it is not complete. */
    static int completeFrame(ByteBuf in) {
        int readable = in.readableBytes();
        if (readable < FrameHeader.BYTES) {
            return 0;
        }
        int bytes = Integer.BYTES + in.getInt(in.readerIndex());
        return readable < bytes ? 0 : bytes;
    }

    static int type(ByteBuf in, int frame) {
        return in.getByte(frame + TYPE);
    }

    static int source(ByteBuf in, int frame) {
        return in.getByte(frame + SOURCE);
    }

    static int requestId(ByteBuf in, int frame) {
        return in.getInt(frame + REQUEST_ID);
    }

    static int item(ByteBuf in, int frame) {
        return in.getInt(frame + ITEM);
    }

    /** Whether this frame answers with a record. */
    static boolean isRecord(ByteBuf in, int frame) {
        return isAnswer(in, frame, Outcome.RECORD);
    }

    /** Whether this frame is an answer with this outcome. */
    static boolean isAnswer(ByteBuf in, int frame, Outcome outcome) {
        return in.getByte(frame + TYPE) == FrameType.ANSWER.code()
                && in.getByte(frame + OUTCOME) == outcome.getNumber();
    }

    static WrongAnswerException wrong(ByteBuf in, int frame, String wanted) {
        return new WrongAnswerException("asked for " + wanted + ", the answer is a frame of type "
                + FrameType.ofCode(type(in, frame)) + ", outcome " + Outcome.forNumber(in.getByte(frame + OUTCOME))
                + ", " + in.getInt(frame) + " bytes, or another record");
    }
}
