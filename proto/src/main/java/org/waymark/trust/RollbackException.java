package org.waymark.trust;

/** An older version than one that was seen before: somebody replays it. */
public final class RollbackException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public RollbackException(String message) {
        super(message);
    }
}
