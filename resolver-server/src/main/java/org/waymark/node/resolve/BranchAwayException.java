package org.waymark.node.resolve;

/** Other nodes, which were to be asked for a client, gave no answer. The message is for the client. */
public final class BranchAwayException extends UnavailableException {

    private static final long serialVersionUID = 1L;

    public BranchAwayException(String message, Throwable cause) {
        super(message, cause);
    }
}
