package org.waymark.client.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Writes lines of text in UTF-8, and knows the digest of those so far. */
final class HashedLines implements AutoCloseable {

    private final OutputStream out;
    private final MessageDigest digest;

    HashedLines(OutputStream out) {
        this.out = out;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    void add(String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        digest.update(bytes);
        out.write(bytes);
    }

    /** SHA-256 of all lines so far, with their ends, in hexadecimal. No line can be added after it but the last one. */
    String digest() {
        return HexFormat.of().formatHex(digest.digest());
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
