package org.waymark.node.web;

import io.netty.handler.codec.http.HttpRequest;
import java.io.ByteArrayOutputStream;

/** One request of a connection and, when it is there, its answer. Used on the connection's event loop only. */
final class Exchange {

    final boolean head;
    final boolean http10;
    /** What the head said; null where the request is answered without a handler. */
    final HttpRequest request;

    final String target;
    final String path;
    final Router.Resource resource;
    final Router.Route route;

    /** Bytes of a body that is gathered. */
    ByteArrayOutputStream whole;
    /** A body that is streamed. */
    RequestBody streamed;

    boolean keepAlive;
    boolean received;
    boolean continueDue;
    WebResponse response;

    Exchange(
            boolean head,
            boolean http10,
            HttpRequest request,
            String target,
            String path,
            Router.Resource resource,
            Router.Route route) {
        this.head = head;
        this.http10 = http10;
        this.request = request;
        this.target = target;
        this.path = path;
        this.resource = resource;
        this.route = route;
    }
}
