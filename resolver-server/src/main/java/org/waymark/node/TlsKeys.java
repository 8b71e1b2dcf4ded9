package org.waymark.node;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The keys of one face's TLS.
 *
 * @param clientAuthorities empty: clients are asked for no certificate
 */
record TlsKeys(
        ConfigKey<Optional<Path>> certificate,
        ConfigKey<Optional<Path>> key,
        ConfigKey<Optional<Path>> clientAuthorities) {

    static TlsKeys of(String section) {
        return new TlsKeys(
                path(section, "tlsCertificate"), path(section, "tlsKey"), path(section, "tlsClientAuthorities"));
    }

    private static ConfigKey<Optional<Path>> path(String section, String name) {
        return ConfigKey.of(section + "." + name, "", ConfigKeys::optionalPath);
    }
}
