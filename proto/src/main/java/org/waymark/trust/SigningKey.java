package org.waymark.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.crypto.signers.PlainDSAEncoding;
import org.bouncycastle.crypto.signers.SM2Signer;

/**
 * A private key with its suite, here or held by a security provider. Immutable, safe for use by many threads. Never shows its secret,
 * except by {@link #encoded}.
 */
public final class SigningKey {

    private static final SecureRandom RANDOM = new SecureRandom();

    /** Null where a provider holds the key. */
    private final AsymmetricKeyParameter key;

    private final ProviderKey held;
    private final VerifyingKey verifyingKey;

    private SigningKey(AsymmetricKeyParameter key, ProviderKey held, VerifyingKey verifyingKey) {
        this.key = key;
        this.held = held;
        this.verifyingKey = verifyingKey;
    }

    /** A new random key. */
    public static SigningKey generate(Suite suite) {
        if (suite == Suite.ED25519) {
            return ed25519(new Ed25519PrivateKeyParameters(RANDOM));
        }
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(Sm2Curve.DOMAIN, RANDOM));
        return sm2((ECPrivateKeyParameters) generator.generateKeyPair().getPrivate());
    }

    private static SigningKey ed25519(Ed25519PrivateKeyParameters key) {
        return new SigningKey(key, null, VerifyingKey.ed25519(key.generatePublicKey()));
    }

    private static SigningKey sm2(ECPrivateKeyParameters key) {
        return new SigningKey(key, null, VerifyingKey.sm2(Sm2Curve.publicKeyOf(key)));
    }

    /**
     * A key that a security provider signs with, such as one of a device. Signs once, to see that the two halves belong together.
     *
     * @throws IllegalArgumentException if the provider does not sign by the key's suite, or with another key
     * @throws IllegalStateException if it fails to sign
     */
    public static SigningKey held(PrivateKey handle, Provider provider, VerifyingKey publicHalf) {
        SigningKey key = new SigningKey(null, new ProviderKey(handle, provider, publicHalf.suite()), publicHalf);
        byte[] probe = "waymark/key-check".getBytes(StandardCharsets.US_ASCII);
        if (!publicHalf.verifies(probe, key.sign(probe))) {
            throw new IllegalArgumentException("what the provider " + provider.getName()
                    + " signs does not verify with the public key " + publicHalf.id());
        }
        return key;
    }

    /**
     * Reads a PKCS#8 PrivateKeyInfo (DER, not encrypted): Ed25519 as in RFC 8410, SM2 as an EC key on the curve of GM/T 0009.
     *
     * @throws IllegalArgumentException if it is neither; the message never holds key material
     */
    public static SigningKey decode(byte[] privateKeyInfo) {
        try {
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(privateKeyInfo);
            AlgorithmIdentifier algorithm = info.getPrivateKeyAlgorithm();
            if (algorithm.getAlgorithm().equals(VerifyingKey.ED25519_NAME)) {
                byte[] seed =
                        ASN1OctetString.getInstance(info.parsePrivateKey()).getOctets();
                return ed25519(new Ed25519PrivateKeyParameters(seed));
            }
            if (algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)
                    && Sm2Curve.NAME.equals(algorithm.getParameters())) {
                BigInteger d = ECPrivateKey.getInstance(info.parsePrivateKey()).getKey();
                return sm2(Sm2Curve.privateKey(d));
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("not a private key in PKCS#8");
        }
        throw new IllegalArgumentException("a private key must be of Ed25519 or SM2");
    }

    /**
     * The PKCS#8 PrivateKeyInfo, DER. The caller keeps it secret.
     *
     * @throws UnsupportedOperationException if a provider holds the key
     */
    public byte[] encoded() {
        if (key == null) {
            throw new UnsupportedOperationException("the key " + this + " does not leave the provider that holds it");
        }
        try {
            if (key instanceof Ed25519PrivateKeyParameters ed25519) {
                AlgorithmIdentifier algorithm = new AlgorithmIdentifier(VerifyingKey.ED25519_NAME);
                return new PrivateKeyInfo(algorithm, new DEROctetString(ed25519.getEncoded())).getEncoded("DER");
            }
            ECPrivateKeyParameters sm2 = (ECPrivateKeyParameters) key;
            AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, Sm2Curve.NAME);
            DERBitString point =
                    new DERBitString(Sm2Curve.publicKeyOf(sm2).getQ().getEncoded(false));
            ECPrivateKey structure = new ECPrivateKey(256, sm2.getD(), point, null);
            return new PrivateKeyInfo(algorithm, structure).getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
    }

    public Suite suite() {
        return verifyingKey.suite();
    }

    public KeyId id() {
        return verifyingKey.id();
    }

    /** The public half. */
    public VerifyingKey verifyingKey() {
        return verifyingKey;
    }

    /**
     * A signature of 64 bytes. SM2 takes the default user id of GM/T 0009, "1234567812345678".
     *
     * @throws IllegalStateException if a provider holds the key and fails to sign
     */
    public byte[] sign(byte[] message) {
        if (held != null) {
            return held.sign(message);
        }
        Signer signer;
        if (suite() == Suite.ED25519) {
            signer = new Ed25519Signer();
            signer.init(true, key);
        } else {
            signer = new SM2Signer(PlainDSAEncoding.INSTANCE);
            signer.init(true, new ParametersWithRandom(key, RANDOM));
        }
        signer.update(message, 0, message.length);
        try {
            return signer.generateSignature();
        } catch (CryptoException e) {
            throw new IllegalStateException("signing with " + this + " failed", e);
        }
    }

    /** The suite and the id's start; never the secret. */
    @Override
    public String toString() {
        return verifyingKey.toString();
    }
}
