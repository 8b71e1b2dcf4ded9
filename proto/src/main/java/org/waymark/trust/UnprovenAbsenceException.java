package org.waymark.trust;

/** A node says that there is no record, and does not prove it where it could, or where that is required. */
public final class UnprovenAbsenceException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public UnprovenAbsenceException(String message) {
        super(message);
    }
}
