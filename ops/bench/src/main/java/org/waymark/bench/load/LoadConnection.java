package org.waymark.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Keeps a connection busy: sends the calls that are due, in one write for all that one read has set free. */
final class LoadConnection extends ChannelInboundHandlerAdapter {

    private final Conversation conversation;
    private final Pace pace;
    private final Consumer<Throwable> failed;
    private ChannelHandlerContext context;
    /** The start of an answer whose end has yet to come. */
    private ByteBuf rest;

    private int free;
    private boolean isTimed;
    private boolean ended;

    /**
     * @param depth calls that may be open
     * @param failed told what went wrong
     */
    LoadConnection(Conversation conversation, int depth, Pace pace, Consumer<Throwable> failed) {
        this.conversation = conversation;
        this.pace = pace;
        this.failed = failed;
        this.free = depth;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        rest = added.alloc().directBuffer();
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        ByteBuf greeting = active.alloc().directBuffer();
        conversation.greet(greeting);
        active.write(greeting);
        send();
        active.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (ended) {
                return;
            }
            if (rest.isReadable()) {
                rest.writeBytes(in);
                free += conversation.read(rest);
                rest.discardReadBytes();
            } else {
                rest.clear();
                free += conversation.read(in);
                rest.writeBytes(in);
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext reading) {
        send();
    }

    private void send() {
        if (ended || free == 0) {
            return;
        }
        long due = pace.next();
        if (due != Pace.LATER) {
            ByteBuf out = context.alloc().directBuffer();
            try {
                for (; due != Pace.LATER; due = free == 0 ? Pace.LATER : pace.next()) {
                    conversation.call(out, due);
                    free--;
                }
            } catch (RuntimeException e) {
                out.release();
                exceptionCaught(context, e);
                return;
            }
            context.writeAndFlush(out);
        }
        if (free > 0 && !isTimed) {
            isTimed = true;
            context.executor().schedule(this::sendOnTime, pace.nanosUntilNext(), TimeUnit.NANOSECONDS);
        }
    }

    private void sendOnTime() {
        isTimed = false;
        send();
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        exceptionCaught(inactive, new IOException("the server closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failing, Throwable cause) {
        if (!ended) {
            failed.accept(cause);
            end();
        }
    }

    private void end() {
        if (!ended) {
            ended = true;
            rest.release();
            context.close();
        }
    }

    /** Ends the connection; what is open stays unanswered. From any other thread; returns when it is closed. */
    void close() {
        context.executor().submit(this::end).syncUninterruptibly();
        context.channel().closeFuture().syncUninterruptibly();
    }
}
