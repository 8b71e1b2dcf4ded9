package org.waymark.node.web;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.waymark.node.endpoint.TcpListener;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.endpoint.UnsentBytes;

/** An HTTP server, with TLS 1.3 and 1.2 where it has a certificate. Methods may be called from any thread. */
public final class WebServer {

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1_024, 128 * 1_024);

    private final WebOptions options;
    private final Router router;
    private final WebEvents events;
    private final UnsentBytes unsent;
    private final TcpListener listener;

    /** A server that doesn't listen yet. */
    public WebServer(WebOptions options, Transport transport, Router router, WebEvents events) {
        this.options = options;
        this.router = router;
        this.events = events;
        this.unsent = new UnsentBytes(options.maxUnsentBytes());
        TcpListener.Options listening = new TcpListener.Options(
                options.host(),
                options.port(),
                options.tls(),
                options.headerTimeout(),
                options.maxConnections(),
                options.maxConnectionsPerSource(),
                WATER_MARK);
        this.listener = new TcpListener(listening, transport, this::lay);
    }

    /**
     * Listens. To be called once.
     *
     * @throws IOException if the address can't be listened on, or certificate and key can't be used; the message says which and why
     */
    public void start() throws IOException {
        listener.start();
    }

    private TcpListener.Events lay(Channel channel) {
        WebEvents told = events.connection(channel.remoteAddress());
        RequestDecoder decoder = new RequestDecoder(options);
        channel.pipeline()
                .addLast(decoder)
                .addLast(new HttpConnection(options, router, told, unsent, decoder, listener.isSecure()));
        return new TcpListener.Events(told::connectionOpened, told::connectionRefused, told::connectionClosed);
    }

    /**
     * Where the server listens; tells the port where any free one was asked for.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public InetSocketAddress address() {
        return listener.address();
    }

    /**
     * Stops listening, closes idle connections, answers what was read, and closes. Does nothing where it was not started. Blocks until
     * all is closed.
     *
     * @param drain how long answers may take; after that connections are closed without them
     */
    public void stop(Duration drain) {
        listener.stop(HttpConnection.GOING_AWAY, drain);
    }
}
