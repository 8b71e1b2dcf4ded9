package org.waymark.client;

/** The client was closed before the request was answered. */
public final class ClientClosedException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    ClientClosedException(String message) {
        super(message);
    }
}
