package org.waymark.node.resolve;

/** Too much to do for now; try again after a while. */
public final class BusyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BusyException(String message) {
        super(message);
    }
}
