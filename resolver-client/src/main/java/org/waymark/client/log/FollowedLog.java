package org.waymark.client.log;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.waymark.log.Checkpoint;
import org.waymark.log.LogFormatException;
import org.waymark.log.SignedNote;
import org.waymark.log.TiledTree;
import org.waymark.log.TreeProof;

/** Goes from one checkpoint of a log to the next. */
final class FollowedLog {

    private final LogSource source;
    private final LogKeys keys;

    FollowedLog(LogSource source, LogKeys keys) {
        this.source = source;
        this.keys = keys;
    }

    /** A state of the log, and the note that says so. */
    record State(SignedNote note, Checkpoint checkpoint) {

        static State of(SignedNote note) {
            return new State(note, Checkpoint.of(note));
        }

        long size() {
            return checkpoint.head().size();
        }
    }

    /** Thrown where the log goes wrong. */
    static final class WrongLogException extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient LogFinding finding;

        WrongLogException(LogFinding finding) {
            super(finding.toString());
            this.finding = finding;
        }

        LogFinding finding() {
            return finding;
        }
    }

    /**
     * The newest checkpoint, signed and continuing the one before.
     *
     * @param before empty: there is none
     */
    State next(Optional<State> before) throws WrongLogException {
        byte[] bytes = source.fetch("checkpoint")
                .orElseThrow(() -> wrong(
                        LogFinding.Kind.INCOMPLETE_LOG,
                        "log",
                        "the node serves no checkpoint",
                        before,
                        Optional.empty()));
        State next = verified(bytes, before);
        if (before.isPresent()) {
            requireContinues(before.get(), next);
        }
        return next;
    }

    private State verified(byte[] bytes, Optional<State> before) throws WrongLogException {
        try {
            SignedNote note = SignedNote.parse(bytes);
            Checkpoint checkpoint =
                    Checkpoint.verified(note, keys.of(Checkpoint.of(note).origin()));
            return new State(note, checkpoint);
        } catch (LogFormatException e) {
            throw new WrongLogException(new LogFinding(
                    LogFinding.Kind.BAD_CHECKPOINT,
                    before.map(state -> state.checkpoint().origin()).orElse("log"),
                    e.getMessage(),
                    Map.of("checkpoint.txt", bytes)));
        }
    }

    private void requireContinues(State before, State next) throws WrongLogException {
        String origin = before.checkpoint().origin();
        if (!origin.equals(next.checkpoint().origin())) {
            throw wrong(
                    LogFinding.Kind.ANOTHER_LOG,
                    origin,
                    "the node serves the log " + next.checkpoint().origin() + " now: its registry was made anew",
                    Optional.of(before),
                    Optional.of(next));
        }
        if (next.size() < before.size()) {
            throw wrong(
                    LogFinding.Kind.ROLLBACK,
                    origin,
                    "the log has " + next.size() + " commits; it had " + before.size(),
                    Optional.of(before),
                    Optional.of(next));
        }
        boolean continues;
        try {
            List<byte[]> proof =
                    new TiledTree(new LogTiles(source, next.size()), next.size()).consistency(before.size());
            continues = TreeProof.continues(
                    before.checkpoint().head(), next.checkpoint().head(), proof);
        } catch (LogFormatException e) {
            throw wrong(LogFinding.Kind.INCOMPLETE_LOG, origin, e.getMessage(), Optional.of(before), Optional.of(next));
        }
        if (!continues) {
            throw wrong(
                    LogFinding.Kind.FORK,
                    origin,
                    "the log of " + next.size() + " commits does not continue the one of " + before.size()
                            + " that was signed before: commits were changed or left out",
                    Optional.of(before),
                    Optional.of(next));
        }
    }

    static WrongLogException wrong(
            LogFinding.Kind kind, String subject, String message, Optional<State> before, Optional<State> after) {
        Map<String, byte[]> evidence = new LinkedHashMap<>();
        before.ifPresent(
                state -> evidence.put("checkpoint-before.txt", state.note().encoded()));
        after.ifPresent(state -> evidence.put("checkpoint.txt", state.note().encoded()));
        return new WrongLogException(new LogFinding(kind, subject, message, evidence));
    }
}
