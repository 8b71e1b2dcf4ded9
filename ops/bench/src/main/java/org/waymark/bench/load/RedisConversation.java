package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;

/** Redis GET (RESP2), one identifier a call. */
final class RedisConversation implements Conversation {

    private static final byte[] GET = "*2\r\n$3\r\nGET\r\n$".getBytes(StandardCharsets.US_ASCII);
    private static final int LINE_END = '\r' << 8 | '\n';

    private final KeyTable keys;
    private final KeySequence.Cursor next;
    private final Tally tally;
    /** Answers come in the order of the calls: a ring. */
    private final int[] asked;

    private final long[] dueAt;
    private int oldest;
    private int openCalls;

    RedisConversation(KeyTable keys, KeySequence.Cursor next, int depth, Tally tally) {
        this.keys = keys;
        this.next = next;
        this.tally = tally;
        this.asked = new int[depth];
        this.dueAt = new long[depth];
    }

    @Override
    public void greet(ByteBuf out) {
        // RESP has no greeting.
    }

    @Override
    public void call(ByteBuf out, long due) {
        int key = next.next();
        int place = (oldest + openCalls++) % asked.length;
        asked[place] = key;
        dueAt[place] = due;
        out.writeBytes(GET);
        int length = keys.identifierBytes(key);
        if (length >= 10) {
            out.writeByte('0' + length / 10);
        }
        out.writeByte('0' + length % 10);
        out.writeShort(LINE_END);
        keys.writeIdentifier(out, key);
        out.writeShort(LINE_END);
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

    /** Reads {@code $LENGTH CRLF record CRLF}. */
    private boolean readAnswer(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        int length = 0;
        int digit = at + 1;
        for (; digit < end && in.getByte(digit) != '\r'; digit++) {
            length = length * 10 + in.getByte(digit) - '0';
        }
        int data = digit + 2;
        if (data > end) {
            return false;
        }
        if (openCalls == 0 || in.getByte(at) != '$' || length < 0) {
            throw wrong(in);
        }
        if (data + length + 2 > end) {
            return false;
        }
        if (!keys.isRecord(in, data, length, asked[oldest])) {
            throw wrong(in);
        }
        tally.finished(dueAt[oldest]);
        oldest = oldest + 1 == asked.length ? 0 : oldest + 1;
        openCalls--;
        in.readerIndex(data + length + 2);
        return true;
    }

    private WrongAnswerException wrong(ByteBuf in) {
        String start = in.toString(in.readerIndex(), Math.min(40, in.readableBytes()), StandardCharsets.ISO_8859_1);
        return new WrongAnswerException("asked for " + (openCalls == 0 ? "nothing" : keys.identifier(asked[oldest]))
                + ", the answer starts with " + start);
    }
}
