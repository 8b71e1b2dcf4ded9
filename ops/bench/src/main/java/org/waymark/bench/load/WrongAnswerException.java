package org.waymark.bench.load;

/** The server gave an answer that is not the right one: what was measured is worth nothing. */
public final class WrongAnswerException extends RuntimeException {

    private static final long serialVersionUID = 1;

    WrongAnswerException(String message) {
        super(message);
    }
}
