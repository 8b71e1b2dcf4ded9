package org.waymark.node.endpoint.protobuf;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.record.RecordKey;
import org.waymark.v1.Failure;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameType;

/**
 * Lets as many requests in as may be open, while the client takes its answers; the others wait, and the connection is not read
 * from. What waits is at most what one read brought in: one frame of the largest size and the frames behind it in one receive
 * buffer. Also ends the connection: after a fault, or when the node goes away.
 */
final class RequestHandler extends ChannelInboundHandlerAdapter {

    /** The event that the node is going away. */
    static final Object GOING_AWAY = new Object();

    private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

    private final RequestDispatcher dispatcher;
    private final OpenRequests open;
    private final Outbox outbox;
    private final ConnectionMetrics metrics;
    private final Queue<Frame> waiting = new ArrayDeque<>();
    private ChannelHandlerContext context;
    private boolean admitting;
    private boolean goingAway;
    private boolean ended;

    /**
     * @param makeDispatcher given what it has to call after a late answer
     */
    RequestHandler(
            Function<Runnable, RequestDispatcher> makeDispatcher,
            OpenRequests open,
            Outbox outbox,
            ConnectionMetrics metrics) {
        this.dispatcher = makeDispatcher.apply(this::goOn);
        this.open = open;
        this.outbox = outbox;
        this.metrics = metrics;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Frame frame = (Frame) message;
        if (ended) {
            frame.release();
            return;
        }
        waiting.add(frame);
        admit();
    }

    /**
     * Starts a look-up of a whole record. To be called only while {@link #isIdle}.
     *
     * @param since when it was read, by {@link System#nanoTime()}
     */
    void lookUp(RecordKey key, int requestId, long since) {
        dispatcher.lookUp(key, requestId, since);
        if (open.isFull()) {
            goOn();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        goOn();
        outbox.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        goOn();
        outbox.flushSoon();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == GOING_AWAY && !ended) {
            goingAway = true;
            outbox.emptyFrame(FrameType.GOODBYE);
            outbox.flush();
            goOn();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended = true;
        outbox.discard();
        releaseWaiting();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (ended) {
            return;
        }
        if (cause instanceof BadRequestException refusal) {
            fail(refusal.code(), refusal.getMessage());
        } else if (cause instanceof TooLongFrameException) {
            fail(Failure.Code.OVER_LIMIT, cause.getMessage());
        } else if (cause instanceof CorruptedFrameException) {
            fail(Failure.Code.MALFORMED, cause.getMessage());
        } else {
            log.atDebug()
                    .addKeyValue("remote", context.channel().remoteAddress())
                    .setCause(cause)
                    .log("connection closed after a fault");
            context.close();
        }
    }

    /** Starts what waits, and asks for what was gathered. */
    private void goOn() {
        do {
            admit();
        } while (!admitting && !ended && dispatcher.askGathered());
    }

    /** Starts what waits, as far as it may be open; look-ups are only gathered as long as more may be open. */
    private void admit() {
        if (admitting || ended) {
            return;
        }
        admitting = true;
        try {
            while (outbox.hasRoom() && hasWork()) {
                if (open.isFull()) {
                    if (!dispatcher.askGathered()) {
                        break;
                    }
                } else if (dispatcher.hasUnstarted()) {
                    dispatcher.startNext();
                } else {
                    start(waiting.remove());
                }
            }
        } catch (BadRequestException e) {
            fail(e.code(), e.getMessage());
            return;
        } finally {
            admitting = false;
        }
        if (goingAway && !hasWork() && open.isEmpty()) {
            end();
        } else {
            readOrNot();
        }
    }

    /** True where the next request would be started as soon as it comes in. */
    boolean isIdle() {
        return !ended && !goingAway && !hasWork() && !open.isFull() && outbox.hasRoom();
    }

    private boolean hasWork() {
        return dispatcher.hasUnstarted() || !waiting.isEmpty();
    }

    private void start(Frame frame) throws BadRequestException {
        try {
            dispatcher.start(frame);
        } finally {
            frame.release();
        }
    }

    private void readOrNot() {
        boolean reading = !goingAway && !hasWork() && !open.isFull() && outbox.hasRoom();
        if (context.channel().config().isAutoRead() != reading) {
            context.channel().config().setAutoRead(reading);
        }
    }

    private void fail(Failure.Code code, String message) {
        dispatcher.askGathered();
        metrics.malformed();
        outbox.failed(0, code, message);
        log.atDebug()
                .addKeyValue("remote", context.channel().remoteAddress())
                .addKeyValue("code", code)
                .log("connection ended: {}", message);
        end();
    }

    private void end() {
        ended = true;
        releaseWaiting();
        outbox.finish();
        Farewell.close(context.channel());
    }

    private void releaseWaiting() {
        waiting.forEach(Frame::release);
        waiting.clear();
    }
}
