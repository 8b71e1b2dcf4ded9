package org.waymark.record;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import org.waymark.Limits;

/**
 * The digest of a version of a record: one byte that names the hash, then the leaf digest of the version's header. The next
 * version names it in {@code Header.previous}. Immutable.
 */
public record RecordDigest(ByteString bytes) {

    /** The length of a digest with its first byte. */
    public static final int BYTES = 1 + Limits.DIGEST_BYTES;

    /**
     * @throws InvalidRecordException if these are not 33 bytes that start with the code of a hash
     */
    public RecordDigest {
        if (!isWellFormed(bytes)) {
            throw new InvalidRecordException("digest", "must be 33 bytes, the first one 1 (SHA-256) or 2 (SM3)");
        }
    }

    static boolean isWellFormed(ByteString bytes) {
        return bytes.size() == BYTES
                && (bytes.byteAt(0) == HashFunction.SHA_256.code() || bytes.byteAt(0) == HashFunction.SM3.code());
    }

    /**
     * Puts the byte that names the hash in front of a leaf digest.
     *
     * @param leafDigest 32 bytes
     */
    public static RecordDigest of(HashFunction hash, byte[] leafDigest) {
        byte[] bytes = new byte[BYTES];
        bytes[0] = (byte) hash.code();
        System.arraycopy(leafDigest, 0, bytes, 1, Limits.DIGEST_BYTES);
        return new RecordDigest(ByteString.copyFrom(bytes));
    }

    /** The hash that made it. */
    public HashFunction hash() {
        return bytes.byteAt(0) == HashFunction.SM3.code() ? HashFunction.SM3 : HashFunction.SHA_256;
    }

    /** For people: {@code sha-256:9f86...} or {@code sm3:...}. */
    @Override
    public String toString() {
        String name = hash() == HashFunction.SM3 ? "sm3:" : "sha-256:";
        return name + HexFormat.of().formatHex(bytes.substring(1).toByteArray());
    }
}
