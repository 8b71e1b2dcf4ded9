package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.waymark.bench.data.KeySequence;

/** HTTP/1.1 GET requests whose answers are known; calls after the first are sent without waiting (pipelining). */
final class HttpConversation implements Conversation {

    /** Two line ends. */
    private static final int HEAD_END = 0x0D0A0D0A;

    private final List<HttpCall> calls;
    private final KeySequence.Cursor next;
    private final Tally tally;
    /** Answers come in the order of the calls: two rings. */
    private final HttpCall[] open;

    private final long[] dueAt;

    private int oldest;
    private int openCalls;

    /**
     * @param next numbers of calls
     */
    HttpConversation(List<HttpCall> calls, KeySequence.Cursor next, int depth, Tally tally) {
        this.calls = calls;
        this.next = next;
        this.tally = tally;
        this.open = new HttpCall[depth];
        this.dueAt = new long[depth];
    }

    @Override
    public void greet(ByteBuf out) {
        // HTTP has no greeting.
    }

    @Override
    public void call(ByteBuf out, long due) {
        int place = (oldest + openCalls++) % open.length;
        open[place] = calls.get(next.next());
        dueAt[place] = due;
        out.writeBytes(open[place].request());
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
        HttpCall call = open[oldest];
        if (openCalls == 0 || !isHead(in, data, call)) {
            throw wrong(in);
        }
        int length = call.body().length;
        if (in.writerIndex() - data < length) {
            return false;
        }
        if (!isAt(in, data, call.body())) {
            throw wrong(in);
        }
        tally.finished(dueAt[oldest]);
        oldest = oldest + 1 == open.length ? 0 : oldest + 1;
        openCalls--;
        in.readerIndex(data + length);
        return true;
    }

    private static boolean isHead(ByteBuf in, int end, HttpCall call) {
        if (!isAt(in, in.readerIndex(), call.status())) {
            return false;
        }
        byte[] line = call.line();
        int last = end - line.length;
        for (int i = in.readerIndex(); i <= last; i++) {
            if (isAt(in, i, line)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAt(ByteBuf in, int start, byte[] bytes) {
        if (in.writerIndex() - start < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (in.getByte(start + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static WrongAnswerException wrong(ByteBuf in) {
        return new WrongAnswerException("not the answer that was asked for: "
                + in.toString(in.readerIndex(), Math.min(80, in.readableBytes()), StandardCharsets.ISO_8859_1));
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
