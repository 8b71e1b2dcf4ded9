package org.waymark.wire;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where one side of a TLS connection has what it shows and what it believes. All files are PEM.
 *
 * @param certificate this side's certificate, then those above it; a server must have one
 * @param key of the certificate: PKCS#8, not encrypted; there or not as the certificate is
 * @param authorities whose signature the other side's certificate must lead to. Empty: a server asks its clients for none, a client
 *     believes the authorities that the JVM knows
 */
public record TlsFiles(Optional<Path> certificate, Optional<Path> key, Optional<Path> authorities) {

    /** What a client needs that shows no certificate and believes the authorities of the JVM. */
    public static final TlsFiles NONE = new TlsFiles(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * @throws IllegalArgumentException if there is a certificate without a key, or a key without a certificate
     */
    public TlsFiles {
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("a TLS certificate and its key belong together: give both, or neither");
        }
    }

    /** What a server needs that asks its clients for no certificate. */
    public static TlsFiles ofServer(Path certificate, Path key) {
        return new TlsFiles(Optional.of(certificate), Optional.of(key), Optional.empty());
    }

    /** The same with authorities. */
    public TlsFiles withAuthorities(Path file) {
        return new TlsFiles(certificate, key, Optional.of(file));
    }

    Stream<Path> all() {
        return Stream.of(certificate, key, authorities).flatMap(Optional::stream);
    }
}
