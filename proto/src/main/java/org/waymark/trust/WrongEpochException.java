package org.waymark.trust;

/** The record belongs to an epoch of its owner that has ended, or has not begun. */
public final class WrongEpochException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public WrongEpochException(String message) {
        super(message);
    }
}
