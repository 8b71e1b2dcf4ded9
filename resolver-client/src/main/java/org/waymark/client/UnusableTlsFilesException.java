package org.waymark.client;

/** The files that a client was given for TLS can't be used; the message says which and why. */
public final class UnusableTlsFilesException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    UnusableTlsFilesException(String message, Throwable cause) {
        super(message, cause);
    }
}
