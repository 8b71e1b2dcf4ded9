package org.waymark.client;

/** A node, or this client's own queue, is over a limit for now. Try again after a while. */
public final class NodeBusyException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    NodeBusyException(String message) {
        super(message);
    }
}
