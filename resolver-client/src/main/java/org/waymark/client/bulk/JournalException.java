package org.waymark.client.bulk;

import java.io.IOException;

/** An import can't be begun or continued because of its journal; the message says why. */
public final class JournalException extends IOException {

    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /** What is wrong. */
    public enum Problem {
        /** The journal of an import that was interrupted is there. */
        UNFINISHED,
        /** The journal belongs to an import of something else. */
        OTHER_IMPORT,
        /** Another import is writing the journal. */
        IN_USE,
        /** The file is no journal. */
        NO_JOURNAL
    }

    JournalException(Problem problem, String message) {
        super(message);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
