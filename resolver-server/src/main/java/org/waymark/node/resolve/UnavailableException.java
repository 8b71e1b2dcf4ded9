package org.waymark.node.resolve;

/** The registry, or the way to it, is away for now. */
public class UnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
