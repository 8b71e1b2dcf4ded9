package org.waymark.trust;

/** A signature does not verify: the header, its path or the signature was changed, or another key signed. */
public final class BadSignatureException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public BadSignatureException(String message) {
        super(message);
    }
}
