package org.waymark.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * That an entry is in a log, to be checked without asking anybody (C2SP tlog-proof): where it is, the way from there to the root, and the
 * checkpoint that the root is from. Extra data is not taken.
 *
 * @param leaf the entry's place, from 0
 * @param hashes 32 bytes each
 * @param checkpoint as it was signed
 */
public record LogProof(long leaf, List<byte[]> hashes, SignedNote checkpoint) {

    private static final String FIRST_LINE = "c2sp.org/tlog-proof@v1\n";
    private static final String INDEX = "index ";
    private static final int MAX_HASHES = 63;
    private static final int MAX_BYTES = SignedNote.MAX_BYTES + 4_096;

    public LogProof {
        hashes = List.copyOf(hashes);
    }

    /**
     * Reads a proof.
     *
     * @throws LogFormatException if it is none
     */
    public static LogProof parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new LogFormatException("a proof has at most " + MAX_BYTES + " bytes, not " + bytes.length);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        int end = text.indexOf("\n\n");
        if (!text.startsWith(FIRST_LINE + INDEX) || end < 0) {
            throw new LogFormatException("a proof begins with " + FIRST_LINE.strip()
                    + " and the index, and has an empty" + " line in front of its checkpoint");
        }
        String[] lines =
                text.substring(FIRST_LINE.length() + INDEX.length(), end).split("\n", -1);
        if (!lines[0].matches("0|[1-9][0-9]{0,16}") || lines.length - 1 > MAX_HASHES) {
            throw new LogFormatException("a proof has an index and at most " + MAX_HASHES + " hashes");
        }
        List<byte[]> hashes = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            hashes.add(hash(lines[i]));
        }
        SignedNote checkpoint = SignedNote.parse(text.substring(end + 2).getBytes(StandardCharsets.UTF_8));
        // Read here, so that what is no checkpoint is refused as no proof.
        Checkpoint.of(checkpoint);
        return new LogProof(Long.parseLong(lines[0]), hashes, checkpoint);
    }

    private static byte[] hash(String line) {
        byte[] hash;
        try {
            hash = Base64.getDecoder().decode(line);
        } catch (IllegalArgumentException e) {
            throw new LogFormatException("a hash of the proof is no base64");
        }
        if (hash.length != LogHash.BYTES
                || !Base64.getEncoder().encodeToString(hash).equals(line)) {
            throw new LogFormatException("a hash of the proof is not the base64 of " + LogHash.BYTES + " bytes");
        }
        return hash;
    }

    /** The proof's bytes. */
    public byte[] encoded() {
        StringBuilder text =
                new StringBuilder(FIRST_LINE).append(INDEX).append(leaf).append('\n');
        hashes.forEach(
                hash -> text.append(Base64.getEncoder().encodeToString(hash)).append('\n'));
        return text.append('\n')
                .append(new String(checkpoint.encoded(), StandardCharsets.UTF_8))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * True where the proof leads from the entry to the root of its checkpoint. Whether that is signed is for {@link Checkpoint#verified}
     * to say.
     */
    public boolean proves(byte[] entry) {
        return TreeProof.includes(Checkpoint.of(checkpoint).head(), leaf, LogHash.leaf(entry), hashes);
    }
}
