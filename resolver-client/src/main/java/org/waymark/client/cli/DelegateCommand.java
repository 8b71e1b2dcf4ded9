package org.waymark.client.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.waymark.client.NodeClient;
import org.waymark.client.RegistryClient;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.HandleKey;
import org.waymark.trust.KeyFile;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark delegate}. */
@Command(
        name = "delegate",
        description =
                "Signs the record of a prefix with a key of the prefix above it, and registers it. Where there is a"
                        + " record already, makes its next version: what is not given stays as it is.")
final class DelegateCommand implements Callable<Integer> {

    @Mixin
    private RevisionOptions options;

    @Parameters(paramLabel = "PREFIX", description = "Such as 88.118.8 or gs1:952.")
    private Prefix prefix;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "FILE.pub[:ROLE,ROLE]",
            description =
                    "Public key to add, or to give other roles: delegate, records, node, auth, on-behalf. Default roles:"
                            + " delegate,records.")
    private List<String> keys = List.of();

    @Option(names = "--retire", paramLabel = "KEY-ID", description = "Key that is to sign nothing new.")
    private List<KeyId> retired = List.of();

    @Option(names = "--revoke", paramLabel = "KEY-ID", description = "Key by which nothing is to verify any more.")
    private List<KeyId> revoked = List.of();

    @Option(
            names = "--handle-key",
            paramLabel = "FILE.pub",
            description =
                    "Public key (PEM) of RSA or DSA by which the party is known to the node's Handle face, for clients"
                            + " that know no other keys; it signs no record. Replaces all such keys.")
    private List<Path> handleKeys;

    @Option(names = "--no-handle-key", description = "Remove the keys for the Handle face.")
    private boolean noHandleKey;

    @Option(names = "--name", description = "Legal name of the party.")
    private String name;

    @Option(names = "--registration", paramLabel = "CODE", description = "Unified social credit code, or another one.")
    private String registration;

    @Option(names = "--contact", description = "Who answers for the identifiers.")
    private String contact;

    @Option(names = "--industry", paramLabel = "CODE", description = "By GB/T 4754, such as C3514.")
    private String industry;

    @Option(
            names = {"--node-address", "--node"},
            paramLabel = "[FACE=]HOST:PORT",
            description =
                    "Where the prefix's own node is reached; FACE is waymark, waymark-tls, handle or https. Replaces all addresses.")
    private List<String> addresses;

    @Option(names = "--hosted", description = "Remove the node addresses: the prefix is served by the node above.")
    private boolean hosted;

    @Option(
            names = "--self-signed",
            description = "The prefix is a root and signs itself; implied where none is above it.")
    private boolean selfSigned;

    @Option(names = "--revoke-prefix", description = "The prefix, with all that is under it, is no longer valid.")
    private boolean revokePrefix;

    @Option(names = "--restore-prefix", description = "The prefix is valid again after it was revoked.")
    private boolean restorePrefix;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        options.check();
        if (revokePrefix && restorePrefix) {
            throw new UsageException("give either --revoke-prefix or --restore-prefix");
        }
        List<PartyKey> added = new ArrayList<>();
        for (String key : keys) {
            added.add(KeyWithRoles.parse(key).read());
        }
        List<HandleKey> handle = new ArrayList<>();
        for (Path file : handleKeys == null ? List.<Path>of() : handleKeys) {
            handle.add(KeyFile.readHandleKey(file));
        }
        try (NodeClient client = options.connect()) {
            RegistryClient registry = new RegistryClient(client);
            PrefixRevision revision = PrefixRevision.read(options, registry, prefix, selfSigned);
            PrefixRecord current = revision.current().orElse(null);
            boolean isRevoked =
                    revokePrefix || current != null && current.record().isRevoked() && !restorePrefix;
            IdentifierRecord record = revision.next(
                    description(current),
                    keys(current, added, revision),
                    addresses(current),
                    draft -> addOthers(draft, handle, revision),
                    isRevoked);
            return new PrefixReport(record, registry.register(record).join())
                    .print(spec.commandLine(), options.isJson());
        }
    }

    private void addOthers(RecordDraft.Builder draft, List<HandleKey> handle, PrefixRevision revision) {
        boolean keepsHandleKeys = handle.isEmpty() && !noHandleKey;
        revision.keepOthers(draft, type -> keepsHandleKeys || !type.equals(PrefixRecord.HANDLE_KEY_TYPE));
        PrefixRecord.describeHandleKeys(draft, handle);
    }

    private PrefixDescription description(PrefixRecord current) {
        PrefixDescription.Builder description =
                current == null ? PrefixDescription.newBuilder() : current.description().toBuilder();
        if (name != null) {
            description.setName(name);
        } else if (current == null) {
            throw new UsageException("a new prefix needs a --name");
        }
        if (registration != null) {
            description.setRegistration(registration);
        }
        if (contact != null) {
            description.setContact(contact);
        }
        if (industry != null) {
            description.setIndustry(industry);
        }
        return description.build();
    }

    private List<PartyKey> keys(PrefixRecord current, List<PartyKey> added, PrefixRevision revision) {
        KeyRing ring = new KeyRing(prefix, current == null ? List.of() : current.keys());
        added.forEach(ring::add);
        retired.forEach(ring::retire);
        revoked.forEach(id -> ring.revoke(id, 0));
        if (ring.isEmpty()) {
            throw new UsageException("a new prefix needs a --key");
        }
        if (revision.isSelfSigned() && !ring.mayDelegate(revision.signer().id())) {
            throw new UsageException(
                    "a prefix that signs itself needs the public half of --parent-key as a --key with the"
                            + " role delegate");
        }
        return ring.keys();
    }

    private List<NodeAddress> addresses(PrefixRecord current) {
        if (hosted) {
            return List.of();
        }
        if (addresses == null) {
            return current == null ? List.of() : current.addresses();
        }
        return addresses.stream().map(AddressText::parse).toList();
    }
}
