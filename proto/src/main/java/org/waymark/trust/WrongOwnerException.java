package org.waymark.trust;

/** The record's owner is not the prefix that may sign it. */
public final class WrongOwnerException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public WrongOwnerException(String message) {
        super(message);
    }
}
