package org.waymark.node.web;

import java.nio.file.Path;

/**
 * Where a server's certificate and key are.
 *
 * @param certificate PEM: the server's certificate, then those above it
 * @param key PEM, PKCS#8, not encrypted
 */
public record TlsFiles(Path certificate, Path key) {}
