package org.waymark.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate with those above it, and its key, which was seen to fit. Immutable.
 *
 * @param chain this side's certificate first
 */
record TlsIdentity(List<X509Certificate> chain, PrivateKey key) {

    private static final int MAX_BYTES = 1_024 * 1_024;
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----\\s*([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    /** How the key of each kind signs. */
    private static final Map<String, String> SIGNATURES =
            Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA", "EdDSA", "EdDSA");

    /**
     * @throws IOException if the files can't be used; the message says which and why
     */
    static TlsIdentity read(Path certificate, Path key) throws IOException {
        List<X509Certificate> chain = certificates(certificate);
        PrivateKey own = key(key);
        if (!fit(chain.get(0).getPublicKey(), own)) {
            throw new IOException("the key in " + key + " does not belong to the first certificate in " + certificate
                    + " (" + chain.get(0).getSubjectX500Principal() + ")");
        }
        return new TlsIdentity(chain, own);
    }

    /** The certificates of a PEM file: one or more. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        requireReadable(file);
        List<X509Certificate> certificates = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .forEach(certificate -> certificates.add((X509Certificate) certificate));
        } catch (CertificateException e) {
            throw new IOException("no certificates in PEM can be read from " + file + ": " + e.getMessage(), e);
        }
        if (certificates.isEmpty()) {
            throw new IOException("there is no certificate in " + file + "; PEM is wanted");
        }
        return List.copyOf(certificates);
    }

    private static PrivateKey key(Path file) throws IOException {
        requireReadable(file);
        Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new IOException("there is no key in " + file + "; PEM is wanted, PKCS#8 without a password"
                    + " (BEGIN PRIVATE KEY)");
        }
        try {
            PKCS8EncodedKeySpec encoded =
                    new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
            for (String kind : List.of("RSA", "EC", "EdDSA")) {
                try {
                    return KeyFactory.getInstance(kind).generatePrivate(encoded);
                } catch (InvalidKeySpecException e) {
                    // Of another kind, then.
                }
            }
        } catch (IllegalArgumentException | GeneralSecurityException e) {
            throw new IOException("the key in " + file + " can't be read", e);
        }
        throw new IOException("the key in " + file + " is of no kind that TLS is offered with here: RSA, EC, Ed25519");
    }

    private static void requireReadable(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("cannot read " + file);
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than " + MAX_BYTES + " bytes");
        }
    }

    private static boolean fit(PublicKey open, PrivateKey own) throws IOException {
        String algorithm = SIGNATURES.get(own.getAlgorithm());
        byte[] message = "do these two belong together?".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(own);
            signing.update(message);
            byte[] signature = signing.sign();
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(open);
            verifying.update(message);
            return verifying.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
