package org.waymark.trust;

/** A record is not in the log of the node that gave it out, or the log says something else of it. */
public final class NotLoggedException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public NotLoggedException(String message) {
        super(message);
    }
}
