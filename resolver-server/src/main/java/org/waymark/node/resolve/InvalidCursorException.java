package org.waymark.node.resolve;

/** A scan was asked to go on from something that is no cursor. */
public final class InvalidCursorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public InvalidCursorException(String message) {
        super(message);
    }
}
