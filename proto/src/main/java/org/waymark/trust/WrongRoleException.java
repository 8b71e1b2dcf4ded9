package org.waymark.trust;

/** The key that signed has not the role that this needs. */
public final class WrongRoleException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public WrongRoleException(String message) {
        super(message);
    }
}
