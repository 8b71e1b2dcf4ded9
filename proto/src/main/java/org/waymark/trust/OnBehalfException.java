package org.waymark.trust;

/** A key signed on the registrant's behalf, where the registrant's own signature is required. */
public final class OnBehalfException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public OnBehalfException(String message) {
        super(message);
    }
}
