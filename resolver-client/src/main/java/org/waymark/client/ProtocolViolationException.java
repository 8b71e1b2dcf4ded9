package org.waymark.client;

/** A node sent what the protocol does not allow. The connection to it is closed. */
public final class ProtocolViolationException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    ProtocolViolationException(String message) {
        super(message);
    }

    ProtocolViolationException(String message, Throwable cause) {
        super(message, cause);
    }
}
