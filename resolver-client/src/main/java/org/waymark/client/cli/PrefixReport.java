package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.waymark.client.Registration;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import picocli.CommandLine;

/** What became of a version of a prefix record. */
final class PrefixReport {

    private final PrefixRecord stored;
    private final Registration registration;

    PrefixReport(IdentifierRecord record, Registration registration) {
        this.stored = PrefixRecord.of(record);
        this.registration = registration;
    }

    /**
     * Prints it.
     *
     * @param notes what it means, for people; only where it was stored
     * @return the exit code
     */
    int print(CommandLine line, boolean json, String... notes) {
        PrintWriter out = line.getOut();
        Prefix prefix = stored.prefix();
        IdentifierRecord record = stored.record();
        if (json) {
            out.println(json());
        } else if (registration.isStored()) {
            out.println(prefix + "  " + registration.code() + "  version " + record.version() + ", epoch "
                    + record.epoch() + (record.isRevoked() ? ", REVOKED" : "") + ", expires "
                    + Instant.ofEpochMilli(record.expiresAt()));
            TextTable table = new TextTable("KEY", "SUITE", "STATE", "ROLES");
            for (PartyKey key : stored.keys()) {
                table.row(key.id().toString(), lower(key.key().suite()), state(key), String.join(",", roles(key)));
            }
            table.lines("  ").forEach(out::println);
            stored.handleKeys().keySet().forEach(index -> out.println("; handle key  index " + index));
            if (stored.isSelfSigned()) {
                out.println("; anchor  " + new Anchor(prefix, new KeyId(record.keyId())));
            }
            for (String note : notes) {
                out.println("; " + note);
            }
        }
        if (!registration.isStored()) {
            line.getErr().println(prefix + ": " + registration.refusal());
            return ExitCode.REFUSED;
        }
        return ExitCode.OK;
    }

    static String state(PartyKey key) {
        return lower(key.state()).replace("key-", "")
                + (key.revokedAt() == 0 ? "" : " since " + Instant.ofEpochMilli(key.revokedAt()));
    }

    private static List<String> roles(PartyKey key) {
        return key.roles().stream().map(PrefixReport::lower).toList();
    }

    /** As it is written on the command line. */
    private static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private ObjectNode json() {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("prefix", stored.prefix().text());
        RegisterCommand.json(registration, result);
        result.put("version", stored.record().version());
        result.put("epoch", stored.epoch());
        ArrayNode keyNodes = result.putArray("keys");
        for (PartyKey key : stored.keys()) {
            ObjectNode keyNode = keyNodes.addObject();
            keyNode.put("id", key.id().toString());
            keyNode.put("state", lower(key.state()).replace("key-", ""));
            if (key.revokedAt() != 0) {
                keyNode.put("revokedAt", Instant.ofEpochMilli(key.revokedAt()).toString());
            }
            ArrayNode roles = keyNode.putArray("roles");
            roles(key).forEach(roles::add);
        }
        stored.handleKeys()
                .keySet()
                .forEach(index -> result.withArray("handleKeys").add(index));
        if (stored.isSelfSigned()) {
            result.put(
                    "anchor",
                    new Anchor(stored.prefix(), new KeyId(stored.record().keyId())).toString());
        }
        return result;
    }
}
