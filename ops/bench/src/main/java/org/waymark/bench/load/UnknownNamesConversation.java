package org.waymark.bench.load;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import org.waymark.bench.data.UnknownNames;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Outcome;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** RESOLVE of names that nobody has registered. */
final class UnknownNamesConversation implements Conversation {

    private final UnknownNames names;
    private final OpenCalls open;
    private final Tally tally;

    UnknownNamesConversation(UnknownNames names, int depth, Tally tally) {
        this.names = names;
        this.open = new OpenCalls(depth);
        this.tally = tally;
    }

    @Override
    public void greet(ByteBuf out) {
        WaymarkFrames.greet(out);
    }

    @Override
    public void call(ByteBuf out, long dueAt) {
        byte[] request = names.nextRequest();
        WaymarkFrames.writeRequestHeader(out, FrameType.RESOLVE, open.open(0, dueAt), request.length);
        out.writeBytes(request);
    }

    @Override
    public int read(ByteBuf in) {
        int answers = 0;
        for (int bytes; (bytes = WaymarkFrames.completeFrame(in)) > 0; in.skipBytes(bytes)) {
            int frame = in.readerIndex();
            if (WaymarkFrames.isAnswer(in, frame, Outcome.NOT_FOUND)) {
                requireDenial(in, frame, bytes);
                tally.from(WaymarkFrames.source(in, frame));
                tally.finished(open.close(WaymarkFrames.requestId(in, frame)));
                answers++;
            } else if (WaymarkFrames.type(in, frame) != FrameType.WELCOME.code()) {
                throw WaymarkFrames.wrong(in, frame, "a denial");
            }
        }
        tally.answered(answers);
        return answers;
    }

    private static void requireDenial(ByteBuf in, int frame, int bytes) {
        try {
            AnswerDetail detail =
                    AnswerDetail.parseFrom(in.nioBuffer(frame + FrameHeader.BYTES, bytes - FrameHeader.BYTES));
            if (!detail.hasDenial()) {
                throw new WrongAnswerException("a denial without a signature: " + detail.getMessage());
            }
        } catch (InvalidProtocolBufferException e) {
            throw new WrongAnswerException("a denial that can't be read: " + e.getMessage());
        }
    }
}
