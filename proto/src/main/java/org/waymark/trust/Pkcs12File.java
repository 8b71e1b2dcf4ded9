package org.waymark.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** A key store in the form of PKCS#12 (RFC 7292), as keytool and OpenSSL make it, with keys of Ed25519 or SM2. */
final class Pkcs12File {

    private static final long MAX_FILE_BYTES = 1_024 * 1_024;

    private Pkcs12File() {}

    /**
     * Reads a private key.
     *
     * @param alias empty: the one that there is
     * @throws IOException if it can't be read; the message names the file and, where the alias is none, those that are
     */
    static SigningKey read(Path file, String alias, Passphrase source) throws IOException {
        KeyFile.requireOwnerOnly(file, "a private key");
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new IOException(file + " is larger than " + MAX_FILE_BYTES + " bytes, so it is no key store");
        }
        char[] passphrase = source.read(file.toString());
        try (InputStream in = Files.newInputStream(file)) {
            // Not the JDK's: that one knows no curve of SM2.
            KeyStore store = KeyStore.getInstance("PKCS12", new BouncyCastleProvider());
            load(store, in, file, passphrase);
            String name = name(store, file.toString(), alias);
            Key key = store.getKey(name, passphrase);
            byte[] encoded = key.getEncoded();
            try {
                return SigningKey.decode(encoded);
            } finally {
                Arrays.fill(encoded, (byte) 0);
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }

    private static void load(KeyStore store, InputStream in, Path file, char[] passphrase) throws IOException {
        try {
            store.load(in, passphrase);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new IOException(
                    file + " can't be opened as PKCS#12: the passphrase is wrong, or it is another kind of file", e);
        }
    }

    /** The alias that is meant. */
    static String name(KeyStore store, String place, String alias) throws GeneralSecurityException, IOException {
        List<String> aliases = new ArrayList<>();
        for (String each : Collections.list(store.aliases())) {
            if (store.isKeyEntry(each)) {
                aliases.add(each);
            }
        }
        if (aliases.size() > 1) {
            // Bouncy Castle's second name for a key without a certificate.
            aliases.remove("unmarked");
        }
        if (alias.isEmpty() && aliases.size() == 1) {
            return aliases.get(0);
        }
        if (!aliases.contains(alias)) {
            throw new IOException(place
                    + (alias.isEmpty() ? " needs an alias (#ALIAS)" : " has no key with the alias \"" + alias + "\"")
                    + "; it has " + (aliases.isEmpty() ? "none" : String.join(", ", aliases)));
        }
        return alias;
    }
}
