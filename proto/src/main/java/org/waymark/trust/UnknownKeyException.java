package org.waymark.trust;

/** The owner's prefix record does not hold the key that signed. */
public final class UnknownKeyException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public UnknownKeyException(String message) {
        super(message);
    }
}
