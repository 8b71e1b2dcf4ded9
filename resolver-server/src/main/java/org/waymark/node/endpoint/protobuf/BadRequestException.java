package org.waymark.node.endpoint.protobuf;

import org.waymark.v1.Failure;

/** A client's fault. The message is for the client: what was wrong, where, and what is allowed. */
final class BadRequestException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Failure.Code code;

    BadRequestException(Failure.Code code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    static BadRequestException malformed(String message) {
        return new BadRequestException(Failure.Code.MALFORMED, message);
    }

    static BadRequestException overLimit(String message) {
        return new BadRequestException(Failure.Code.OVER_LIMIT, message);
    }

    Failure.Code code() {
        return code;
    }
}
