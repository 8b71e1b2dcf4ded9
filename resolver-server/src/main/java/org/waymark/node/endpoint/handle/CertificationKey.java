package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import org.waymark.trust.HandleKey;
import org.waymark.trust.KeyFile;

/**
 * The key that a node certifies its answers with: RSA with SHA-256, since clients of this protocol know RSA and DSA only. It proves
 * which node answered, and nothing about the record. Immutable, safe for use by many threads. Never shows its secret.
 */
public final class CertificationKey {

    private static final int LEAST_BITS = 2_048;
    private static final int MOST_BITS = 4_096;
    private static final String ALGORITHM = "SHA256withRSA";
    private static final byte[] HASH_NAME = "SHA-256".getBytes(StandardCharsets.US_ASCII);

    private final RSAPrivateCrtKey key;

    private CertificationKey(RSAPrivateCrtKey key) {
        this.key = key;
    }

    /**
     * Reads a private key (PEM, PKCS#8).
     *
     * @throws IOException if the file can't be read, is readable by others than its owner, or holds no RSA key of 2,048 to 4,096
     *     bits; the message names the file
     */
    public static CertificationKey read(Path file) throws IOException {
        byte[] encoded = KeyFile.readPrivateKeyInfo(file);
        RSAPrivateCrtKey key;
        try {
            key = (RSAPrivateCrtKey) KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | ClassCastException e) {
            throw new IOException(file + " holds no RSA key, which is what clients of this protocol can verify with");
        }
        int bits = key.getModulus().bitLength();
        if (bits < LEAST_BITS || bits > MOST_BITS) {
            throw new IOException(file + " holds an RSA key of " + bits + " bits; " + LEAST_BITS + " to " + MOST_BITS
                    + " are allowed");
        }
        return new CertificationKey(key);
    }

    byte[] hashName() {
        return HASH_NAME;
    }

    byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing with an RSA key of the usual kind does not fail", e);
        }
    }

    /** The public half, as data of type {@code HS_PUBKEY}. */
    ByteString publicKey() {
        try {
            RSAPublicKeySpec half = new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent());
            return HandleKey.of(KeyFactory.getInstance("RSA").generatePublic(half))
                    .encoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }
}
