package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** RESOLVE, one identifier a call. */
final class ResolveConversation implements Conversation {

    private final KeyTable keys;
    private final KeySequence.Cursor next;
    private final OpenCalls open;
    private final Tally tally;

    ResolveConversation(KeyTable keys, KeySequence.Cursor next, int depth, Tally tally) {
        this.keys = keys;
        this.next = next;
        this.open = new OpenCalls(depth);
        this.tally = tally;
    }

    @Override
    public void greet(ByteBuf out) {
        WaymarkFrames.greet(out);
    }

    @Override
    public void call(ByteBuf out, long dueAt) {
        int key = next.next();
        WaymarkFrames.writeRequestHeader(out, FrameType.RESOLVE, open.open(key, dueAt), keys.requestBytes(key));
        keys.writeRequest(out, key);
    }

    @Override
    public int read(ByteBuf in) {
        int answers = 0;
        for (int bytes; (bytes = WaymarkFrames.completeFrame(in)) > 0; in.skipBytes(bytes)) {
            int frame = in.readerIndex();
            if (WaymarkFrames.isRecord(in, frame)) {
                int place = WaymarkFrames.requestId(in, frame);
                int key = open.key(place);
                if (!keys.isRecord(in, frame + FrameHeader.BYTES, bytes - FrameHeader.BYTES, key)) {
                    throw WaymarkFrames.wrong(in, frame, keys.identifier(key));
                }
                tally.from(WaymarkFrames.source(in, frame));
                tally.finished(open.close(place));
                answers++;
            } else if (WaymarkFrames.type(in, frame) != FrameType.WELCOME.code()) {
                throw WaymarkFrames.wrong(in, frame, "a record");
            }
        }
        tally.answered(answers);
        return answers;
    }
}
