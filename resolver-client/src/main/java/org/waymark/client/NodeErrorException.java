package org.waymark.client;

/** A node failed at the request. The message is the node's. */
public final class NodeErrorException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    public NodeErrorException(String message) {
        super(message);
    }
}
