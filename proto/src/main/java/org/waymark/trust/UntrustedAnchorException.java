package org.waymark.trust;

/** The chain does not start at a configured anchor. */
public final class UntrustedAnchorException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public UntrustedAnchorException(String message) {
        super(message);
    }
}
