package org.waymark.node.endpoint.protobuf;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
import org.waymark.node.metrics.ConnectionMetrics;

/** Closes a connection at once where there are too many. One for each connection; they share the count. */
final class ConnectionLimit extends ChannelInboundHandlerAdapter {

    private final AtomicInteger connections;
    private final int maxConnections;
    private final ConnectionMetrics metrics;
    private boolean counted;

    ConnectionLimit(AtomicInteger connections, int maxConnections, ConnectionMetrics metrics) {
        this.connections = connections;
        this.maxConnections = maxConnections;
        this.metrics = metrics;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (connections.incrementAndGet() > maxConnections) {
            connections.decrementAndGet();
            metrics.refused();
            context.close();
            return;
        }
        counted = true;
        metrics.opened();
        context.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (counted) {
            counted = false;
            connections.decrementAndGet();
            metrics.closed();
        }
        context.fireChannelInactive();
    }
}
