package org.waymark.node.endpoint.protobuf;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameHeader;

/**
 * Closes connections whose client says no HELLO, doesn't finish a frame, or does nothing at all, neither sending nor reading. It
 * looks a few times within the shortest of the three limits, so a connection may live that much longer.
 *
 * <p>Sits in front of the frame decoder, and has {@link #frameWatch()} behind it: bytes that came in and did not leave as a frame
 * are a frame that isn't complete. While the node itself doesn't read, that is not the client's fault.
 */
final class ClientTimeouts extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(ClientTimeouts.class);

    private static final int LOOKS = 4;
    private static final long NO_FRAME = Long.MIN_VALUE;

    private final long helloNanos;
    private final long frameNanos;
    private final long idleNanos;

    private Future<?> looking;
    private boolean greeted;
    private long activeSince;
    private long lastActivity;
    private long unsentBytes;
    private long bytesReceived;
    private long bytesFramed;
    private long bytesFramedBefore;
    private long frameSince = NO_FRAME;

    ClientTimeouts(Duration hello, Duration frame, Duration idle) {
        helloNanos = hello.toNanos();
        frameNanos = frame.toNanos();
        idleNanos = idle.toNanos();
    }

    /** What goes behind the frame decoder. */
    ChannelHandler frameWatch() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                framed(FrameHeader.BYTES + ((Frame) message).content().readableBytes());
                context.fireChannelRead(message);
            }
        };
    }

    /** So many bytes of those that came in were whole frames. */
    void framed(int bytes) {
        bytesFramed += bytes;
    }

    /** The client said HELLO. */
    void greeted() {
        greeted = true;
    }

    boolean isGreeted() {
        return greeted;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        activeSince = now(context);
        lastActivity = activeSince;
        long period = Math.max(1, Math.min(helloNanos, Math.min(frameNanos, idleNanos)) / LOOKS);
        looking = context.executor().scheduleAtFixedRate(() -> look(context), period, period, TimeUnit.NANOSECONDS);
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (looking != null) {
            looking.cancel(false);
        }
        context.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        bytesReceived += ((ByteBuf) message).readableBytes();
        context.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        lastActivity = now(context);
        if (bytesReceived == bytesFramed) {
            frameSince = NO_FRAME;
        } else if (frameSince == NO_FRAME || bytesFramed != bytesFramedBefore) {
            frameSince = lastActivity;
        }
        bytesFramedBefore = bytesFramed;
        context.fireChannelReadComplete();
    }

    private void look(ChannelHandlerContext context) {
        long now = now(context);
        noticeProgress(context, now);
        if (!context.channel().config().isAutoRead() && frameSince != NO_FRAME) {
            frameSince = now;
        }
        if (!greeted && now - activeSince >= helloNanos) {
            close(context, "no HELLO in time");
        } else if (frameSince != NO_FRAME && now - frameSince >= frameNanos) {
            close(context, "a frame was not completed in time");
        } else if (now - lastActivity >= idleNanos) {
            close(context, "idle");
        }
    }

    /** A client that takes what is sent to it is not idle. */
    private void noticeProgress(ChannelHandlerContext context, long now) {
        ChannelOutboundBuffer out = context.channel().unsafe().outboundBuffer();
        long unsent = out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
        if (unsent != unsentBytes) {
            unsentBytes = unsent;
            lastActivity = now;
        }
    }

    private static void close(ChannelHandlerContext context, String reason) {
        log.atDebug()
                .addKeyValue("remote", context.channel().remoteAddress())
                .addKeyValue("reason", reason)
                .log("connection closed");
        context.close();
    }

    private static long now(ChannelHandlerContext context) {
        return context.executor().ticker().nanoTime();
    }
}
