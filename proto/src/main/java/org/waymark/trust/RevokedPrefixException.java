package org.waymark.trust;

/** A prefix on the chain is revoked. */
public final class RevokedPrefixException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public RevokedPrefixException(String message) {
        super(message);
    }
}
