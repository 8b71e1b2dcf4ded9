package org.waymark.node.endpoint;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Closes a connection at once where there are too many. One for each connection; they share the count. */
final class ConnectionGate extends ChannelInboundHandlerAdapter {

    private final ConnectionCount count;
    private final TcpListener.Events events;
    private final InetAddress source;
    private boolean counted;

    ConnectionGate(ConnectionCount count, SocketAddress remote, TcpListener.Events events) {
        this.count = count;
        this.events = events;
        this.source = remote instanceof InetSocketAddress address ? address.getAddress() : null;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!count.admit(source)) {
            events.refused().run();
            context.close();
            return;
        }
        counted = true;
        events.opened().run();
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (counted) {
            counted = false;
            count.release(source);
            events.closed().run();
        }
        context.fireChannelInactive();
    }
}
