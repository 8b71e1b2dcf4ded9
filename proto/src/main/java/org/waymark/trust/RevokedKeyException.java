package org.waymark.trust;

/** The key that signed is revoked. */
public final class RevokedKeyException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public RevokedKeyException(String message) {
        super(message);
    }
}
