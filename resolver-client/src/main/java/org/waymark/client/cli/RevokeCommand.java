package org.waymark.client.cli;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.concurrent.Callable;
import org.waymark.client.NodeClient;
import org.waymark.client.RegistryClient;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.v1.KeyRole;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark revoke}. */
@Command(
        name = "revoke",
        description =
                "Revokes a key of a prefix. Nothing by it verifies any more, until it is signed anew by another key;"
                        + " with --since, items that it signed by then still do.")
final class RevokeCommand implements Callable<Integer> {

    @Mixin
    private RevisionOptions options;

    @Parameters(paramLabel = "PREFIX", description = "Such as 88.118.8 or gs1:952.")
    private Prefix prefix;

    @Option(
            names = {"-k", "--key"},
            required = true,
            paramLabel = "KEY-ID",
            description = "The key.")
    private KeyId revoked;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Items that say that they were signed by then stay valid, such as 2026-05-01T08:00:00Z. Weaker:"
                            + " who has the key can claim any time. Nodes go by when they stored a record too; a client that is"
                            + " shown a record by somebody else has only the claim.")
    private String since;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        options.check();
        long time = since == null ? 0 : time(since);
        try (NodeClient client = options.connect()) {
            RegistryClient registry = new RegistryClient(client);
            PrefixRevision revision = PrefixRevision.read(options, registry, prefix, false);
            KeyRing ring = new KeyRing(prefix, revision.requireCurrent().keys());
            PartyKey key = ring.require(revoked);
            if (key.isRevoked() && time >= key.revokedAt()) {
                throw new UsageException("the key " + revoked + " is " + PrefixReport.state(key)
                        + " already; the time can only become earlier");
            }
            if (time != 0 && !key.serves(KeyRole.RECORDS)) {
                throw new UsageException("--since is about items, and the key " + revoked
                        + " has neither the role records nor on-behalf: everything by it is refused");
            }
            revision.requireNotSigner(revoked);
            boolean wasLast = key.isActive() && key.has(KeyRole.DELEGATE);
            ring.revoke(revoked, time);
            if (wasLast) {
                ring.requireDelegate(revoked);
            }
            IdentifierRecord record = revision.withKeys(ring.keys());
            return new PrefixReport(record, registry.register(record).join())
                    .print(
                            spec.commandLine(),
                            options.isJson(),
                            time == 0
                                    ? "nothing by " + revoked + " verifies until another key signs it anew"
                                    : "items by " + revoked + " of a time after " + Instant.ofEpochMilli(time)
                                            + ", and all prefix records by it, are refused",
                            revision.spread(record));
        }
    }

    private static long time(String text) {
        long time;
        try {
            time = OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (DateTimeException e) {
            throw new UsageException(
                    "--since is a time with its offset, such as 2026-05-01T08:00:00Z or 2026-05-01T16:00:00+08:00, not \""
                            + text + "\"");
        }
        if (time <= 0 || time > System.currentTimeMillis()) {
            throw new UsageException("--since must be after 1970 and not in the future");
        }
        return time;
    }
}
