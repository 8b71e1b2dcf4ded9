package org.waymark.trust;

/** The answer is a record of another identifier than the one that was asked for. */
public final class WrongIdentifierException extends VerificationException {

    private static final long serialVersionUID = 1L;

    public WrongIdentifierException(String message) {
        super(message);
    }
}
