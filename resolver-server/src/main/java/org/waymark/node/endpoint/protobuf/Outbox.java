package org.waymark.node.endpoint.protobuf;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.time.Clock;
import org.waymark.node.endpoint.UnsentBytes;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.v1.Failure;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/**
 * What goes out to one client. Frames are gathered in one buffer, which is sent when somebody flushes or when it is full. To be
 * used on the connection's event loop only.
 */
final class Outbox {

    /** A buffer with so much in it is sent at once. */
    private static final int FULL_BYTES = 64 * 1_024;

    private static final int LEAST_BYTES = 1_024;
    private static final long MAX_LIFE_MILLIS = 0xFFFF_FFFFL;

    private final Channel channel;
    private final UnsentBytes unsent;
    private final ConnectionMetrics metrics;
    private final Clock clock;
    private ByteBuf gathered;
    private int usualBytes = LEAST_BYTES;
    private boolean flushComes;
    private boolean closed;

    /**
     * @param unsent shared by the connections of the endpoint
     * @param clock that of the answers' lives
     */
    Outbox(Channel channel, UnsentBytes unsent, ConnectionMetrics metrics, Clock clock) {
        this.channel = channel;
        this.unsent = unsent;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** False while the client doesn't take what it was sent. */
    boolean hasRoom() {
        return channel.isWritable();
    }

    /**
     * Adds an answer and counts it.
     *
     * @param since when its request was read, by {@link System#nanoTime()}
     * @param flags {@link FrameHeader#LAST} or 0; the other flags follow from the rest
     * @param authoritative put the registry's sequence number in front of the payload, and say so
     */
    void answer(Answer answer, boolean authoritative, int flags, int requestId, int item, long since) {
        if (closed) {
            return;
        }
        StoredAnswer content = answer.content();
        byte[] payload = content.payload();
        byte[] chain = answer.chain();
        int chainBytes = chain.length == 0 ? 0 : Integer.BYTES + chain.length;
        int payloadBytes = payload.length + (authoritative ? Long.BYTES : 0) + chainBytes;
        ByteBuf out = room(FrameHeader.BYTES + payloadBytes);
        FrameHeader.writeAnswer(
                out,
                payloadBytes,
                flags
                        | (authoritative ? FrameHeader.AUTHORITATIVE : 0)
                        | (answer.stale() ? FrameHeader.STALE : 0)
                        | (chainBytes == 0 ? 0 : FrameHeader.CHAIN),
                content.outcome(),
                answer.source(),
                requestId,
                item,
                (int) Math.min(content.lifeMillis(clock.millis()), MAX_LIFE_MILLIS));
        if (authoritative) {
            out.writeLong(content.sequence());
        }
        if (chainBytes > 0) {
            out.writeInt(chain.length).writeBytes(chain);
        }
        out.writeBytes(payload);
        metrics.answered(
                content.outcome(), answer.source(), answer.stale(), content.owner(), System.nanoTime() - since);
        sendIfFull();
    }

    /**
     * Adds the answer whose payload the batch returned last; {@link #readyDone} counts it. Returns false, and adds nothing, where
     * the answer was replaced meanwhile.
     *
     * @param flags {@link FrameHeader#LAST} or 0
     */
    boolean readyAnswer(ReadyAnswers.Batch batch, ByteBuffer payload, int flags, int requestId, int item) {
        if (closed) {
            return false;
        }
        int payloadBytes = payload.remaining();
        ByteBuf out = room(FrameHeader.BYTES + payloadBytes);
        int start = out.writerIndex();
        FrameHeader.writeAnswer(
                out, payloadBytes, flags, batch.outcome(), AnswerSource.NEAR_CACHE, requestId, item, (int)
                        Math.min(batch.lifeMillis(), MAX_LIFE_MILLIS));
        out.writeBytes(payload);
        if (!batch.isIntact()) {
            out.writerIndex(start);
            return false;
        }
        metrics.ready(batch.outcome(), batch.owner());
        sendIfFull();
        return true;
    }

    /**
     * Counts the ready answers that were added.
     *
     * @param since when their requests were read, by {@link System#nanoTime()}
     */
    void readyDone(long since) {
        metrics.readyDone(System.nanoTime() - since);
    }

    /** Adds a frame other than an answer. */
    void frame(FrameHeader header, MessageLite message) {
        frame(header, message.toByteArray());
    }

    /** Adds a frame without payload. */
    void emptyFrame(FrameType type) {
        frame(FrameHeader.request(type, 0), new byte[0]);
    }

    /** Adds a FAILED. */
    void failed(int requestId, Failure.Code code, String message) {
        frame(
                FrameHeader.request(FrameType.FAILED, requestId),
                Failure.newBuilder().setCode(code).setMessage(message).build());
    }

    private void frame(FrameHeader header, byte[] payload) {
        if (closed) {
            return;
        }
        ByteBuf out = room(FrameHeader.BYTES + payload.length);
        header.write(out, payload.length);
        out.writeBytes(payload);
        sendIfFull();
    }

    private ByteBuf room(int bytes) {
        if (gathered == null) {
            gathered = channel.alloc().ioBuffer(Math.max(bytes, usualBytes));
        }
        return gathered;
    }

    private void sendIfFull() {
        if (gathered.readableBytes() >= FULL_BYTES) {
            flush();
        }
    }

    /** Sends what is gathered; or ends the connection, where its client takes nothing and too much waits for all clients. */
    void flush() {
        if (gathered == null) {
            return;
        }
        if (unsent.areTooMany() && !channel.isWritable()) {
            metrics.slowEnded();
            discard();
            channel.close();
            return;
        }
        ByteBuf out = gathered;
        gathered = null;
        int bytes = out.readableBytes();
        usualBytes = Math.max(LEAST_BYTES, Math.min(FULL_BYTES, bytes));
        unsent.add(bytes);
        channel.writeAndFlush(out).addListener(sent -> unsent.remove(bytes));
    }

    /** Sends what is gathered after the tasks that already wait for the event loop, so that their answers go along. */
    void flushSoon() {
        if (!flushComes) {
            flushComes = true;
            channel.eventLoop().execute(() -> {
                flushComes = false;
                flush();
            });
        }
    }

    /** Sends what is gathered, and takes nothing any more. */
    void finish() {
        flush();
        closed = true;
    }

    /** Throws away what is gathered, and takes nothing any more: the connection is closed. */
    void discard() {
        closed = true;
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
