package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** HTTP/1.1 GET of one path, whose answer is known; calls after the first are sent without waiting (pipelining). */
final class HttpConversation implements Conversation {

    private static final byte[] OK = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);
    /** Two line ends. */
    private static final int HEAD_END = 0x0D0A0D0A;

    private final byte[] request;
    private final ByteBuf body;
    private final Tally tally;
    /** Answers come in the order of the calls: a ring. */
    private final long[] dueAt;

    private int oldest;
    private int openCalls;

    HttpConversation(String path, byte[] body, int depth, Tally tally) {
        this.request = ("GET " + path + " HTTP/1.1\r\nHost: bench\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        this.body = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(body));
        this.tally = tally;
        this.dueAt = new long[depth];
    }

    @Override
    public void greet(ByteBuf out) {
        // HTTP has no greeting.
    }

    @Override
    public void call(ByteBuf out, long due) {
        dueAt[(oldest + openCalls++) % dueAt.length] = due;
        out.writeBytes(request);
    }

    @Override
    public int read(ByteBuf in) {
        int answers = 0;
        while (readAnswer(in)) {
            answers++;
        }
        tally.answered(answers);
        return answers;
    }

    private boolean readAnswer(ByteBuf in) {
        int data = bodyStart(in);
        if (data < 0) {
            return false;
        }
        if (in.writerIndex() - data < body.readableBytes()) {
            return false;
        }
        boolean isRight = openCalls > 0
                && ByteBufUtil.equals(in, in.readerIndex(), Unpooled.wrappedBuffer(OK), 0, OK.length)
                && ByteBufUtil.equals(in, data, body, body.readerIndex(), body.readableBytes());
        if (!isRight) {
            throw new WrongAnswerException("not the answer that was asked for: "
                    + in.toString(in.readerIndex(), Math.min(80, in.readableBytes()), StandardCharsets.ISO_8859_1));
        }
        tally.finished(dueAt[oldest]);
        oldest = oldest + 1 == dueAt.length ? 0 : oldest + 1;
        openCalls--;
        in.readerIndex(data + body.readableBytes());
        return true;
    }

    private static int bodyStart(ByteBuf in) {
        for (int i = in.readerIndex(); i + Integer.BYTES <= in.writerIndex(); i++) {
            if (in.getInt(i) == HEAD_END) {
                return i + Integer.BYTES;
            }
        }
        return -1;
    }
}
