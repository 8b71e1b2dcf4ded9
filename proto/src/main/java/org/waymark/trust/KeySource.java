package org.waymark.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where a private key is, as it is written on command lines and in configurations:
 *
 * <ul>
 *   <li>{@code FILE}: a PEM file with a key in PKCS#8, encrypted or not
 *   <li>{@code FILE.p12#ALIAS}, {@code FILE.pfx#ALIAS}: a key store in the form of PKCS#12; without {@code #ALIAS} the one key in it
 *   <li>{@code pkcs11:CONFIG#ALIAS}: a device, by the configuration of the JDK's provider SunPKCS11
 * </ul>
 *
 * @param file the key's, the key store's or the provider's configuration
 * @param alias empty where none is given
 */
public record KeySource(Form form, Path file, String alias) {

    /** What the file is. */
    public enum Form {
        PEM,
        PKCS12,
        PKCS11
    }

    private static final String DEVICE = "pkcs11:";

    /** Reads the text form. */
    public static KeySource parse(String text) {
        boolean isDevice = text.startsWith(DEVICE);
        String place = isDevice ? text.substring(DEVICE.length()) : text;
        int hash = place.lastIndexOf('#');
        String store = hash < 0 ? place : place.substring(0, hash);
        String lower = store.toLowerCase(Locale.ROOT);
        if (!isDevice && !lower.endsWith(".p12") && !lower.endsWith(".pfx")) {
            return of(Path.of(text));
        }
        return new KeySource(
                isDevice ? Form.PKCS11 : Form.PKCS12, Path.of(store), hash < 0 ? "" : place.substring(hash + 1));
    }

    /** A PEM file. */
    public static KeySource of(Path file) {
        return new KeySource(Form.PEM, file, "");
    }

    /**
     * Opens the key.
     *
     * @param passphrase of the file, or the PIN of the device; not asked for where the key is not encrypted
     * @throws IOException if it can't be had; the message names the place and never holds key material
     */
    public SigningKey open(Passphrase passphrase) throws IOException {
        return switch (form) {
            case PEM -> KeyFile.readPrivate(file, passphrase);
            case PKCS12 -> Pkcs12File.read(file, alias, passphrase);
            case PKCS11 -> Pkcs11Token.open(file, alias, passphrase);
        };
    }

    /** The text form. */
    @Override
    public String toString() {
        return (form == Form.PKCS11 ? DEVICE : "") + file + (alias.isEmpty() ? "" : "#" + alias);
    }
}
