package org.waymark.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import org.bouncycastle.crypto.signers.PlainDSAEncoding;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;

/** A private key that a security provider holds, perhaps in a device, and signs with. Immutable, safe for use by many threads. */
final class ProviderKey {

    private static final BigInteger SM2_ORDER = Sm2Curve.DOMAIN.getN();

    private final PrivateKey handle;
    private final Provider provider;
    private final Suite suite;

    ProviderKey(PrivateKey handle, Provider provider, Suite suite) {
        this.handle = handle;
        this.provider = provider;
        this.suite = suite;
    }

    /**
     * Signs.
     *
     * @throws IllegalArgumentException if the provider can't sign by this suite
     * @throws IllegalStateException if it fails to
     */
    byte[] sign(byte[] message) {
        String algorithm = suite == Suite.ED25519 ? "Ed25519" : "SM3withSM2";
        try {
            Signature signature = Signature.getInstance(algorithm, provider);
            signature.initSign(handle);
            signature.update(message);
            byte[] made = signature.sign();
            return suite == Suite.ED25519 ? made : plain(made);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException(
                    "the provider " + provider.getName() + " does not sign by " + suite + " (" + algorithm + ")", e);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the provider " + provider.getName() + " does not sign: " + e, e);
        }
    }

    /** Providers give a DER sequence of r and s. */
    private static byte[] plain(byte[] der) throws IOException {
        BigInteger[] pair = StandardDSAEncoding.INSTANCE.decode(SM2_ORDER, der);
        return PlainDSAEncoding.INSTANCE.encode(SM2_ORDER, pair[0], pair[1]);
    }
}
