package org.waymark.client;

import org.waymark.v1.Failure;

/** A node refused the request as a whole; sending it again does not help. The message is the node's. */
public final class RequestRefusedException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    private final Failure.Code code;

    RequestRefusedException(Failure.Code code, String message) {
        super(message);
        this.code = code;
    }

    /** MALFORMED, UNSUPPORTED_VERSION or OVER_LIMIT; another code where the node is newer than this client. */
    public Failure.Code code() {
        return code;
    }
}
