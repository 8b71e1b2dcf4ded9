package org.waymark.node.endpoint.protobuf;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.record.RecordKey;
import org.waymark.wire.FrameDecoder;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/**
 * The short way of the common request: a RESOLVE without flags, whose payload is a key alone. Where its answer is ready it is
 * answered from the bytes of the read that brought it, without being decoded, and without an object of its own; else it is gathered
 * with the others of this read, to be asked for together.
 *
 * <p>What is in a read is looked up together, and what is ready is answered in order. Every other frame goes on unchanged to the
 * frame decoder behind this handler, in its place among the others. While the connection is not in
 * the state that a request would be started in at once (greeted, answers taken, not too many requests open, none waiting), all
 * goes on. So a client can't tell this way from the long one.
 *
 * <p>Sits between {@link ClientTimeouts} and the frame decoder.
 */
final class HotPath extends ChannelInboundHandlerAdapter {

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private static final int RESOLVE_WITHOUT_FLAGS = FrameType.RESOLVE.code() << 8;

    private static final int TYPE_AT = 4;
    private static final int REQUEST_ID_AT = 8;

    private final EachThread<Round> rounds;
    private final FrameDecoder decoder;
    private final ClientTimeouts timeouts;
    private final RequestHandler requests;
    private final Outbox outbox;

    /**
     * @param rounds one for each event loop
     */
    HotPath(
            EachThread<Round> rounds,
            FrameDecoder decoder,
            ClientTimeouts timeouts,
            RequestHandler requests,
            Outbox outbox) {
        this.rounds = rounds;
        this.decoder = decoder;
        this.timeouts = timeouts;
        this.requests = requests;
        this.outbox = outbox;
    }

    /** The whole frames at the beginning of what was read, and the look-ups among them. For one event loop. */
    static final class Round {

        private static final int MOST_FRAMES = 128;
        private static final int MOST_BYTES = 16 * 1_024;
        private static final int NO_LOOKUP = -1;

        private final ReadyAnswers.Batch batch;
        private final byte[] bytes = new byte[MOST_BYTES];
        private final int[] ends = new int[MOST_FRAMES];
        private final int[] lookups = new int[MOST_FRAMES];
        /** Where the keys of look-ups begin. */
        private final int[] keys = new int[MOST_FRAMES];

        private int frames;

        Round(ReadyAnswers ready) {
            batch = ready.newBatch(MOST_FRAMES);
        }

        /** Takes the whole frames, as far as there is room; none where the first one is not whole, or not to be understood. */
        void take(ByteBuf in) {
            int available = Math.min(in.readableBytes(), MOST_BYTES);
            in.getBytes(in.readerIndex(), bytes, 0, available);
            batch.clear();
            frames = 0;
            int found = 0;
            for (int at = 0; frames < MOST_FRAMES && available - at >= FrameHeader.BYTES; frames++) {
                int length = integer(at);
                if (length < FrameHeader.BYTES_AFTER_LENGTH || length > available - at - Integer.BYTES) {
                    break;
                }
                int end = at + Integer.BYTES + length;
                ends[frames] = end;
                lookups[frames] = addLookup(at, end) ? found++ : NO_LOOKUP;
                at = end;
            }
            batch.locate();
        }

        private int integer(int at) {
            return (int) INTS.get(bytes, at);
        }

        private boolean addLookup(int start, int end) {
            int key = integer(start + TYPE_AT) >>> Short.SIZE == RESOLVE_WITHOUT_FLAGS
                    ? RequestReader.onlyKeyAt(bytes, start + FrameHeader.BYTES, end)
                    : NO_LOOKUP;
            if (key < 0 || end - key > RecordKey.MAX_ENCODED_BYTES) {
                return false;
            }
            keys[frames] = key;
            batch.add(bytes, key, end - key);
            return true;
        }

        int start(int frame) {
            return frame == 0 ? 0 : ends[frame - 1];
        }

        /** True where this frame asks for a whole record, by a key that is surely one. */
        boolean isPlainLookUp(int frame) {
            return lookups[frame] != NO_LOOKUP && RecordKey.isPlain(bytes, keys[frame], ends[frame] - keys[frame]);
        }

        RecordKey key(int frame) {
            return RecordKey.decode(bytes, keys[frame], ends[frame] - keys[frame]);
        }

        /** The payload of the answer to this frame; null where none is ready. */
        ByteBuffer payload(int frame) {
            return lookups[frame] == NO_LOOKUP ? null : batch.payload(lookups[frame]);
        }

        int requestId(int frame) {
            return integer(start(frame) + REQUEST_ID_AT);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (!isOpen()) {
            context.fireChannelRead(in);
            return;
        }
        try {
            while (in.isReadable()) {
                int begun = isOpen() ? decoder.missingBytes() : in.readableBytes();
                if (begun > 0) {
                    passOn(context, in, Math.min(begun, in.readableBytes()));
                } else {
                    answer(context, in);
                }
            }
        } finally {
            in.release();
        }
    }

    private boolean isOpen() {
        return timeouts.isGreeted() && requests.isIdle();
    }

    private static void passOn(ChannelHandlerContext context, ByteBuf in, int bytes) {
        context.fireChannelRead(in.readRetainedSlice(bytes));
    }

    /** Answers, or passes on, one frame or more from the beginning of what was read; or passes on all. */
    private void answer(ChannelHandlerContext context, ByteBuf in) {
        long since = System.nanoTime();
        Round round = rounds.get();
        round.take(in);
        if (round.frames == 0) {
            passOn(context, in, in.readableBytes());
            return;
        }
        int frame = 0;
        int done = 0;
        while (frame < round.frames && isOpen()) {
            ByteBuffer payload = round.payload(frame);
            int start = round.start(frame);
            boolean isOurs = payload != null || round.isPlainLookUp(frame);
            if (isOurs && done < start) {
                // What is passed on may change what is ready: then look again.
                passOn(context, in, start - done);
                done = start;
            } else if (isOurs) {
                if (payload == null || !outbox.readyAnswer(round.batch, payload, 0, round.requestId(frame), 0)) {
                    requests.lookUp(round.key(frame), round.requestId(frame), since);
                }
                int bytes = round.ends[frame++] - start;
                timeouts.framed(bytes);
                in.skipBytes(bytes);
                done += bytes;
            } else {
                frame++;
            }
        }
        int others = round.start(frame) - done;
        if (others > 0) {
            passOn(context, in, others);
        }
        outbox.readyDone(since);
    }
}
