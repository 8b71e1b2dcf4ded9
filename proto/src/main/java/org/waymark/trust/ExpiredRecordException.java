package org.waymark.trust;

/** The record, or a prefix record on its chain, has expired. */
public final class ExpiredRecordException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public ExpiredRecordException(String message) {
        super(message);
    }
}
