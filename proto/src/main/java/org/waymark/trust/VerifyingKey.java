package org.waymark.trust;

import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.PlainDSAEncoding;
import org.bouncycastle.crypto.signers.SM2Signer;
import org.waymark.Limits;

/**
 * A public key with its suite. Immutable, safe for use by many threads; keep it, since decoding costs as much as verifying.
 * Equal when the encodings are.
 */
public final class VerifyingKey {

    /** id-Ed25519 of RFC 8410. */
    static final ASN1ObjectIdentifier ED25519_NAME = new ASN1ObjectIdentifier("1.3.101.112");

    private static final AlgorithmIdentifier ED25519 = new AlgorithmIdentifier(ED25519_NAME);
    private static final AlgorithmIdentifier SM2 =
            new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, Sm2Curve.NAME);

    private final Suite suite;
    private final AsymmetricKeyParameter key;
    private final byte[] encoded;
    private final KeyId id;

    private VerifyingKey(Suite suite, AsymmetricKeyParameter key) {
        this.suite = suite;
        this.key = key;
        this.encoded = encode(suite, key);
        this.id = KeyId.ofPublicKey(encoded);
    }

    static VerifyingKey ed25519(Ed25519PublicKeyParameters key) {
        return new VerifyingKey(Suite.ED25519, key);
    }

    static VerifyingKey sm2(ECPublicKeyParameters key) {
        return new VerifyingKey(Suite.SM2, key);
    }

    /**
     * Reads a SubjectPublicKeyInfo (DER): Ed25519 as in RFC 8410, SM2 as in GM/T 0009 with an uncompressed point.
     *
     * @throws IllegalArgumentException if it is neither, or is not in the one encoding that gives a key its id
     */
    public static VerifyingKey decode(byte[] subjectPublicKeyInfo) {
        if (subjectPublicKeyInfo.length > Limits.PUBLIC_KEY_BYTES) {
            throw new IllegalArgumentException("a public key has at most " + Limits.PUBLIC_KEY_BYTES + " bytes, not "
                    + subjectPublicKeyInfo.length);
        }
        VerifyingKey key;
        try {
            SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(subjectPublicKeyInfo);
            byte[] bits = info.getPublicKeyData().getOctets();
            if (info.getAlgorithm().equals(ED25519)) {
                key = ed25519(new Ed25519PublicKeyParameters(bits));
            } else if (info.getAlgorithm().equals(SM2)) {
                key = sm2(Sm2Curve.publicKey(bits));
            } else {
                throw new IllegalArgumentException("a public key must be of Ed25519 or SM2, not of "
                        + info.getAlgorithm().getAlgorithm());
            }
        } catch (IllegalStateException | ClassCastException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("not a SubjectPublicKeyInfo", e);
        }
        if (!Arrays.equals(key.encoded, subjectPublicKeyInfo)) {
            throw new IllegalArgumentException("a public key must be in DER, with an uncompressed point");
        }
        return key;
    }

    private static byte[] encode(Suite suite, AsymmetricKeyParameter key) {
        SubjectPublicKeyInfo info = suite == Suite.ED25519
                ? new SubjectPublicKeyInfo(ED25519, ((Ed25519PublicKeyParameters) key).getEncoded())
                : new SubjectPublicKeyInfo(
                        SM2, ((ECPublicKeyParameters) key).getQ().getEncoded(false));
        try {
            return info.getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
    }

    public Suite suite() {
        return suite;
    }

    public KeyId id() {
        return id;
    }

    /** A copy of the SubjectPublicKeyInfo, DER. */
    public byte[] encoded() {
        return encoded.clone();
    }

    /** True where this key signed the message. A signature of the wrong length or form is false, never an exception. */
    public boolean verifies(byte[] message, byte[] signature) {
        if (signature.length != Limits.SIGNATURE_BYTES) {
            return false;
        }
        if (suite == Suite.ED25519) {
            Signer verifier = new Ed25519Signer();
            verifier.init(false, key);
            verifier.update(message, 0, message.length);
            return verifier.verifySignature(signature);
        }
        SM2Signer verifier = new SM2Signer(PlainDSAEncoding.INSTANCE);
        verifier.init(false, key);
        verifier.update(message, 0, message.length);
        return verifier.verifySignature(signature);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifyingKey that && Arrays.equals(encoded, that.encoded);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return suite + " " + id.shortText();
    }
}
