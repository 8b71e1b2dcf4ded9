package org.waymark.trust;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * Private keys under a passphrase: EncryptedPrivateKeyInfo of PKCS#8 (RFC 5958) with PBES2 (RFC 8018). Writes PBKDF2 with HMAC-SHA-256
 * and AES-256 in CBC mode; reads PBKDF2 with any HMAC-SHA and scrypt (RFC 7914) too, with AES of any size.
 */
final class EncryptedPkcs8 {

    /** Of PBKDF2, where this class writes. */
    static final int ITERATIONS = 600_000;

    /** Of what is read, so that a file can't keep the reader busy for minutes. */
    private static final long MAX_ITERATIONS = 10_000_000;

    private static final long MAX_SCRYPT_BYTES = 256L * 1_024 * 1_024;
    private static final int MAX_SCRYPT_PARALLEL = 16;
    private static final int SALT_BYTES = 16;
    private static final int IV_BYTES = 16;
    private static final int AES_256_BYTES = 32;

    /** id-scrypt of RFC 7914. */
    private static final ASN1ObjectIdentifier SCRYPT = new ASN1ObjectIdentifier("1.3.6.1.4.1.11591.4.11");

    private static final Map<ASN1ObjectIdentifier, String> PBKDF2 = Map.of(
            PKCSObjectIdentifiers.id_hmacWithSHA1, "PBKDF2WithHmacSHA1",
            PKCSObjectIdentifiers.id_hmacWithSHA224, "PBKDF2WithHmacSHA224",
            PKCSObjectIdentifiers.id_hmacWithSHA256, "PBKDF2WithHmacSHA256",
            PKCSObjectIdentifiers.id_hmacWithSHA384, "PBKDF2WithHmacSHA384",
            PKCSObjectIdentifiers.id_hmacWithSHA512, "PBKDF2WithHmacSHA512");

    private static final Map<ASN1ObjectIdentifier, Integer> AES_KEY_BYTES = Map.of(
            NISTObjectIdentifiers.id_aes128_CBC, 16,
            NISTObjectIdentifiers.id_aes192_CBC, 24,
            NISTObjectIdentifiers.id_aes256_CBC, AES_256_BYTES);

    private EncryptedPkcs8() {}

