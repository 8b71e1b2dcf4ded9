package org.waymark.record;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Supplier;
import org.bouncycastle.crypto.digests.SM3Digest;

/** The hash of a suite. Both give 32 bytes. Safe for use by many threads. */
public enum HashFunction {
    /** SHA-256 (FIPS 180-4), for keys of Ed25519. */
    SHA_256(1, Sha256::new),
    /** SM3 (GB/T 32905-2016), for keys of SM2. */
    SM3(2, Sm3::new);

    private final int code;
    private final ThreadLocal<Hasher> hashers;

    HashFunction(int code, Supplier<Hasher> hasher) {
        this.code = code;
        this.hashers = ThreadLocal.withInitial(hasher);
    }

    /** The number that a {@link RecordDigest} starts with. */
    public int code() {
        return code;
    }

    /** Hashes the parts as if they were one array. */
    public byte[] digest(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        Hasher hasher = hashers.get();
        byte[] input = hasher.input(length);
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, input, at, part.length);
            at += part.length;
        }
        return hasher.digest(input, length);
    }

    /** Hashes the start and the data as if they were one array. */
    byte[] digest(byte[] start, ByteString data) {
        int length = start.length + data.size();
        Hasher hasher = hashers.get();
        byte[] input = hasher.input(length);
        System.arraycopy(start, 0, input, 0, start.length);
        data.copyTo(input, start.length);
        return hasher.digest(input, length);
    }

    /**
     * One thread's digest. What is hashed is short, as a rule less than two blocks, so it is put together first: one update of all is
     * cheaper than several of its parts.
     */
    private abstract static class Hasher {

        private static final int ROOM = 1_024;

        private final byte[] room = new byte[ROOM];

        byte[] input(int length) {
            return length <= ROOM ? room : new byte[length];
        }

        abstract byte[] digest(byte[] input, int length);
    }

    private static final class Sha256 extends Hasher {

        private final MessageDigest digest;

        Sha256() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        @Override
        byte[] digest(byte[] input, int length) {
            digest.update(input, 0, length);
            return digest.digest();
        }
    }

    private static final class Sm3 extends Hasher {

        private final SM3Digest digest = new SM3Digest();

        @Override
        byte[] digest(byte[] input, int length) {
            digest.update(input, 0, length);
            byte[] result = new byte[digest.getDigestSize()];
            digest.doFinal(result, 0);
            return result;
        }
    }
}
