package org.waymark.client;

/**
 * What the SDK throws when a request was not answered. What was answered and does not verify is an
 * {@link org.waymark.trust.VerificationException} instead.
 */
public abstract class WaymarkException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    WaymarkException(String message) {
        super(message);
    }

    WaymarkException(String message, Throwable cause) {
        super(message, cause);
    }
}
