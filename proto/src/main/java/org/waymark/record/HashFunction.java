package org.waymark.record;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Supplier;
import org.bouncycastle.crypto.digests.SM3Digest;

/** The hash of a suite. Both give 32 bytes. Safe for use by many threads. */
public enum HashFunction {
    /** SHA-256 (FIPS 180-4), for keys of Ed25519. */
    SHA_256(1) {
        private final ThreadLocal<MessageDigest> digests = ThreadLocal.withInitial(sha256());

        @Override
        public byte[] digest(byte[]... parts) {
            MessageDigest digest = digests.get();
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        }
    },
    /** SM3 (GB/T 32905-2016), for keys of SM2. */
    SM3(2) {
        private final ThreadLocal<SM3Digest> digests = ThreadLocal.withInitial(SM3Digest::new);

        @Override
        public byte[] digest(byte[]... parts) {
            SM3Digest digest = digests.get();
            for (byte[] part : parts) {
                digest.update(part, 0, part.length);
            }
            byte[] result = new byte[digest.getDigestSize()];
            digest.doFinal(result, 0);
            return result;
        }
    };

    private final int code;

    HashFunction(int code) {
        this.code = code;
    }

    private static Supplier<MessageDigest> sha256() {
        return () -> {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        };
    }

    /** The number that a {@link RecordDigest} starts with. */
    public int code() {
        return code;
    }

    /** Hashes the parts as if they were one array. */
    public abstract byte[] digest(byte[]... parts);
}
