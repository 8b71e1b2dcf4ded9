package org.waymark.node.endpoint.protobuf;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection so that the last frames arrive. To close a socket that has unread input resets it, and the peer may lose
 * what was sent; so this sends what is left, says that nothing follows, and then throws away what still comes in until the peer
 * closes too, for a second at most.
 */
final class Farewell extends ChannelInboundHandlerAdapter {

    private static final long LINGER_SECONDS = 1;

    private Farewell() {}

    /** Ends the connection. To be called once, on its event loop. */
    static void close(Channel channel) {
        channel.pipeline().addFirst(new Farewell());
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

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }
}
