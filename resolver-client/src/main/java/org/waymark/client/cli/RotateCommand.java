package org.waymark.client.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.waymark.client.NodeClient;
import org.waymark.client.RegistryClient;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.KeyFile;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.VerifyingKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark rotate}. */
@Command(
        name = "rotate",
        description =
                "Gives a prefix a new key in the place of another one, with the same roles. The old one is retired:"
                        + " what it signed stays valid, and it signs nothing new.")
final class RotateCommand implements Callable<Integer> {

    @Mixin
    private RevisionOptions options;

    @Mixin
    private NewKeyOptions newKey;

    @Parameters(paramLabel = "PREFIX", description = "Such as 88.118.8 or gs1:952.")
    private Prefix prefix;

    @Option(names = "--retire", required = true, paramLabel = "KEY-ID", description = "The key that goes.")
    private KeyId retired;

    @Option(names = "--new-key", paramLabel = "FILE.pub", description = "Public half of the key that comes.")
    private Path publicFile;

    @Option(
            names = "--generate",
            paramLabel = "FILE",
            description = "Make the key that comes: a new file, and FILE.pub beside it.")
    private Path generated;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        options.check();
        if ((publicFile == null) == (generated == null)) {
            throw new UsageException("give either --new-key FILE.pub or --generate FILE");
        }
        try (NodeClient client = options.connect()) {
            RegistryClient registry = new RegistryClient(client);
            PrefixRevision revision = PrefixRevision.read(options, registry, prefix, false);
            KeyRing ring = new KeyRing(prefix, revision.requireCurrent().keys());
            PartyKey old = ring.require(retired);
            if (!old.isActive()) {
                throw new UsageException("the key " + retired + " is " + PrefixReport.state(old)
                        + " already; to add a key, use waymark delegate --key");
            }
            revision.requireNotSigner(retired);
            revision.requireConsent();
            VerifyingKey comes = publicFile == null
                    ? newKey.make(generated, options.passphrases()).verifyingKey()
                    : KeyFile.readPublic(publicFile);
            if (comes.id().equals(retired)) {
                throw new UsageException("the new key is the one that is to be retired");
            }
            ring.add(PartyKey.active(comes, ring.rolesOf(comes.id(), old.roles())));
            ring.retire(retired);
            IdentifierRecord record = revision.withKeys(ring.keys());
            return new PrefixReport(record, registry.register(record).join())
                    .print(
                            spec.commandLine(),
                            options.isJson(),
                            comes.id() + " signs from now on; what " + retired
                                    + " signed stays valid, and nodes admit nothing new by it",
                            revision.spread(record));
        }
    }
}
