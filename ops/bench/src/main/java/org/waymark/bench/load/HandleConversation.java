package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import org.waymark.bench.data.KeySequence;

/** Resolutions of Handle clients over a TCP connection that stays open. */
final class HandleConversation implements Conversation {

    private final HandleCalls calls;
    private final KeySequence.Cursor next;
    private final OpenCalls open;
    private final Tally tally;

    HandleConversation(HandleCalls calls, KeySequence.Cursor next, int depth, Tally tally) {
        this.calls = calls;
        this.next = next;
        this.open = new OpenCalls(depth);
        this.tally = tally;
    }

    @Override
    public void greet(ByteBuf out) {
        // The protocol has no greeting.
    }

    @Override
    public void call(ByteBuf out, long dueAt) {
        int key = next.next();
        calls.write(out, key, open.open(key, dueAt));
    }

    @Override
    public int read(ByteBuf in) {
        int answers = 0;
        while (in.readableBytes() >= HandleCalls.ENVELOPE_BYTES) {
            int at = in.readerIndex();
            int bytes = HandleCalls.ENVELOPE_BYTES + in.getInt(at + HandleCalls.LENGTH_AT);
            if (in.readableBytes() < bytes) {
                break;
            }
            int place = in.getInt(at + HandleCalls.REQUEST_ID_AT);
            calls.check(in, at, open.key(place));
            tally.finished(open.close(place));
            in.skipBytes(bytes);
            answers++;
        }
        tally.answered(answers);
        return answers;
    }
}