    /** Encrypts a PrivateKeyInfo (DER). The result is DER. */
    static byte[] encrypt(byte[] privateKeyInfo, char[] passphrase) {
        SecureRandom random = new SecureRandom();
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] iv = new byte[IV_BYTES];
        random.nextBytes(iv);
        AlgorithmIdentifier prf = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE);
        PBES2Parameters scheme = new PBES2Parameters(
                new KeyDerivationFunc(
                        PKCSObjectIdentifiers.id_PBKDF2, new PBKDF2Params(salt, ITERATIONS, AES_256_BYTES, prf)),
                new EncryptionScheme(NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(iv)));
        try {
            byte[] encrypted = crypt(Cipher.ENCRYPT_MODE, scheme, privateKeyInfo, passphrase);
            AlgorithmIdentifier algorithm = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, scheme);
            return new EncryptedPrivateKeyInfo(algorithm, encrypted).getEncoded("DER");
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("every JDK has PBKDF2 and AES", e);
        }
    }

    /**
     * Decrypts.
     *
     * @return a PrivateKeyInfo (DER); the caller overwrites it
     * @throws IllegalArgumentException if the passphrase is wrong, or the encryption is none of those above
     */
    static byte[] decrypt(byte[] encryptedPrivateKeyInfo, char[] passphrase) {
        try {
            EncryptedPrivateKeyInfo info = EncryptedPrivateKeyInfo.getInstance(encryptedPrivateKeyInfo);
            AlgorithmIdentifier algorithm = info.getEncryptionAlgorithm();
            if (!algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
                throw new IllegalArgumentException(
                        "is encrypted by another scheme than PBES2 (" + algorithm.getAlgorithm() + ")");
            }
            PBES2Parameters scheme = PBES2Parameters.getInstance(algorithm.getParameters());
            return crypt(Cipher.DECRYPT_MODE, scheme, info.getEncryptedData(), passphrase);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("can't be decrypted: the passphrase is wrong, or the file was changed");
        } catch (IllegalStateException
                | ClassCastException
                | NullPointerException
                | ArithmeticException
                | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("is not an encrypted private key in PKCS#8", e);
        }
    }

    private static byte[] crypt(int mode, PBES2Parameters scheme, byte[] data, char[] passphrase)
            throws GeneralSecurityException {
        EncryptionScheme encryption = scheme.getEncryptionScheme();
        Integer keyBytes = AES_KEY_BYTES.get(encryption.getAlgorithm());
        if (keyBytes == null) {
            throw new IllegalArgumentException(
                    "is encrypted with another cipher than AES-CBC (" + encryption.getAlgorithm() + ")");
        }
        byte[] iv = ASN1OctetString.getInstance(encryption.getParameters()).getOctets();
        byte[] key = derive(scheme.getKeyDerivationFunc(), keyBytes, passphrase);
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            return cipher.doFinal(data);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] derive(KeyDerivationFunc function, int keyBytes, char[] passphrase)
            throws GeneralSecurityException {
        if (function.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
            return pbkdf2(PBKDF2Params.getInstance(function.getParameters()), keyBytes, passphrase);
        }
        if (function.getAlgorithm().equals(SCRYPT)) {
            return scrypt(ASN1Sequence.getInstance(function.getParameters()), keyBytes, passphrase);
        }
        throw new IllegalArgumentException(
                "takes its key by another function than PBKDF2 or scrypt (" + function.getAlgorithm() + ")");
    }

    private static byte[] pbkdf2(PBKDF2Params parameters, int keyBytes, char[] passphrase)
            throws GeneralSecurityException {
        String name = PBKDF2.get(parameters.getPrf().getAlgorithm());
        if (name == null) {
            throw new IllegalArgumentException("takes its key by PBKDF2 with another function than HMAC-SHA ("
                    + parameters.getPrf().getAlgorithm() + ")");
        }
        long iterations = parameters.getIterationCount().longValue();
        if (iterations < 1 || iterations > MAX_ITERATIONS) {
            throw new IllegalArgumentException(
                    "asks for " + iterations + " iterations of PBKDF2; 1 to " + MAX_ITERATIONS + " are allowed");
        }
        PBEKeySpec spec = new PBEKeySpec(passphrase, parameters.getSalt(), (int) iterations, 8 * keyBytes);
        try {
            return SecretKeyFactory.getInstance(name).generateSecret(spec).getEncoded();
        } finally {
            spec.clearPassword();
        }
    }

    private static byte[] scrypt(ASN1Sequence parameters, int keyBytes, char[] passphrase) {
        byte[] salt = ASN1OctetString.getInstance(parameters.getObjectAt(0)).getOctets();
        long cost = number(parameters, 1);
        long block = number(parameters, 2);
        long parallel = number(parameters, 3);
        boolean isInBounds = cost > 1
                && Long.bitCount(cost) == 1
                && block > 0
                && parallel > 0
                && parallel <= MAX_SCRYPT_PARALLEL
                && cost <= MAX_SCRYPT_BYTES / 128 / block;
        if (!isInBounds) {
            throw new IllegalArgumentException("asks for scrypt with N " + cost + ", r " + block + ", p " + parallel
                    + "; at most " + MAX_SCRYPT_BYTES + " bytes of memory and p " + MAX_SCRYPT_PARALLEL
                    + " are allowed");
        }
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(passphrase));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        try {
            return SCrypt.generate(bytes, salt, (int) cost, (int) block, (int) parallel, keyBytes);
        } finally {
            Arrays.fill(encoded.array(), (byte) 0);
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static long number(ASN1Sequence parameters, int place) {
        return ASN1Integer.getInstance(parameters.getObjectAt(place)).longValueExact();
    }
}
