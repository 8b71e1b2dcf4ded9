package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;

/**
 * One value as the protocol has it. Everybody may read it. Immutable.
 *
 * @param index unsigned
 */
record HandleValue(int index, String type, ByteString data) {

    /**
     * Writes it.
     *
     * @param timestamp epoch seconds
     */
    void write(ByteBuf out, int timestamp, int ttlSeconds) {
        RecordTranscoder.beginValue(out, index, timestamp, ttlSeconds);
        MessageWriter.text(out, type);
        out.writeInt(data.size());
        out.writeBytes(data.asReadOnlyByteBuffer());
        out.writeInt(0);
    }
}
