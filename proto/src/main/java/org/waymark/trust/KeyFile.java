package org.waymark.trust;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** Keys as PEM files (RFC 7468) that other tools read. Private keys are readable by their owner alone. */
public final class KeyFile {

    private static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final String ENCRYPTED_PRIVATE_KEY = "ENCRYPTED PRIVATE KEY";
    private static final String PUBLIC_KEY = "PUBLIC KEY";
    private static final long MAX_FILE_BYTES = 16 * 1024;

    /** Characters of a passphrase that a new file is encrypted with, at least. */
    public static final int MIN_PASSPHRASE = 8;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private KeyFile() {}

    /**
     * Writes a private key (PKCS#8) to a new file with mode 0600.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is such a file: a key is never overwritten
     */
    public static void writePrivate(Path file, SigningKey key) throws IOException {
        write(file, pem(PRIVATE_KEY, key.encoded()));
    }

    /**
     * Writes a private key, encrypted (PKCS#8 with PBES2: PBKDF2 with HMAC-SHA-256, AES-256), to a new file with mode 0600.
     *
     * @param passphrase of at least {@value #MIN_PASSPHRASE} characters; the caller overwrites it
     * @throws IllegalArgumentException if it is shorter
     * @throws java.nio.file.FileAlreadyExistsException if there is such a file: a key is never overwritten
     */
    public static void writePrivate(Path file, SigningKey key, char[] passphrase) throws IOException {
        if (passphrase.length < MIN_PASSPHRASE) {
            throw new IllegalArgumentException(
                    "a passphrase has at least " + MIN_PASSPHRASE + " characters, not " + passphrase.length);
        }
        byte[] plain = key.encoded();
        try {
            write(file, pem(ENCRYPTED_PRIVATE_KEY, EncryptedPkcs8.encrypt(plain, passphrase)));
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static void write(Path file, String text) throws IOException {
        byte[] pem = text.getBytes(StandardCharsets.US_ASCII);
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileAttribute<?>[] attributes = isPosix(file)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        try (SeekableByteChannel channel = Files.newByteChannel(file, options, attributes)) {
            ByteBuffer buffer = ByteBuffer.wrap(pem);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }

    /** Writes a public key (SubjectPublicKeyInfo) to a new file. */
    public static void writePublic(Path file, VerifyingKey key) throws IOException {
        Files.writeString(file, publicPem(key), StandardOpenOption.CREATE_NEW);
    }

    /** The PEM text of a public key. */
    public static String publicPem(VerifyingKey key) {
        return pem(PUBLIC_KEY, key.encoded());
    }

    /**
     * Reads a private key that is not encrypted.
     *
     * @throws IOException if the file can't be read, is readable by others than its owner, or holds no private key of a suite
     *     that Waymark knows; the message names the file
     */
    public static SigningKey readPrivate(Path file) throws IOException {
        return readPrivate(file, Passphrase.none());
    }

    /**
     * Reads a private key.
     *
     * @param passphrase asked for only where the key is encrypted
     * @throws IOException as above, and where the passphrase is wrong or can't be had
     */
    public static SigningKey readPrivate(Path file, Passphrase passphrase) throws IOException {
        requireOwnerOnly(file, "a private key");
        PemObject object = read(file, PRIVATE_KEY, ENCRYPTED_PRIVATE_KEY);
        byte[] plain = null;
        try {
            plain = object.getType().equals(PRIVATE_KEY)
                    ? object.getContent()
                    : decrypt(file, object.getContent(), passphrase);
            return SigningKey.decode(plain);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        } finally {
            if (plain != null) {
                Arrays.fill(plain, (byte) 0);
            }
        }
    }

    private static byte[] decrypt(Path file, byte[] encrypted, Passphrase source) throws IOException {
        char[] passphrase = source.read(file.toString());
        try {
            return EncryptedPkcs8.decrypt(encrypted, passphrase);
        } finally {
            Arrays.fill(passphrase, '\0');
        }
    }

    /**
     * Reads a private key of any algorithm: its PKCS#8 PrivateKeyInfo, DER. The caller keeps it secret.
     *
     * @throws IOException if the file can't be read, is readable by others than its owner, or is not a PEM file with a private key;
     *     the message names the file
     */
    public static byte[] readPrivateKeyInfo(Path file) throws IOException {
        requireOwnerOnly(file, "a private key");
        return read(file, PRIVATE_KEY).getContent();
    }

    /** Refuses a secret that others than its owner may open. */
    static void requireOwnerOnly(Path file, String secret) throws IOException {
        if (isPosix(file)) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(permission -> !permission.name().startsWith("OWNER_"))) {
                throw new IOException(file + " is open to others than its owner ("
                        + PosixFilePermissions.toString(permissions) + "); " + secret + " needs: chmod 600 " + file);
            }
        }
    }

    /**
     * Reads a public key.
     *
     * @throws IOException if the file can't be read or holds no public key of a suite that Waymark knows
     */
    public static VerifyingKey readPublic(Path file) throws IOException {
        try {
            return VerifyingKey.decode(read(file, PUBLIC_KEY).getContent());
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a public key of RSA or DSA, for clients of the Handle System.
     *
     * @throws IOException if the file can't be read or holds no such key of a size that is allowed
     */
    public static HandleKey readHandleKey(Path file) throws IOException {
        X509EncodedKeySpec spec = new X509EncodedKeySpec(read(file, PUBLIC_KEY).getContent());
        for (String algorithm : List.of("RSA", "DSA")) {
            try {
                return HandleKey.of(KeyFactory.getInstance(algorithm).generatePublic(spec));
            } catch (GeneralSecurityException e) {
                // Of the other algorithm, perhaps.
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
        throw new IOException(file + " holds no public key of RSA or DSA");
    }

    private static PemObject read(Path file, String... types) throws IOException {
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new IOException(file + " is larger than " + MAX_FILE_BYTES + " bytes, so it is no key");
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.US_ASCII);
        PemObject object;
        try (PemReader reader = new PemReader(new StringReader(text))) {
            object = reader.readPemObject();
        } catch (IOException e) {
            throw new IOException(file + " is not a PEM file", e);
        }
        if (object == null || !List.of(types).contains(object.getType())) {
            throw new IOException(file + " does not hold a PEM block \"" + types[0] + "\""
                    + (object == null ? "" : ", but \"" + object.getType() + "\""));
        }
        return object;
    }

    private static String pem(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
