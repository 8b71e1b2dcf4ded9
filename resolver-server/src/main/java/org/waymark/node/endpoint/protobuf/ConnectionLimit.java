package org.waymark.node.endpoint.protobuf;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
import org.waymark.node.metrics.NodeMetrics;

/** Closes a connection at once where there are too many. One for each connection; they share the count. */
final class ConnectionLimit extends ChannelInboundHandlerAdapter {

    private final AtomicInteger connections;
    private final int maxConnections;
    private final NodeMetrics metrics;
    private boolean counted;

    ConnectionLimit(AtomicInteger connections, int maxConnections, NodeMetrics metrics) {
        this.connections = connections;
        this.maxConnections = maxConnections;
        this.metrics = metrics;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (connections.incrementAndGet() > maxConnections) {
            connections.decrementAndGet();
            metrics.connectionRefused();
            context.close();
            return;
        }
        counted = true;
        metrics.connectionOpened();
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (counted) {
            counted = false;
            connections.decrementAndGet();
            metrics.connectionClosed();
        }
        context.fireChannelInactive();
    }
}
