package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.endpoint.UnsentBytes;
import org.waymark.node.metrics.ConnectionMetrics;

/**
 * One TCP connection. It stays open after an answer, and takes more requests before the first is answered; answers come in any order
 * and name their request. While as many requests are open as may be, or the client doesn't take its answers, it is not read from.
 */
final class HandleConnection extends ChannelInboundHandlerAdapter {

    /** The event that the node is going away. */
    static final Object GOING_AWAY = new Object();

    /** A request is at most so long, after its envelope: the longest identifier, and as many indexes and types as may be. */
    static final int MOST_MESSAGE_BYTES = 64 * 1_024;

    private static final Logger log = LoggerFactory.getLogger(HandleConnection.class);
    private static final long NEVER = Long.MIN_VALUE;

    private final HandleOptions options;
    private final LoopState loop;
    private final Requests requests;
    private final UnsentBytes unsent;
    private final ConnectionMetrics metrics;

    private Channel channel;
    private Outbox outbox;
    /** What was read and not yet used; null where nothing is left over. */
    private ByteBuf held;

    private int open;
    private boolean ended;
    private boolean goingAway;
    private boolean draining;
    private boolean keepAlive;
    private long lastActivity;
    private long begunSince = NEVER;
    private long unsentBefore;

    HandleConnection(
            HandleOptions options, LoopState loop, Requests requests, UnsentBytes unsent, ConnectionMetrics metrics) {
        this.options = options;
        this.loop = loop;
        this.requests = requests;
        this.unsent = unsent;
        this.metrics = metrics;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        outbox = new Outbox(channel, unsent, metrics);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        lastActivity = System.nanoTime();
        loop.add(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended = true;
        loop.remove(this);
        outbox.discard();
        releaseHeld();
    }

    private void releaseHeld() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (ended) {
            in.release();
            return;
        }
        lastActivity = System.nanoTime();
        if (held == null) {
            held = in;
        } else {
            try {
                ByteBuf joined = context.alloc().heapBuffer(held.readableBytes() + in.readableBytes());
                joined.writeBytes(held).writeBytes(in);
                releaseHeld();
                held = joined;
            } finally {
                in.release();
            }
        }
        drain();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        outbox.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            lastActivity = System.nanoTime();
        }
        drain();
        outbox.flushSoon();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == GOING_AWAY) {
            goingAway = true;
            drain();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.atDebug()
                .addKeyValue("remote", channel.remoteAddress())
                .setCause(cause)
                .log("connection closed after a fault");
        context.close();
    }

    private boolean mayStart() {
        return !ended && open < options.maxInFlight() && outbox.hasRoom();
    }

    /** Starts what was read, as far as requests may be open. */
    private void drain() {
        if (draining || ended) {
            return;
        }
        draining = true;
        try {
            while (held != null && mayStart() && startSome()) {
                if (held != null && !held.isReadable()) {
                    releaseHeld();
                }
            }
        } finally {
            draining = false;
        }
        if (ended) {
            return;
        }
        if (goingAway && open == 0 && (held == null || mayStart())) {
            end();
            return;
        }
        noteBegun();
        boolean reading = mayStart() && !goingAway;
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    /** A message that isn't whole although the node would take it has to become so in time. */
    private void noteBegun() {
        if (held == null || !mayStart()) {
            begunSince = NEVER;
        } else if (begunSince == NEVER) {
            begunSince = System.nanoTime();
        }
    }

    /** Starts one message or more; false where the first one isn't whole. */
    private boolean startSome() {
        long since = System.nanoTime();
        ReadyLookups lookups = loop.lookups();
        int messages = lookups.take(held);
        if (messages == 0) {
            return startLarge();
        }
        begunSince = NEVER;
        ByteBuf in = held;
        for (int i = 0; i < messages && mayStart(); i++) {
            int length = lookups.length(i);
            if (lookups.answer(i, outbox.gathering(), metrics)) {
                outbox.sendIfFull();
                in.skipBytes(length);
            } else {
                start(in, length);
            }
        }
        metrics.readyDone(System.nanoTime() - since);
        return true;
    }

    /** Starts a message that is too large to be looked up with others, or ends the connection where it can't be one. */
    private boolean startLarge() {
        if (held.readableBytes() < Envelope.BYTES) {
            return false;
        }
        int length = held.getInt(held.readerIndex() + Envelope.LENGTH_AT);
        if (length < 0 || length > MOST_MESSAGE_BYTES) {
            Envelope envelope = Envelope.read(held, held.readerIndex());
            HandleRequest request = RequestDecoder.tooLarge(envelope, MOST_MESSAGE_BYTES);
            start(request);
            end();
            return false;
        }
        if (length > held.readableBytes() - Envelope.BYTES) {
            return false;
        }
        begunSince = NEVER;
        start(held, Envelope.BYTES + length);
        return true;
    }

    private void start(ByteBuf in, int length) {
        Envelope envelope = Envelope.read(in, in.readerIndex());
        HandleRequest request =
                RequestDecoder.decode(envelope, in.slice(in.readerIndex() + Envelope.BYTES, length - Envelope.BYTES));
        in.skipBytes(length);
        start(request);
    }

    private void start(HandleRequest request) {
        keepAlive = request.has(OpFlags.KEEP_ALIVE);
        open++;
        requests.start(request, channel, metrics, message -> {
            open--;
            outbox.add(message);
            if (!draining && !ended) {
                lastActivity = System.nanoTime();
                outbox.flushSoon();
                drain();
            }
        });
    }

    private void end() {
        ended = true;
        releaseHeld();
        outbox.finish();
    }

    /**
     * Ends the connection where its client sends no whole message in time, doesn't take its answers, or has asked nothing for a
     * while: longer where it said that it wants the connection to stay open.
     */
    void look(long now) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        long waiting = out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
        if (waiting != unsentBefore) {
            unsentBefore = waiting;
            lastActivity = now;
        }
        long idleNanos = (keepAlive ? options.keepAliveTimeout() : options.idleTimeout()).toNanos();
        if (begunSince != NEVER && now - begunSince >= options.messageTimeout().toNanos()) {
            close("a message was not completed in time");
        } else if ((open == 0 || waiting > 0) && now - lastActivity >= idleNanos) {
            close("idle");
        }
    }

    private void close(String reason) {
        log.atDebug()
                .addKeyValue("remote", channel.remoteAddress())
                .addKeyValue("reason", reason)
                .log("connection closed");
        channel.close();
    }
}
