package org.waymark.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.security.cert.Certificate;
import java.util.Arrays;

/**
 * A device behind PKCS#11, through the JDK's provider SunPKCS11. The device signs; its keys stay in it. What the provider does not
 * support the device can't be used for, whatever it can do itself.
 */
final class Pkcs11Token {

    private Pkcs11Token() {}

    /**
     * Opens a key of a device.
     *
     * @param config of the provider, with {@code name}, {@code library} and {@code slot} or {@code slotListIndex}
     * @param alias label of the key and of its certificate; empty: the one that there is
     * @param source of the device's PIN
     * @throws IOException if it can't be used; the message says why
     */
    static SigningKey open(Path config, String alias, Passphrase source) throws IOException {
        Provider provider = provider(config);
        char[] pin = source.read("the device of " + config);
        try {
            KeyStore store = KeyStore.getInstance("PKCS11", provider);
            store.load(null, pin);
            return key(store, "the device of " + config, alias);
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException(
                    "the device of " + config + " can't be used: " + reason(e)
                            + " (SunPKCS11 of this JDK may not support what the device itself can do)",
                    e);
        } finally {
            Arrays.fill(pin, '\0');
        }
    }

    private static Provider provider(Path config) throws IOException {
        if (!Files.isReadable(config)) {
            throw new NoSuchFileException(config.toString());
        }
        Provider provider = Security.getProvider("SunPKCS11");
        if (provider == null) {
            throw new IOException("this JVM has no provider SunPKCS11 (its module is jdk.crypto.cryptoki)");
        }
        try {
            return provider.configure(config.toString());
        } catch (InvalidParameterException | ProviderException e) {
            throw new IOException(config + " sets no device up: " + reason(e), e);
        }
    }

    /**
     * The key of a device's store.
     *
     * @param place names the store in errors
     */
    static SigningKey key(KeyStore store, String place, String alias) throws GeneralSecurityException, IOException {
        String name = Pkcs12File.name(store, place, alias);
        Certificate certificate = store.getCertificate(name);
        if (certificate == null) {
            throw new IOException(
                    place + " has no certificate beside the key \"" + name + "\", so its public half can't be read");
        }
        Provider provider = store.getProvider();
        try {
            VerifyingKey publicHalf =
                    VerifyingKey.decode(certificate.getPublicKey().getEncoded());
            Key handle = store.getKey(name, null);
            return SigningKey.held((PrivateKey) handle, provider, publicHalf);
        } catch (GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
            throw new IOException("the key \"" + name + "\" of " + place + " can't be used: " + e.getMessage(), e);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
