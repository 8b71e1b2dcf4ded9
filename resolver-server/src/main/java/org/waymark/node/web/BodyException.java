package org.waymark.node.web;

import java.io.IOException;

/** A request's body did not come whole. The message is for the client. */
public final class BodyException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    BodyException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The status that says so: 400, 408 or 413. */
    public int status() {
        return status;
    }
}
