package org.waymark.client.log;

import java.util.Optional;
import org.waymark.client.log.FollowedLog.State;
import org.waymark.client.log.FollowedLog.WrongLogException;
import org.waymark.log.Checkpoint;
import org.waymark.log.NoteKey;
import org.waymark.log.SignedNote;
import org.waymark.trust.SigningKey;

/**
 * Cosigns checkpoints of a log (C2SP tlog-cosignature): says that it has seen this state, and no state before that this one does not
 * continue. Whoever holds a checkpoint that witnesses have cosigned knows that others were shown the same log. It does not look into
 * the records. Not safe for use by many threads.
 */
public final class LogWitness {

    private final FollowedLog log;
    private final String name;
    private final SigningKey key;

    /**
     * @param name of the witness, without spaces and plus signs
     * @param key of Ed25519, for this witness and nothing else
     */
    public LogWitness(LogSource source, LogKeys keys, String name, SigningKey key) {
        NoteKey.ofWitness(name, key.verifyingKey());
        this.log = new FollowedLog(source, keys);
        this.name = name;
        this.key = key;
    }

    /** What a node has to be configured with to keep this witness's cosignatures. */
    public NoteKey verifier() {
        return NoteKey.ofWitness(name, key.verifyingKey());
    }

    /**
     * What became of a checkpoint.
     *
     * @param checkpoint with the cosignature; it has to be kept before the cosignature is given to anybody. Empty where it was not cosigned
     * @param cosignature the line
     * @param finding why it was not cosigned
     */
    public record Outcome(Optional<SignedNote> checkpoint, String cosignature, Optional<LogFinding> finding) {}

    /**
     * Reads the newest checkpoint and cosigns it, if it continues the last one.
     *
     * @param last what was cosigned before; empty for the first time
     * @param epochSeconds UTC epoch seconds
     */
    public Outcome cosign(Optional<SignedNote> last, long epochSeconds) {
        try {
            SignedNote note = log.next(last.map(State::of)).note();
            SignedNote.Signature cosignature = Checkpoint.cosign(note, name, key, epochSeconds);
            return new Outcome(
                    Optional.of(note.without(cosignature).with(java.util.List.of(cosignature))),
                    cosignature.line(),
                    Optional.empty());
        } catch (WrongLogException e) {
            return new Outcome(Optional.empty(), "", Optional.of(e.finding()));
        }
    }
}
