package org.waymark.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/** A frame that was received. Its payload is counted: whoever takes the frame over releases it. */
public final class Frame extends DefaultByteBufHolder {

    private final FrameHeader header;

    public Frame(FrameHeader header, ByteBuf payload) {
        super(payload);
        this.header = header;
    }

    public FrameHeader header() {
        return header;
    }

    /** A copy of the payload. */
    public byte[] payload() {
        byte[] bytes = new byte[content().readableBytes()];
        content().getBytes(content().readerIndex(), bytes);
        return bytes;
    }

    @Override
    public Frame replace(ByteBuf payload) {
        return new Frame(header, payload);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Frame frame
                && header.equals(frame.header)
                && content().equals(frame.content());
    }

    @Override
    public int hashCode() {
        return header.hashCode();
    }
}
