package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** Writes answers: envelope, header, body, and an empty credential. Call {@link #begin}, write the body, call {@link #end}. */
final class MessageWriter {

    /** What is in front of a body. */
    static final int BODY_AT = Envelope.BYTES + RequestDecoder.HEADER_BYTES;

    static final int FLAGS_AT = Envelope.BYTES + RequestDecoder.FLAGS_AT;
    static final int BODY_LENGTH_AT = Envelope.BYTES + RequestDecoder.BODY_LENGTH_AT;

    /** Of an empty credential. */
    static final int CREDENTIAL_BYTES = Integer.BYTES;

    /** After so many seconds nobody should take the answer for a new one. */
    private static final int MESSAGE_LIFE_SECONDS = 12 * 60 * 60;

    private static final int DIGEST_IS_SHA_1 = 2;
    private static final int DIGEST_IS_SHA_256 = 3;

    private MessageWriter() {}

    /**
     * Begins an answer.
     *
     * @param nowMillis UTC epoch milliseconds
     * @return for {@link #end}
     */
    static int begin(ByteBuf out, HandleRequest request, ResponseCode code, long nowMillis) {
        int start = begin(
                out,
                request.version(),
                request.sessionId(),
                request.requestId(),
                request.opCode(),
                code,
                request.opFlags(),
                request.serial(),
                request.recursion(),
                nowMillis);
        if (request.digest() != null) {
            out.writeByte(DIGEST_IS_SHA_1);
            out.writeBytes(request.digest());
        }
        return start;
    }

    /** Begins an answer to the request with these fields. */
    static int begin(
            ByteBuf out,
            int version,
            int sessionId,
            int requestId,
            int opCode,
            ResponseCode code,
            int flagsOfRequest,
            int serial,
            int recursion,
            long nowMillis) {
        int start = out.writerIndex();
        Envelope.write(out, version, sessionId, requestId, 0);
        out.writeInt(opCode);
        out.writeInt(code.number());
        out.writeInt(OpFlags.ofAnswer(flagsOfRequest));
        out.writeShort(serial);
        out.writeByte(recursion);
        out.writeByte(0);
        out.writeInt((int) (nowMillis / 1_000) + MESSAGE_LIFE_SECONDS);
        out.writeInt(0);
        return start;
    }

    /**
     * A whole answer that an administrator has to sign.
     *
     * @param sessionId by which the administrator's next message names it
     * @param digest SHA-256 of the request
     */
    static void challenge(
            ByteBuf out, HandleRequest request, int sessionId, byte[] digest, byte[] nonce, long nowMillis) {
        int start = begin(
                out,
                request.version(),
                sessionId,
                request.requestId(),
                request.opCode(),
                ResponseCode.AUTHENTICATION_NEEDED,
                request.opFlags() | OpFlags.REQUEST_DIGEST,
                request.serial(),
                request.recursion(),
                nowMillis);
        out.writeByte(DIGEST_IS_SHA_256);
        out.writeBytes(digest);
        bytes(out, nonce);
        end(out, start);
    }

    /** Ends the answer: its lengths are known now. */
    static void end(ByteBuf out, int start) {
        out.setInt(start + BODY_LENGTH_AT, out.writerIndex() - start - BODY_AT);
        out.writeInt(0);
        out.setInt(start + Envelope.LENGTH_AT, out.writerIndex() - start - Envelope.BYTES);
    }

    /** A whole answer that says no more than this. */
    static void error(ByteBuf out, HandleRequest request, ResponseCode code, String message, long nowMillis) {
        int start = begin(out, request, code, nowMillis);
        text(out, message);
        end(out, start);
    }

    static void text(ByteBuf out, String text) {
        out.writeInt(ByteBufUtil.utf8Bytes(text));
        out.writeCharSequence(text, StandardCharsets.UTF_8);
    }

    static void bytes(ByteBuf out, byte[] bytes) {
        out.writeInt(bytes.length);
        out.writeBytes(bytes);
    }
}
