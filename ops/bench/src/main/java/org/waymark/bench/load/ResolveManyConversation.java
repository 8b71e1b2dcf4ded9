package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** RESOLVE_MANY, the same number of identifiers in each call. */
final class ResolveManyConversation implements Conversation {

    private final KeyTable keys;
    private final KeySequence.Cursor next;
    private final OpenCalls open;
    private final Tally tally;
    private final int batch;
    /** For each place, the keys asked for. */
    private final int[][] asked;
    /** For each place, the items not answered yet. */
    private final int[] missing;

    ResolveManyConversation(KeyTable keys, KeySequence.Cursor next, int batch, int depth, Tally tally) {
        this.keys = keys;
        this.next = next;
        this.open = new OpenCalls(depth);
        this.tally = tally;
        this.batch = batch;
        this.asked = new int[depth][batch];
        this.missing = new int[depth];
    }

    @Override
    public void greet(ByteBuf out) {
        WaymarkFrames.greet(out);
    }

    @Override
    public void call(ByteBuf out, long dueAt) {
        int place = open.open(0, dueAt);
        int[] items = asked[place];
        int payloadBytes = 0;
        for (int i = 0; i < batch; i++) {
            items[i] = next.next();
            payloadBytes += 2 + keys.requestBytes(items[i]);
        }
        missing[place] = batch;
        WaymarkFrames.writeRequestHeader(out, FrameType.RESOLVE_MANY, place, payloadBytes);
        for (int key : items) {
            out.writeByte(0x0A);
            out.writeByte(keys.requestBytes(key));
            keys.writeRequest(out, key);
        }
    }

    @Override
    public int read(ByteBuf in) {
        int answers = 0;
        int finished = 0;
        for (int bytes; (bytes = WaymarkFrames.completeFrame(in)) > 0; in.skipBytes(bytes)) {
            int frame = in.readerIndex();
            if (WaymarkFrames.isRecord(in, frame)) {
                int place = WaymarkFrames.requestId(in, frame);
                open.key(place);
                int key = asked[place][WaymarkFrames.item(in, frame)];
                if (!keys.isRecord(in, frame + FrameHeader.BYTES, bytes - FrameHeader.BYTES, key)) {
                    throw WaymarkFrames.wrong(in, frame, keys.identifier(key));
                }
                tally.from(WaymarkFrames.source(in, frame));
                answers++;
                if (--missing[place] == 0) {
                    tally.finished(open.close(place));
                    finished++;
                }
            } else if (WaymarkFrames.type(in, frame) != FrameType.WELCOME.code()) {
                throw WaymarkFrames.wrong(in, frame, "records");
            }
        }
        tally.answered(answers);
        return finished;
    }
}
