package org.waymark.trust;

/** A prefix record has changed without the consent of a key of the version before. */
public final class MissingConsentException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public MissingConsentException(String message) {
        super(message);
    }
}
