package org.waymark.client.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.v1.KeyRole;

/** A public key's file, and what the key may sign, written {@code FILE.pub:delegate,records}. */
record KeyWithRoles(Path file, Set<KeyRole> roles) {

    private static final Set<KeyRole> USUAL = EnumSet.of(KeyRole.DELEGATE, KeyRole.RECORDS);

    /**
     * @throws IllegalArgumentException if a role is none
     */
    static KeyWithRoles parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || text.indexOf('/', colon) >= 0 || text.indexOf('\\', colon) >= 0) {
            return new KeyWithRoles(Path.of(text), USUAL);
        }
        EnumSet<KeyRole> roles = EnumSet.noneOf(KeyRole.class);
        for (String name : text.substring(colon + 1).split(",")) {
            roles.add(role(name.strip()));
        }
        return new KeyWithRoles(Path.of(text.substring(0, colon)), roles);
    }

    private static KeyRole role(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "delegate" -> KeyRole.DELEGATE;
            case "records" -> KeyRole.RECORDS;
            case "node" -> KeyRole.NODE;
            case "auth" -> KeyRole.AUTH;
            case "on-behalf" -> KeyRole.ON_BEHALF;
            default ->
                throw new IllegalArgumentException(
                        "\"" + name + "\" is no role; roles are delegate, records, node, auth and on-behalf");
        };
    }

    PartyKey read() throws IOException {
        return PartyKey.active(KeyFile.readPublic(file), roles);
    }
}
