package org.waymark.log;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.waymark.trust.SigningKey;

/**
 * A state of a log, by its name (C2SP tlog-checkpoint). Lines after the third are kept in {@link SignedNote#text} and say nothing here.
 *
 * @param origin names the log, and the keys that sign for it
 */
public record Checkpoint(String origin, TreeHead head) {

    private static final Pattern SIZE = Pattern.compile("0|[1-9][0-9]{0,16}");
    private static final long MAX_SIZE = 1L << 55;

    /**
     * The name of a node's log.
     *
     * @param prefix {@code scheme:prefix} of what the node stands for; empty where it stands for nothing
     * @param incarnation of its registry: a registry that was made anew has a log of its own
     */
    public static String origin(String prefix, String incarnation) {
        StringBuilder origin = new StringBuilder();
        for (byte b : prefix.getBytes(StandardCharsets.UTF_8)) {
            boolean isPlain = b > ' ' && b < 0x7F && b != '+' && b != '%' && b != '/';
            origin.append(isPlain ? String.valueOf((char) b) : String.format("%%%02X", b));
        }
        return (origin.isEmpty() ? "" : origin + "/") + incarnation;
    }

    /**
     * Reads what a note says. It is true only where the note was verified.
     *
     * @throws LogFormatException if it is no checkpoint
     */
    public static Checkpoint of(SignedNote note) {
        String[] lines = note.text().split("\n", -1);
        if (lines.length < 4 || lines[0].isEmpty()) {
            throw new LogFormatException("a checkpoint has three lines: origin, size and root");
        }
        Matcher size = SIZE.matcher(lines[1]);
        if (!size.matches() || Long.parseLong(lines[1]) > MAX_SIZE) {
            throw new LogFormatException("the second line of a checkpoint is the tree's size, 0 to " + MAX_SIZE
                    + "; this one is \"" + lines[1] + "\"");
        }
        byte[] root;
        try {
            root = Base64.getDecoder().decode(lines[2]);
        } catch (IllegalArgumentException e) {
            throw new LogFormatException("the third line of a checkpoint is the root in base64; this one is not");
        }
        if (!Base64.getEncoder().encodeToString(root).equals(lines[2])) {
            throw new LogFormatException("the third line of a checkpoint is the root in base64, with its padding");
        }
        return new Checkpoint(lines[0], new TreeHead(Long.parseLong(lines[1]), ByteString.copyFrom(root)));
    }

    /**
     * Reads a note, and believes it where one of these keys has signed it.
     *
     * @throws LogFormatException if it is no checkpoint, or none of the keys has signed it
     */
    public static Checkpoint verified(SignedNote note, List<NoteKey> keys) {
        Checkpoint checkpoint = of(note);
        if (note.verify(keys).isEmpty()) {
            throw new LogFormatException(
                    "the checkpoint of " + checkpoint.origin + " is signed by none of the log's keys");
        }
        return checkpoint;
    }

    /** The text that is signed. */
    public String text() {
        return origin + "\n" + head.size() + "\n"
                + Base64.getEncoder().encodeToString(head.root().toByteArray()) + "\n";
    }

    /** Signs this checkpoint as the log's, with each of these keys. */
    public SignedNote sign(List<SigningKey> keys) {
        return new SignedNote(
                text(),
                keys.stream()
                        .map(key -> NoteKey.ofLog(origin, key.verifyingKey()).sign(key, text(), 0))
                        .toList());
    }

    /**
     * The cosignature of a witness, which has checked that this checkpoint continues those it saw before.
     *
     * @param witness the name of the witness
     * @param key of Ed25519
     * @param epochSeconds UTC epoch seconds
     */
    public static SignedNote.Signature cosign(SignedNote note, String witness, SigningKey key, long epochSeconds) {
        return NoteKey.ofWitness(witness, key.verifyingKey()).sign(key, note.text(), epochSeconds);
    }
}
