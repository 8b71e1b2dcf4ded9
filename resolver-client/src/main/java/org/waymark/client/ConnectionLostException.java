package org.waymark.client;

/** The connection ended before the answer came. Whether the node did what was asked is not known. */
public final class ConnectionLostException extends NodeUnavailableException {

    private static final long serialVersionUID = 1L;

    private final boolean sent;

    ConnectionLostException(String message, Throwable cause, boolean sent) {
        super(message, cause);
        this.sent = sent;
    }

    /** False where the request had not left this client yet. */
    boolean wasSent() {
        return sent;
    }
}
