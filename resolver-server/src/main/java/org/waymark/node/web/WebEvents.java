package org.waymark.node.web;

import java.net.SocketAddress;

/** Is told what goes on at a server, for metrics. Called on event loops, so it must not block. */
public interface WebEvents {

    /** Tells nobody. */
    WebEvents NONE = new WebEvents() {};

    /**
     * Who is told of one connection, which was accepted just now. Its events, and the requests that carry it along, are all on the
     * event loop of the connection.
     */
    default WebEvents connection(SocketAddress remote) {
        return this;
    }

    default void connectionOpened() {}

    default void connectionClosed() {}

    /** One over the limit was closed. */
    default void connectionRefused() {}

    /** A client that sent or took too slowly was let go. */
    default void slowConnectionEnded() {}

    /** Something came in that is not HTTP as it has to be, or is over a limit. */
    default void malformedRequest() {}
}
