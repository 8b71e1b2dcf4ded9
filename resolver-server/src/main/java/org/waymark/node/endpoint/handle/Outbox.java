package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;
import org.waymark.node.endpoint.UnsentBytes;
import org.waymark.node.metrics.ConnectionMetrics;

/**
 * What goes out to one TCP client. Messages are gathered in one buffer, which is sent when somebody flushes or when it is full. To be
 * used on the connection's event loop only.
 */
final class Outbox {

    /** A buffer with so much in it is sent at once. */
    private static final int FULL_BYTES = 64 * 1_024;

    private static final int LEAST_BYTES = 1_024;
    private static final long LINGER_SECONDS = 1;

    private final Channel channel;
    private final UnsentBytes unsent;
    private final ConnectionMetrics metrics;
    private ByteBuf gathered;
    private int usualBytes = LEAST_BYTES;
    private boolean flushComes;
    private boolean closed;

    /**
     * @param unsent shared by the connections of the face
     */
    Outbox(Channel channel, UnsentBytes unsent, ConnectionMetrics metrics) {
        this.channel = channel;
        this.unsent = unsent;
        this.metrics = metrics;
    }

    /** False while the client doesn't take what it was sent. */
    boolean hasRoom() {
        return channel.isWritable();
    }

    /** Where messages are to be written, one behind the other; call {@link #sendIfFull} after each. */
    ByteBuf gathering() {
        if (gathered == null) {
            gathered = channel.alloc().ioBuffer(usualBytes);
        }
        return gathered;
    }

    /** Adds a message, and releases it. */
    void add(ByteBuf message) {
        try {
            if (!closed) {
                gathering().writeBytes(message);
                sendIfFull();
            }
        } finally {
            message.release();
        }
    }

    void sendIfFull() {
        if (gathered != null && gathered.readableBytes() >= FULL_BYTES) {
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
        if (!out.isReadable()) {
            out.release();
            return;
        }
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

    /**
     * Sends what is gathered, takes nothing any more, and closes the connection so that it arrives: to close a socket with unread
     * input resets it, so what still comes in is read until the client closes too, for a second at most.
     */
    void finish() {
        flush();
        closed = true;
        channel.config().setAutoRead(true);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (sent.isSuccess() && channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
                channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
            } else {
                channel.close();
            }
        });
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
