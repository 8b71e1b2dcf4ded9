package org.waymark.client.cli;

/** The command was called in a way that can't work; the message says how it can. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
