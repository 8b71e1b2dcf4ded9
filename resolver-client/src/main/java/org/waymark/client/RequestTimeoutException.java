package org.waymark.client;

/** No answer came within the request's time. Whether the node did what was asked is not known. */
public final class RequestTimeoutException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    RequestTimeoutException(String message) {
        super(message);
    }
}
