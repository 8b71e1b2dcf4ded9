package org.waymark.client;

/** No node can be reached, the connection to it ended, or it can't reach its registry. */
public class NodeUnavailableException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    NodeUnavailableException(String message) {
        super(message);
    }

    NodeUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
