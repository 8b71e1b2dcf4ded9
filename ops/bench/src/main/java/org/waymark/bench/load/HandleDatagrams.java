package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.waymark.bench.data.KeySequence;

/**
 * Resolutions of Handle clients over one UDP socket, as many open as its depth. What gets no answer in half a second, as the official client
 * has it, is asked again. Closed loops only; for one event loop.
 */
final class HandleDatagrams extends ChannelInboundHandlerAdapter {

    private static final int PAYLOAD_BYTES = 492;
    private static final long PATIENCE_NANOS = 500_000_000L;
    /** Where more get lost, it is not the answers that are measured. */
    private static final int MOST_LOST = 1_000;

    private final HandleCalls calls;
    private final KeySequence.Cursor next;
    private final InetSocketAddress server;
    private final Tally tally;
    private final Consumer<Throwable> failed;
    private final int[] keys;
    private final int[] ids;
    private final long[] sentAt;
    /** Packets of the answer that have come, a bit each. */
    private final long[] came;

    private ChannelHandlerContext context;
    private ScheduledFuture<?> asking;
    private int lastId;
    private int lost;
    private boolean ended;

    HandleDatagrams(
            HandleCalls calls,
            KeySequence.Cursor next,
            InetSocketAddress server,
            int depth,
            Tally tally,
            Consumer<Throwable> failed) {
        this.calls = calls;
        this.next = next;
        this.server = server;
        this.tally = tally;
        this.failed = failed;
        keys = new int[depth];
        ids = new int[depth];
        sentAt = new long[depth];
        came = new long[depth];
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        for (int place = 0; place < keys.length; place++) {
            call(place, next.next());
        }
        context.flush();
        asking = context.executor().scheduleAtFixedRate(this::askAgain, 100, 100, TimeUnit.MILLISECONDS);
    }

    private void call(int place, int key) {
        keys[place] = key;
        came[place] = 0;
        // Tells its place, and an answer that comes too late from the next one.
        lastId += keys.length;
        ids[place] = lastId + place;
        sentAt[place] = System.nanoTime();
        ByteBuf out = context.alloc().directBuffer();
        calls.write(out, key, ids[place]);
        context.write(new DatagramPacket(out, server));
    }

    private void askAgain() {
        long now = System.nanoTime();
        for (int place = 0; place < keys.length && !ended; place++) {
            if (now - sentAt[place] > PATIENCE_NANOS) {
                call(place, keys[place]);
                if (++lost > MOST_LOST) {
                    exceptionCaught(context, new WrongAnswerException(lost + " calls got no answer in time"));
                }
            }
        }
        context.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        try {
            if (!ended) {
                read(packet.content());
            }
        } finally {
            packet.release();
        }
    }

    private void read(ByteBuf packet) {
        int at = packet.readerIndex();
        int id = packet.getInt(at + HandleCalls.REQUEST_ID_AT);
        int place = Math.floorMod(id, keys.length);
        if (ids[place] != id) {
            return;
        }
        int sequence = packet.getInt(at + HandleCalls.SEQUENCE_AT);
        int messageBytes = packet.getInt(at + HandleCalls.LENGTH_AT);
        int packets = (messageBytes + PAYLOAD_BYTES - 1) / PAYLOAD_BYTES;
        int expected = packets == 1 ? messageBytes : Math.min(PAYLOAD_BYTES, messageBytes - sequence * PAYLOAD_BYTES);
        if (sequence < 0
                || sequence >= packets
                || packets > Long.SIZE - 1
                || packet.readableBytes() - HandleCalls.ENVELOPE_BYTES != expected) {
            throw new WrongAnswerException("packet " + sequence + " of " + packets + " has "
                    + (packet.readableBytes() - HandleCalls.ENVELOPE_BYTES) + " bytes, not " + expected);
        }
        if (sequence == 0) {
            calls.check(packet, at, keys[place]);
        }
        came[place] |= 1L << sequence;
        if (came[place] == (1L << packets) - 1) {
            tally.finished(sentAt[place]);
            tally.answered(1);
            call(place, next.next());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext reading) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failing, Throwable cause) {
        if (!ended) {
            failed.accept(cause);
            end();
        }
    }

    private void end() {
        ended = true;
        asking.cancel(false);
        context.close();
    }

    /** Ends the load; what is open stays unanswered. From any other thread; returns when it is closed. */
    void close() {
        context.executor().submit(this::end).syncUninterruptibly();
        context.channel().closeFuture().syncUninterruptibly();
    }
}
