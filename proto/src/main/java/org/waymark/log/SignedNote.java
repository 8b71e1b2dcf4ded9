package org.waymark.log;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Text with signatures (C2SP signed-note). What it says is to be believed only where {@link #verify} has found a signature of a key that
 * is trusted. Immutable.
 *
 * @param text whole lines: it ends with a newline
 */
public record SignedNote(String text, List<Signature> signatures) {

    /** A note's bytes. */
    public static final int MAX_BYTES = 64 * 1_024;

    /** Signatures of one note. */
    public static final int MAX_SIGNATURES = 64;

    private static final String LINE_START = "\u2014 ";

    public SignedNote {
        signatures = List.copyOf(signatures);
    }

    /**
     * One line.
     *
     * @param name of the key
     * @param id of the key
     * @param bytes the signature, in the form of the key's type
     */
    public record Signature(String name, int id, byte[] bytes) {

        /** The line, with its newline. */
        public String line() {
            byte[] data = ByteBuffer.allocate(Integer.BYTES + bytes.length)
                    .putInt(id)
                    .put(bytes)
                    .array();
            return LINE_START + name + " " + Base64.getEncoder().encodeToString(data) + "\n";
        }
    }

    /**
     * Reads a note.
     *
     * @throws LogFormatException if it is none
     */
    public static SignedNote parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new LogFormatException("a note has at most " + MAX_BYTES + " bytes, not " + bytes.length);
        }
        String note;
        try {
            note = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new LogFormatException("a note is UTF-8; this one is not");
        }
        if (note.chars().anyMatch(c -> c < ' ' && c != '\n')) {
            throw new LogFormatException("a note has no control characters but newlines; this one has");
        }
        int end = note.lastIndexOf("\n\n");
        if (end < 0) {
            throw new LogFormatException("the note has no empty line between its text and its signatures");
        }
        List<Signature> signatures = parseLines(note.substring(end + 2));
        if (signatures.isEmpty()) {
            throw new LogFormatException("the note has no signature");
        }
        return new SignedNote(note.substring(0, end + 1), signatures);
    }

    /**
     * Reads lines of signatures alone.
     *
     * @param lines each with its newline
     * @throws LogFormatException if they are none
     */
    public static List<Signature> parseLines(String lines) {
        if (!lines.isEmpty() && !lines.endsWith("\n")) {
            throw new LogFormatException("a line of a signature ends with a newline; the last one does not");
        }
        List<Signature> signatures = new ArrayList<>();
        for (int from = 0; from < lines.length(); ) {
            int to = lines.indexOf('\n', from);
            if (signatures.size() == MAX_SIGNATURES) {
                throw new LogFormatException("a note has at most " + MAX_SIGNATURES + " signatures");
            }
            signatures.add(parseLine(lines.substring(from, to)));
            from = to + 1;
        }
        return signatures;
    }

    private static Signature parseLine(String line) {
        int space = line.indexOf(' ', LINE_START.length());
        if (!line.startsWith(LINE_START) || space < 0) {
            throw new LogFormatException(
                    "a line of a signature is: an em dash, the key's name, the signature in base64");
        }
        String name = line.substring(LINE_START.length(), space);
        NoteKey.requireName(name);
        byte[] data;
        try {
            data = Base64.getDecoder().decode(line.substring(space + 1));
        } catch (IllegalArgumentException e) {
            throw new LogFormatException("the signature of " + name + " is no base64");
        }
        if (data.length <= Integer.BYTES) {
            throw new LogFormatException(
                    "the signature of " + name + " has " + data.length + " bytes; it has more than " + Integer.BYTES);
        }
        byte[] signature = new byte[data.length - Integer.BYTES];
        int id = ByteBuffer.wrap(data).getInt();
        System.arraycopy(data, Integer.BYTES, signature, 0, signature.length);
        Signature read = new Signature(name, id, signature);
        if (!read.line().equals(line + "\n")) {
            throw new LogFormatException("the signature of " + name + " is no base64 in its one form");
        }
        return read;
    }

    /** The note's bytes. */
    public byte[] encoded() {
        StringBuilder note = new StringBuilder(text).append('\n');
        signatures.forEach(signature -> note.append(signature.line()));
        return note.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** This note without signatures of the key that made this one. */
    public SignedNote without(Signature signature) {
        return new SignedNote(
                text,
                signatures.stream()
                        .filter(other ->
                                other.id() != signature.id() || !other.name().equals(signature.name()))
                        .toList());
    }

    /** This note with further signatures. */
    public SignedNote with(List<Signature> more) {
        List<Signature> all = new ArrayList<>(signatures);
        all.addAll(more);
        return new SignedNote(text, all);
    }

    /**
     * Which of these keys have signed the note; signatures of other keys are passed over.
     *
     * @throws LogFormatException if a signature claims to be of one of these keys and is not
     */
    public List<NoteKey> verify(List<NoteKey> keys) {
        List<NoteKey> signers = new ArrayList<>();
        for (Signature signature : signatures) {
            for (NoteKey key : keys) {
                if (key.made(signature)) {
                    if (!key.verifies(text, signature)) {
                        throw new LogFormatException("the signature of " + key.name() + " does not verify: text or"
                                + " signature was changed");
                    }
                    if (!signers.contains(key)) {
                        signers.add(key);
                    }
                }
            }
        }
        return List.copyOf(signers);
    }
}
