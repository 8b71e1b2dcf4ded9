package org.waymark.node.endpoint.http.handles;

/** Response codes of the Handle System (RFC 3652, section 2.2.2.2), and the statuses that Handle.Net servers give them over HTTP. */
enum HandleCode {
    SUCCESS(1, 200),
    ERROR(2, 500),
    SERVER_BUSY(3, 503),
    PROTOCOL_ERROR(4, 400),
    HANDLE_NOT_FOUND(100, 404),
    INVALID_HANDLE(102, 400),
    /** The handle is there, the values that were asked for are not: so it is an answer, not a failure. */
    VALUES_NOT_FOUND(200, 200),
    NOT_RESPONSIBLE(301, 400),
    SERVICE_REFERRAL(302, 400);

    private final int code;
    private final int status;

    HandleCode(int code, int status) {
        this.code = code;
        this.status = status;
    }

    /** As {@code responseCode} has it. */
    int code() {
        return code;
    }

    /** The status of the answer. */
    int status() {
        return status;
    }
}
