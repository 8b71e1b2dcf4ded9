package org.waymark.node.endpoint.handle;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/** Messages as clients send them. */
final class Messages {

    static final int USUAL_FLAGS = OpFlags.RECURSIVE | OpFlags.CACHE_CERTIFY | OpFlags.PUBLIC_ONLY;

    /** What the official client sends to resolve 88.118/PART7, with the expiration 0x70000000. */
    static final byte[] GOLDEN_REQUEST = hex("""
            0203020b 00000000 30aae4bb 00000000 00000034
            00000001 00000000 19000000 ffff0000 70000000 00000018
            0000000c 38382e3131382f5041525437 00000000 00000000
            00000000""");

    private Messages() {}

    static byte[] hex(String text) {
        return ByteBufUtil.decodeHexDump(text.replaceAll("\\s", ""));
    }

    static byte[] resolve(int requestId, String handle) {
        return resolve(requestId, USUAL_FLAGS, handle);
    }

    static byte[] resolve(int requestId, int flags, String handle) {
        byte[] name = handle.getBytes(UTF_8);
        ByteBuffer body = ByteBuffer.allocate(name.length + 12);
        body.putInt(name.length).put(name).putInt(0).putInt(0);
        return message(requestId, OpCode.RESOLVE, flags, body.array());
    }

    static byte[] message(int requestId, int opCode, int flags, byte[] body) {
        ByteBuffer message = ByteBuffer.allocate(MessageWriter.BODY_AT + body.length + 4);
        message.putInt(0x020B_020B).putInt(0).putInt(requestId).putInt(0).putInt(28 + body.length);
        message.putInt(opCode)
                .putInt(0)
                .putInt(flags)
                .putInt(0xFFFF_0000)
                .putInt(0)
                .putInt(body.length);
        return message.put(body).putInt(0).array();
    }

    static HandleRequest decode(byte[] message) {
        ByteBuf in = Unpooled.wrappedBuffer(message);
        return RequestDecoder.decode(Envelope.read(in, 0), in.slice(Envelope.BYTES, message.length - Envelope.BYTES));
    }

    static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = ByteBufUtil.getBytes(buffer);
        buffer.release();
        return bytes;
    }
}
