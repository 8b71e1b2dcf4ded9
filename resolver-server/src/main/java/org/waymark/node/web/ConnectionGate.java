package org.waymark.node.web;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/** Closes a connection at once where there are too many. One for each connection; they share the count. */
final class ConnectionGate extends ChannelInboundHandlerAdapter {

    private final AtomicInteger connections;
    private final int maxConnections;
    private final WebEvents events;
    private boolean counted;

    ConnectionGate(AtomicInteger connections, int maxConnections, WebEvents events) {
        this.connections = connections;
        this.maxConnections = maxConnections;
        this.events = events;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (connections.incrementAndGet() > maxConnections) {
            connections.decrementAndGet();
            events.connectionRefused();
            context.close();
            return;
        }
        counted = true;
        events.connectionOpened();
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (counted) {
            counted = false;
            connections.decrementAndGet();
            events.connectionClosed();
        }
        context.fireChannelInactive();
    }
}
