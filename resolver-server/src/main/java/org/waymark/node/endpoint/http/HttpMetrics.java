package org.waymark.node.endpoint.http;

import java.net.SocketAddress;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.metrics.FaceMetrics;
import org.waymark.node.web.WebEvents;
import org.waymark.node.web.WebRequest;

/** Counts the connections of the HTTP face, and carries each one's count to its requests. */
public final class HttpMetrics implements WebEvents {

    private final FaceMetrics face;

    public HttpMetrics(FaceMetrics face) {
        this.face = face;
    }

    @Override
    public WebEvents connection(SocketAddress remote) {
        return new Connection(face.connection(remote));
    }

    /**
     * Where what happens on a request's connection is counted; to be used on its executor only.
     *
     * @throws IllegalArgumentException if the request came to a server whose events are not of this class
     */
    public static ConnectionMetrics of(WebRequest request) {
        if (request.events() instanceof Connection connection) {
            return connection.metrics;
        }
        throw new IllegalArgumentException("the request's connection is not counted");
    }

    private record Connection(ConnectionMetrics metrics) implements WebEvents {

        @Override
        public void connectionOpened() {
            metrics.opened();
        }

        @Override
        public void connectionClosed() {
            metrics.closed();
        }

        @Override
        public void connectionRefused() {
            metrics.refused();
        }

        @Override
        public void slowConnectionEnded() {
            metrics.slowEnded();
        }

        @Override
        public void malformedRequest() {
            metrics.malformed();
        }
    }
}
