package org.waymark.client.log;

import java.util.Map;

/**
 * Something that an honest node's log does not have.
 *
 * @param subject the log, or the record
 * @param message what was found, for people
 * @param evidence contents of files, by their names: what whoever doubts the finding can check
 */
public record LogFinding(Kind kind, String subject, String message, Map<String, byte[]> evidence) {

    /** What was found. */
    public enum Kind {
        /** Two states of the log that do not continue each other, both signed; or a signed state that its own tiles do not lead to. */
        FORK,
        /** The log is smaller than it was. */
        ROLLBACK,
        /** Another log than before: the registry was made anew. */
        ANOTHER_LOG,
        /** What is served as a checkpoint is none, or is not signed by the log's key. */
        BAD_CHECKPOINT,
        /** A part of the log that a checkpoint covers is missing. */
        INCOMPLETE_LOG,
        /** Entries that are not those of the tree, or are no entries. */
        CHANGED_ENTRY,
        /** The log names a version that the node does not have. */
        MISSING_RECORD,
        /** The node serves an older version than the newest one in its log. */
        ROLLED_BACK_RECORD,
        /** A version is not the one that was logged: its header or its values were changed. */
        CHANGED_RECORD,
        /** The signature of a version that is in the log does not verify. */
        UNSIGNED_RECORD,
        /** The node serves a version that its log does not have. */
        UNLOGGED_RECORD
    }

    public LogFinding {
        evidence = Map.copyOf(evidence);
    }

    /** {@code CHANGED_RECORD 88.118.8/x: ...}. */
    @Override
    public String toString() {
        return kind + " " + subject + ": " + message;
    }
}
