package org.waymark.bench.load;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Iterator;
import org.waymark.v1.RegisterResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** REGISTER, one new record a call. */
final class RegisterConversation implements Conversation {

    private final Iterator<byte[]> requests;
    private final OpenCalls open;
    private final Tally tally;

    /**
     * @param requests encoded {@code RegisterRequest}s with one new record each; enough of them for the whole load
     */
    RegisterConversation(Iterator<byte[]> requests, int depth, Tally tally) {
        this.requests = requests;
        this.open = new OpenCalls(depth);
        this.tally = tally;
    }

    @Override
    public void greet(ByteBuf out) {
        WaymarkFrames.greet(out);
    }

    @Override
    public void call(ByteBuf out, long dueAt) {
        if (!requests.hasNext()) {
            throw new IllegalStateException("the records that were signed beforehand are used up");
        }
        byte[] request = requests.next();
        WaymarkFrames.writeRequestHeader(out, FrameType.REGISTER, open.open(0, dueAt), request.length);
        out.writeBytes(request);
    }

    @Override
    public int read(ByteBuf in) {
        int answers = 0;
        for (int bytes; (bytes = WaymarkFrames.completeFrame(in)) > 0; in.skipBytes(bytes)) {
            int frame = in.readerIndex();
            if (WaymarkFrames.type(in, frame) == FrameType.REGISTERED.code()) {
                requireCreated(ByteBufUtil.getBytes(in, frame + FrameHeader.BYTES, bytes - FrameHeader.BYTES));
                tally.finished(open.close(WaymarkFrames.requestId(in, frame)));
                answers++;
            } else if (WaymarkFrames.type(in, frame) != FrameType.WELCOME.code()) {
                throw WaymarkFrames.wrong(in, frame, "a registration");
            }
        }
        tally.answered(answers);
        return answers;
    }

    private static void requireCreated(byte[] payload) {
        try {
            RegisterResponse response = RegisterResponse.parseFrom(payload);
            boolean isCreated =
                    response.getResultsCount() == 1 && response.getResults(0).getCode() == RegisterResult.Code.CREATED;
            if (!isCreated) {
                throw new WrongAnswerException("a new record was not created: " + response);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new WrongAnswerException("not a RegisterResponse: " + e.getMessage());
        }
    }
}
