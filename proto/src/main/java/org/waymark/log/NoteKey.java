package org.waymark.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.waymark.record.HashFunction;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.VerifyingKey;

/**
 * A key that signs notes, under a name (C2SP signed-note and tlog-cosignature). Immutable.
 *
 * @param name without spaces and plus signs
 */
public record NoteKey(String name, Type type, VerifyingKey key) {

    /** How a key signs. The first byte of its encoding says so. */
    public enum Type {
        /** A note's text, with Ed25519. */
        ED25519(0x01),
        /** That a witness has seen a checkpoint, and when, with Ed25519. */
        COSIGNATURE(0x04),
        /**
         * A note's text, with SM2 and SM3. C2SP has no number for it: 0xff, then {@code "waymark/sm2/v1" 0x00}, then the
         * SubjectPublicKeyInfo.
         */
        SM2(0xFF);

        private final int code;

        Type(int code) {
            this.code = code;
        }
    }

    private static final String COSIGNATURE_HEADER = "cosignature/v1\ntime ";
    private static final byte[] SM2_NAME = "waymark/sm2/v1\0".getBytes(StandardCharsets.US_ASCII);
    /** What a SubjectPublicKeyInfo of Ed25519 (RFC 8410) has in front of its 32 bytes. */
    private static final byte[] ED25519_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int ED25519_BYTES = 32;

    public NoteKey {
        requireName(name);
        if ((type == Type.SM2) != (key.suite() == Suite.SM2)) {
            throw new LogFormatException("a key of " + key.suite() + " makes no signatures of the type " + type);
        }
    }

    /** The key with which a log of this name signs its checkpoints. */
    public static NoteKey ofLog(String name, VerifyingKey key) {
        return new NoteKey(name, key.suite() == Suite.SM2 ? Type.SM2 : Type.ED25519, key);
    }

    /**
     * The key with which a witness of this name cosigns checkpoints.
     *
     * @throws LogFormatException if it is not of Ed25519
     */
    public static NoteKey ofWitness(String name, VerifyingKey key) {
        return new NoteKey(name, Type.COSIGNATURE, key);
    }

    /**
     * Reads what {@link #text} gives: the form in which tools of other logs take keys too.
     *
     * @throws LogFormatException if it is none
     */
    public static NoteKey parse(String text) {
        String[] parts = text.split("\\+", 3);
        if (parts.length != 3) {
            throw new LogFormatException("a key of a log is NAME+ID+KEY; \"" + text + "\" is not");
        }
        NoteKey key;
        try {
            key = decode(parts[0], Base64.getDecoder().decode(parts[2]));
        } catch (IllegalArgumentException e) {
            throw new LogFormatException("the key of " + parts[0] + " can't be read: " + e.getMessage());
        }
        if (!key.idText().equals(parts[1])) {
            throw new LogFormatException(
                    "the key of " + parts[0] + " has the id " + key.idText() + ", not " + parts[1]);
        }
        return key;
    }

    private static NoteKey decode(String name, byte[] encoded) {
        int code = encoded.length == 0 ? 0 : encoded[0] & 0xFF;
        if ((code == Type.ED25519.code || code == Type.COSIGNATURE.code) && encoded.length == 1 + ED25519_BYTES) {
            byte[] info = Arrays.copyOf(ED25519_HEAD, ED25519_HEAD.length + ED25519_BYTES);
            System.arraycopy(encoded, 1, info, ED25519_HEAD.length, ED25519_BYTES);
            Type type = code == Type.ED25519.code ? Type.ED25519 : Type.COSIGNATURE;
            return new NoteKey(name, type, VerifyingKey.decode(info));
        }
        int infoAt = 1 + SM2_NAME.length;
        if (code == Type.SM2.code
                && encoded.length > infoAt
                && Arrays.equals(encoded, 1, infoAt, SM2_NAME, 0, SM2_NAME.length)) {
            return new NoteKey(
                    name, Type.SM2, VerifyingKey.decode(Arrays.copyOfRange(encoded, infoAt, encoded.length)));
        }
        throw new LogFormatException("the key of " + name + " is of no known type");
    }

    /** {@code NAME+ID+KEY}, on one line. */
    public String text() {
        return name + "+" + idText() + "+" + Base64.getEncoder().encodeToString(encoded());
    }

    private String idText() {
        return HexFormat.of().toHexDigits(id());
    }

    private byte[] encoded() {
        byte[] info = key.encoded();
        byte[] head = type == Type.SM2 ? SM2_NAME : new byte[0];
        int from = type == Type.SM2 ? 0 : ED25519_HEAD.length;
        return ByteBuffer.allocate(1 + head.length + info.length - from)
                .put((byte) type.code)
                .put(head)
                .put(info, from, info.length - from)
                .array();
    }

    /** The number by which signatures name the key, beside its name. It does not identify the key: others may share it. */
    public int id() {
        byte[] start = (name + "\n").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(HashFunction.SHA_256.digest(start, encoded())).getInt();
    }

    static void requireName(String name) {
        boolean isName = !name.isEmpty()
                && name.codePoints()
                        .noneMatch(c -> c == '+'
                                || Character.isWhitespace(c)
                                || Character.isSpaceChar(c)
                                || Character.isISOControl(c));
        if (!isName) {
            throw new LogFormatException(
                    "a key's name has no spaces and no plus sign, and is not empty: \"" + name + "\"");
        }
    }

    /** True where the signature says that it is this key's. */
    boolean made(SignedNote.Signature signature) {
        return signature.id() == id() && signature.name().equals(name);
    }

    boolean verifies(String text, SignedNote.Signature signature) {
        if (type != Type.COSIGNATURE) {
            return key.verifies(text.getBytes(StandardCharsets.UTF_8), signature.bytes());
        }
        if (signature.bytes().length <= Long.BYTES) {
            return false;
        }
        long time = cosignedAt(signature);
        byte[] bytes = Arrays.copyOfRange(signature.bytes(), Long.BYTES, signature.bytes().length);
        return time >= 0 && key.verifies(cosigned(text, time), bytes);
    }

    private static byte[] cosigned(String text, long time) {
        return (COSIGNATURE_HEADER + time + "\n" + text).getBytes(StandardCharsets.UTF_8);
    }

    /** When a witness cosigned, in UTC epoch seconds. */
    static long cosignedAt(SignedNote.Signature signature) {
        return ByteBuffer.wrap(signature.bytes()).getLong();
    }

    /**
     * Signs a text.
     *
     * @param secret of this key
     * @param epochSeconds the time, for a cosignature
     */
    SignedNote.Signature sign(SigningKey secret, String text, long epochSeconds) {
        if (type != Type.COSIGNATURE) {
            return new SignedNote.Signature(name, id(), secret.sign(text.getBytes(StandardCharsets.UTF_8)));
        }
        byte[] signature = secret.sign(cosigned(text, epochSeconds));
        byte[] timed = ByteBuffer.allocate(Long.BYTES + signature.length)
                .putLong(epochSeconds)
                .put(signature)
                .array();
        return new SignedNote.Signature(name, id(), timed);
    }
}
