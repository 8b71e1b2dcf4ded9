package org.waymark.trust;

/** The values of a record are not those that were signed. */
public final class TamperedRecordException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public TamperedRecordException(String message) {
        super(message);
    }
}
