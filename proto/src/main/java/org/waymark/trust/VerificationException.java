package org.waymark.trust;

/** Something that was received does not verify. The type names what happened; the message says to what. */
public abstract class VerificationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    VerificationException(String message) {
        super(message);
    }
}
