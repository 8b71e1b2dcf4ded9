package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import org.waymark.bench.data.DelegatedPrefixes;
import org.waymark.bench.data.KeySequence;
import org.waymark.v1.Outcome;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** RESOLVE of parts whose prefixes have nodes of their own. */
final class ReferralConversation implements Conversation {

    private final DelegatedPrefixes prefixes;
    private final KeySequence.Cursor next;
    private final OpenCalls open;
    private final Tally tally;

    ReferralConversation(DelegatedPrefixes prefixes, KeySequence.Cursor next, int depth, Tally tally) {
        this.prefixes = prefixes;
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
        int lookUp = next.next();
        byte[] request = prefixes.request(lookUp);
        WaymarkFrames.writeRequestHeader(out, FrameType.RESOLVE, open.open(lookUp, dueAt), request.length);
        out.writeBytes(request);
    }

    @Override
    public int read(ByteBuf in) {
        int answers = 0;
        for (int bytes; (bytes = WaymarkFrames.completeFrame(in)) > 0; in.skipBytes(bytes)) {
            int frame = in.readerIndex();
            if (WaymarkFrames.isAnswer(in, frame, Outcome.REFERRAL)) {
                int place = WaymarkFrames.requestId(in, frame);
                int lookUp = open.key(place);
                if (!prefixes.isReferral(in, frame + FrameHeader.BYTES, bytes - FrameHeader.BYTES, lookUp)) {
                    throw WaymarkFrames.wrong(in, frame, "the referral of look-up " + lookUp);
                }
                tally.from(WaymarkFrames.source(in, frame));
                tally.finished(open.close(place));
                answers++;
            } else if (WaymarkFrames.type(in, frame) != FrameType.WELCOME.code()) {
                throw WaymarkFrames.wrong(in, frame, "a referral");
            }
        }
        tally.answered(answers);
        return answers;
    }
}
