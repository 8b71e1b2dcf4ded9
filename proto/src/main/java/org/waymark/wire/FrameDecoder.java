package org.waymark.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.List;
import org.waymark.Limits;

/**
 * Cuts a connection's bytes into {@link Frame}s. A length out of bounds is noticed before anything of that size is allocated; it
 * ends the decoding with a {@link TooLongFrameException} or {@link CorruptedFrameException}.
 */
public final class FrameDecoder extends ByteToMessageDecoder {

    private final int maxFrameBytes;
    private boolean broken;

    /**
     * @param maxFrameBytes the most that a length field may say, 20 to {@link Limits#FRAME_BYTES}
     * @throws IllegalArgumentException if it is out of these bounds
     */
    public FrameDecoder(int maxFrameBytes) {
        if (maxFrameBytes < FrameHeader.BYTES_AFTER_LENGTH || maxFrameBytes > Limits.FRAME_BYTES) {
            throw new IllegalArgumentException("a frame's length is limited to " + FrameHeader.BYTES_AFTER_LENGTH
                    + " to " + Limits.FRAME_BYTES + " bytes, not " + maxFrameBytes);
        }
        this.maxFrameBytes = maxFrameBytes;
    }

    /**
     * How many bytes complete the frame that has begun, or the length field that has; 0 where none has. To be asked on the
     * connection's event loop.
     */
    public int missingBytes() {
        ByteBuf begun = internalBuffer();
        int bytes = begun.readableBytes();
        if (bytes == 0) {
            return 0;
        }
        int needed = bytes < Integer.BYTES ? Integer.BYTES : Integer.BYTES + begun.getInt(begun.readerIndex());
        return needed - bytes;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (in.readableBytes() < Integer.BYTES) {
            return;
        }
        int length = in.getInt(in.readerIndex());
        if (length < FrameHeader.BYTES_AFTER_LENGTH) {
            broken = true;
            throw new CorruptedFrameException("a frame of length " + Integer.toUnsignedLong(length) + "; at least "
                    + FrameHeader.BYTES_AFTER_LENGTH + " are needed and at most " + maxFrameBytes + " allowed");
        }
        if (length > maxFrameBytes) {
            broken = true;
            throw new TooLongFrameException(
                    "a frame of length " + length + "; at most " + maxFrameBytes + " are allowed");
        }
        if (in.readableBytes() < Integer.BYTES + length) {
            return;
        }
        in.skipBytes(Integer.BYTES);
        FrameHeader header = FrameHeader.read(in);
        out.add(new Frame(header, in.readRetainedSlice(length - FrameHeader.BYTES_AFTER_LENGTH)));
    }
}
