package org.waymark.trust;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.DSAPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.DSAPublicKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Set;

/**
 * A public key as the Handle System encodes it in values of type {@code HS_PUBKEY} (RFC 3651, section 3.2.4): RSA or DSA of 2,048 to
 * 4,096 bits. By it a party authenticates to the Handle face of its node; it signs no record. Immutable, safe for use by many threads.
 */
public final class HandleKey {

    /** The most bytes that an encoding has. */
    public static final int MOST_BYTES = 2_048;

    private static final int LEAST_BITS = 2_048;
    private static final int MOST_BITS = 4_096;
    private static final String RSA = "RSA_PUB_KEY";
    private static final String DSA = "DSA_PUB_KEY";
    private static final int MOST_TYPE_BYTES = 64;
    private static final Set<String> HASHES = Set.of("SHA-256", "SHA-384", "SHA-512");

    private final PublicKey key;

    private HandleKey(PublicKey key) {
        this.key = key;
    }

    /**
     * Takes a key.
     *
     * @throws IllegalArgumentException if it is not of RSA or DSA, or has another size than those that are allowed
     */
    public static HandleKey of(PublicKey key) {
        int bits;
        if (key instanceof RSAPublicKey rsa) {
            bits = rsa.getModulus().bitLength();
        } else if (key instanceof DSAPublicKey dsa && dsa.getParams() != null) {
            bits = dsa.getParams().getP().bitLength();
        } else {
            throw new IllegalArgumentException(
                    "the Handle System encodes keys of RSA and DSA, not of " + key.getAlgorithm());
        }
        if (bits < LEAST_BITS || bits > MOST_BITS) {
            throw new IllegalArgumentException("the " + key.getAlgorithm() + " key has " + bits + " bits; " + LEAST_BITS
                    + " to " + MOST_BITS + " are allowed");
        }
        return new HandleKey(key);
    }

    /**
     * Reads an encoding.
     *
     * @throws IllegalArgumentException if it is none, or of a key that {@link #of} does not take
     */
    public static HandleKey decode(ByteString encoded) {
        if (encoded.size() > MOST_BYTES) {
            throw new IllegalArgumentException(
                    "an encoded key has at most " + MOST_BYTES + " bytes, not " + encoded.size());
        }
        ByteBuffer in = encoded.asReadOnlyByteBuffer();
        try {
            String type = new String(bytes(in, MOST_TYPE_BYTES), StandardCharsets.US_ASCII);
            // Flags, of which there are none.
            in.getShort();
            return switch (type) {
                case RSA -> {
                    BigInteger exponent = number(in);
                    yield of(made("RSA", new RSAPublicKeySpec(number(in), exponent)));
                }
                case DSA -> {
                    BigInteger q = number(in);
                    BigInteger p = number(in);
                    BigInteger g = number(in);
                    yield of(made("DSA", new DSAPublicKeySpec(number(in), p, q, g)));
                }
                default ->
                    throw new IllegalArgumentException("keys of the types " + RSA + " and " + DSA + " are known, not "
                            + (type.matches("[A-Za-z0-9_-]*") ? type : "this one"));
            };
        } catch (BufferUnderflowException | GeneralSecurityException e) {
            throw new IllegalArgumentException("not an encoded public key", e);
        }
    }

    private static PublicKey made(String algorithm, KeySpec spec) throws GeneralSecurityException {
        return KeyFactory.getInstance(algorithm).generatePublic(spec);
    }

    private static byte[] bytes(ByteBuffer in, int most) {
        int length = in.getInt();
        if (length < 0 || length > most || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static BigInteger number(ByteBuffer in) {
        return new BigInteger(1, bytes(in, MOST_BITS / Byte.SIZE + 1));
    }

    /** The data of a value of type {@code HS_PUBKEY}. */
    public ByteString encoded() {
        ByteBuffer out = ByteBuffer.allocate(MOST_BYTES);
        if (key instanceof RSAPublicKey rsa) {
            put(out, RSA.getBytes(StandardCharsets.US_ASCII)).putShort((short) 0);
            put(out, rsa.getPublicExponent().toByteArray());
            put(out, rsa.getModulus().toByteArray());
        } else {
            DSAPublicKey dsa = (DSAPublicKey) key;
            put(out, DSA.getBytes(StandardCharsets.US_ASCII)).putShort((short) 0);
            put(out, dsa.getParams().getQ().toByteArray());
            put(out, dsa.getParams().getP().toByteArray());
            put(out, dsa.getParams().getG().toByteArray());
            put(out, dsa.getY().toByteArray());
        }
        return ByteString.copyFrom(out.flip());
    }

    private static ByteBuffer put(ByteBuffer out, byte[] bytes) {
        return out.putInt(bytes.length).put(bytes);
    }

    /** True where {@link #verifies} knows a hash by this name: SHA-256, SHA-384 or SHA-512. */
    public static boolean knowsHash(String name) {
        return HASHES.contains(name);
    }

    /**
     * True where this key signed the message. A signature of the wrong form is false, never an exception.
     *
     * @param hash one of those that {@link #knowsHash} knows
     * @throws IllegalArgumentException if it is not
     */
    public boolean verifies(String hash, byte[] message, byte[] signature) {
        if (!knowsHash(hash)) {
            throw new IllegalArgumentException("SHA-256, SHA-384 and SHA-512 are known, not " + hash);
        }
        try {
            Signature verifier = Signature.getInstance(hash.replace("-", "") + "with" + key.getAlgorithm());
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException | ArithmeticException e) {
            // Numbers of a key that is none, such as a q with factors, have no inverse.
            return false;
        }
    }

    @Override
    public String toString() {
        return key.getAlgorithm();
    }
}
