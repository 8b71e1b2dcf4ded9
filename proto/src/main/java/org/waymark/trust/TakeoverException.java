package org.waymark.trust;

/** The parent replaced a prefix's keys without their consent: the epoch has risen. */
public final class TakeoverException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public TakeoverException(String message) {
        super(message);
    }
}
