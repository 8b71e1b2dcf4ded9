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
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** Keys as PEM files (RFC 7468) that other tools read. Private keys are readable by their owner alone. */
public final class KeyFile {

    private static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final String PUBLIC_KEY = "PUBLIC KEY";
    private static final long MAX_FILE_BYTES = 16 * 1024;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private KeyFile() {}

    /**
     * Writes a private key (PKCS#8) to a new file with mode 0600.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is such a file: a key is never overwritten
     */
    public static void writePrivate(Path file, SigningKey key) throws IOException {
        byte[] pem = pem(PRIVATE_KEY, key.encoded()).getBytes(StandardCharsets.US_ASCII);
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
     * Reads a private key.
     *
     * @throws IOException if the file can't be read, is readable by others than its owner, or holds no private key of a suite
     *     that Waymark knows; the message names the file
     */
    public static SigningKey readPrivate(Path file) throws IOException {
        try {
            return SigningKey.decode(readPrivateKeyInfo(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a private key of any algorithm: its PKCS#8 PrivateKeyInfo, DER. The caller keeps it secret.
     *
     * @throws IOException if the file can't be read, is readable by others than its owner, or is not a PEM file with a private key;
     *     the message names the file
     */
    public static byte[] readPrivateKeyInfo(Path file) throws IOException {
        if (isPosix(file)) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.stream().anyMatch(permission -> !permission.name().startsWith("OWNER_"))) {
                throw new IOException(file + " is open to others than its owner ("
                        + PosixFilePermissions.toString(permissions) + "); a private key needs: chmod 600 " + file);
            }
        }
        return read(file, PRIVATE_KEY);
    }

    /**
     * Reads a public key.
     *
     * @throws IOException if the file can't be read or holds no public key of a suite that Waymark knows
     */
    public static VerifyingKey readPublic(Path file) throws IOException {
        try {
            return VerifyingKey.decode(read(file, PUBLIC_KEY));
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
        X509EncodedKeySpec spec = new X509EncodedKeySpec(read(file, PUBLIC_KEY));
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

    private static byte[] read(Path file, String type) throws IOException {
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
        if (object == null || !object.getType().equals(type)) {
            throw new IOException(file + " does not hold a PEM block \"" + type + "\""
                    + (object == null ? "" : ", but \"" + object.getType() + "\""));
        }
        return object.getContent();
    }

    private static String pem(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
