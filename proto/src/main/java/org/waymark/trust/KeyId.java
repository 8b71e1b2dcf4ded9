package org.waymark.trust;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import org.waymark.Limits;
import org.waymark.record.HashFunction;

/** A key's name: the SHA-256 of its SubjectPublicKeyInfo (DER), whatever its suite. Immutable. */
public record KeyId(ByteString bytes) {

    /**
     * @throws IllegalArgumentException if these are not 32 bytes
     */
    public KeyId {
        if (bytes.size() != Limits.DIGEST_BYTES) {
            throw new IllegalArgumentException("a key id has 32 bytes, not " + bytes.size());
        }
    }

    static KeyId ofPublicKey(byte[] subjectPublicKeyInfo) {
        return new KeyId(ByteString.copyFrom(HashFunction.SHA_256.digest(subjectPublicKeyInfo)));
    }

    /**
     * Reads 64 hexadecimal digits.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static KeyId parse(String hex) {
        if (hex.length() != 2 * Limits.DIGEST_BYTES) {
            throw new IllegalArgumentException("a key id has 64 hexadecimal digits, not " + hex.length());
        }
        return new KeyId(ByteString.copyFrom(HexFormat.of().parseHex(hex)));
    }

    /** The first 16 hexadecimal digits: enough for people to tell keys apart. */
    public String shortText() {
        return toString().substring(0, 16);
    }

    /** 64 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
