package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.waymark.client.NodeClient;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.Anchor;
import org.waymark.trust.BadSignatureException;
import org.waymark.trust.HandleKey;
import org.waymark.trust.KeyFile;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.UnknownKeyException;
import org.waymark.trust.UntrustedAnchorException;
import org.waymark.trust.VerificationException;
import org.waymark.trust.VerifyingKey;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
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
    private NodeOptions node;

    @Mixin
    private NodeOptions.AnchorOptions trust;

    @Parameters(paramLabel = "PREFIX", description = "Such as 88.118.8 or gs1:952.")
    private Prefix prefix;

    @Option(
            names = "--parent-key",
            required = true,
            paramLabel = "FILE",
            description =
                    "Private key, with the role DELEGATE, of the longest registered prefix above; of the prefix itself"
                            + " for one that signs itself.")
    private Path parentKey;

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
            names = "--expires",
            paramLabel = "DAYS",
            defaultValue = "365",
            description = "After how many days the record has to be renewed: 1 to 3650. Default: ${DEFAULT-VALUE}.")
    private int expiresDays;

    @Option(
            names = {"--node-address", "--node"},
            paramLabel = "[FACE=]HOST:PORT",
            description =
                    "Where the prefix's own node is reached; FACE is waymark, waymark-tls, handle or https. Replaces all addresses.")
    private List<String> addresses;

    @Option(names = "--hosted", description = "Remove the node addresses: the prefix is served by the node above.")
    private boolean hosted;

    @Option(
            names = "--consent-key",
            paramLabel = "FILE",
            description =
                    "Private key, with the role DELEGATE, of the version before: the prefix consents to the new one.")
    private Path consentKey;

    @Option(
            names = "--epoch",
            description = "Do without consent: the epoch rises, and the records of the prefix have to be signed anew.")
    private boolean newEpoch;

    @Option(
            names = "--self-signed",
            description = "The prefix is a root and signs itself; implied where none is above it.")
    private boolean selfSigned;

    @Option(names = "--revoke-prefix", description = "The prefix, with all that is under it, is no longer valid.")
    private boolean revokePrefix;

    @Option(names = "--restore-prefix", description = "The prefix is valid again after it was revoked.")
    private boolean restorePrefix;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (expiresDays < 1 || expiresDays > 3_650) {
            throw new UsageException("--expires must be 1 to 3650 days, not " + expiresDays);
        }
        if (revokePrefix && restorePrefix) {
            throw new UsageException("give either --revoke-prefix or --restore-prefix");
        }
        SigningKey signer = KeyFile.readPrivate(parentKey);
        SigningKey consenting = consentKey == null ? null : KeyFile.readPrivate(consentKey);
        List<PartyKey> added = new ArrayList<>();
        for (String key : keys) {
            added.add(KeyWithRoles.parse(key).read());
        }
        List<HandleKey> handle = new ArrayList<>();
        for (Path file : handleKeys == null ? List.<Path>of() : handleKeys) {
            handle.add(KeyFile.readHandleKey(file));
        }
        try (NodeClient client = node.connect()) {
            RegistryClient registry = new RegistryClient(client);
            PrefixRecord current = registry.prefixRecord(prefix).join().orElse(null);
            PrefixRecord owner = owner(registry, current);
            if (current != null) {
                requireGenuine(current, owner, signer);
            }
            IdentifierRecord record = sign(current, owner, added, handle, signer, consenting);
            return report(record, registry.register(record).join());
        }
    }

    /** The record of the prefix that signs; null where the prefix signs itself. */
    private PrefixRecord owner(RegistryClient registry, PrefixRecord current) {
        if (selfSigned || prefix.isRoot() || current != null && current.isSelfSigned()) {
            return null;
        }
        for (Prefix above : prefix.parent().orElseThrow().ladder()) {
            Optional<PrefixRecord> record = registry.prefixRecord(above).join();
            if (record.isPresent()) {
                return record.get();
            }
        }
        throw new UsageException("the node has no record of a prefix above " + prefix
                + "; delegate that one first, or make this one a root with --self-signed");
    }

    /**
     * What is not given is signed again as it stands, so it has to be what was signed before and not what the node makes up: a
     * key that it slipped in would be signed along with the others.
     *
     * @throws VerificationException if it is not
     */
    private void requireGenuine(PrefixRecord current, PrefixRecord owner, SigningKey signer) {
        IdentifierRecord record = current.record();
        VerifyingKey by = signerBefore(current, owner, signer);
        if (!new SignatureVerifier().verifies(record, by)) {
            throw new BadSignatureException("the signature of the node's " + record + " does not verify");
        }
        if (!record.valuesMatchRoot(by.suite().hash())) {
            throw new TamperedRecordException("the values of the node's " + record + " are not those that were signed");
        }
    }

    /** The key that signed the version before: this one, or an earlier one of the owner, for which an anchor vouches. */
    private VerifyingKey signerBefore(PrefixRecord current, PrefixRecord owner, SigningKey signer) {
        KeyId by = new KeyId(current.record().keyId());
        if (by.equals(signer.id())) {
            return signer.verifyingKey();
        }
        PrefixRecord holder = current;
        if (owner == null || current.isSelfSigned()) {
            if (!trust.anchors().contains(new Anchor(prefix, by))) {
                throw new UntrustedAnchorException("the node's " + current + " is signed by the key " + by
                        + "; to build on it, that key is needed as an --anchor");
            }
        } else {
            try (ResolverClient client = node.resolver(trust)) {
                holder = client.blocking().trust(current.owner()).prefixRecord();
            }
        }
        return holder.key(by)
                .orElseThrow(() -> new UnknownKeyException(
                        "the node's " + current + " is signed by the key " + by + ", which is no key of its owner"))
                .key();
    }

    private IdentifierRecord sign(
            PrefixRecord current,
            PrefixRecord owner,
            List<PartyKey> added,
            List<HandleKey> handle,
            SigningKey signer,
            SigningKey consenting) {
        long epoch = current == null ? 1 : current.epoch() + (newEpoch ? 1 : 0);
        long now = System.currentTimeMillis();
        RecordDraft.Builder draft = RecordDraft.prefix(prefix, owner == null ? prefix : owner.prefix())
                .epoch(epoch)
                .ownerEpoch(owner == null ? epoch : owner.epoch())
                .expiresAt(now + Duration.ofDays(expiresDays).toMillis());
        if (current != null) {
            IdentifierRecord before = current.record();
            Suite suite = (owner == null ? current : owner)
                    .key(new KeyId(before.keyId()))
                    .map(key -> key.key().suite())
                    .orElse(signer.suite());
            draft.following(before.version(), before.digest(suite.hash())).issuedAt(Math.max(now, before.issuedAt()));
        }
        PrefixRecord.describe(draft, description(current), keys(current, added, owner, signer), addresses(current));
        if (!handle.isEmpty()) {
            PrefixRecord.describeHandleKeys(draft, handle);
        } else if (current != null && !noHandleKey) {
            current.handleKeys().forEach((index, key) -> draft.value(index, PrefixRecord.HANDLE_KEY_TYPE, key));
        }
        if (revokePrefix || current != null && current.record().isRevoked() && !restorePrefix) {
            draft.revoked();
        }
        RecordSigner records = new RecordSigner(signer);
        if (current == null || owner == null || newEpoch) {
            return records.sign(draft.build());
        }
        if (consenting == null) {
            throw new UsageException(prefix + " has a record: its next version needs the consent of one of its keys"
                    + " (--consent-key FILE), or a new epoch (--epoch)");
        }
        return records.signWithConsent(draft.build(), consenting);
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

    private List<PartyKey> keys(PrefixRecord current, List<PartyKey> added, PrefixRecord owner, SigningKey signer) {
        Map<KeyId, PartyKey> all = new LinkedHashMap<>();
        if (current != null) {
            current.keys().forEach(key -> all.put(key.id(), key));
        }
        for (PartyKey key : added) {
            PartyKey before = all.get(key.id());
            if (before != null && !before.isActive()) {
                throw new UsageException("the key " + key.id() + " is retired or revoked and can't come back");
            }
            all.put(key.id(), key);
        }
        retired.forEach(id -> setState(all, id, KeyState.KEY_RETIRED));
        revoked.forEach(id -> setState(all, id, KeyState.KEY_REVOKED));
        if (all.isEmpty()) {
            throw new UsageException("a new prefix needs a --key");
        }
        boolean mayNotSign = owner == null
                && Optional.ofNullable(all.get(signer.id()))
                        .filter(key -> key.has(KeyRole.DELEGATE))
                        .isEmpty();
        if (mayNotSign) {
            throw new UsageException(
                    "a prefix that signs itself needs the public half of --parent-key as a --key with the"
                            + " role delegate");
        }
        return List.copyOf(all.values());
    }

    private void setState(Map<KeyId, PartyKey> all, KeyId id, KeyState state) {
        PartyKey key = all.get(id);
        if (key == null) {
            throw new UsageException("the key " + id + " is none of " + prefix);
        }
        all.put(id, key.in(state));
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

    private int report(IdentifierRecord record, Registration registration) {
        PrintWriter out = spec.commandLine().getOut();
        PrefixRecord stored = PrefixRecord.of(record);
        if (json) {
            out.println(json(stored, registration));
        } else if (registration.isStored()) {
            out.println(prefix + "  " + registration.code() + "  version " + record.version() + ", epoch "
                    + record.epoch() + (record.isRevoked() ? ", REVOKED" : "") + ", expires "
                    + java.time.Instant.ofEpochMilli(record.expiresAt()));
            TextTable table = new TextTable("KEY", "SUITE", "STATE", "ROLES");
            for (PartyKey key : stored.keys()) {
                table.row(key.id().toString(), lower(key.key().suite()), state(key), String.join(",", roles(key)));
            }
            table.lines("  ").forEach(out::println);
            stored.handleKeys().keySet().forEach(index -> out.println("; handle key  index " + index));
            if (stored.isSelfSigned()) {
                out.println("; anchor  " + new Anchor(prefix, new KeyId(record.keyId())));
            }
        }
        if (!registration.isStored()) {
            spec.commandLine().getErr().println(prefix + ": " + registration.refusal());
            return ExitCode.REFUSED;
        }
        return ExitCode.OK;
    }

    private static String state(PartyKey key) {
        return lower(key.state()).replace("key-", "");
    }

    private static List<String> roles(PartyKey key) {
        return key.roles().stream().map(DelegateCommand::lower).toList();
    }

    /** As it is written on the command line. */
    private static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private ObjectNode json(PrefixRecord record, Registration registration) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("prefix", prefix.text());
        RegisterCommand.json(registration, result);
        result.put("version", record.record().version());
        result.put("epoch", record.epoch());
        ArrayNode keyNodes = result.putArray("keys");
        for (PartyKey key : record.keys()) {
            ObjectNode keyNode = keyNodes.addObject();
            keyNode.put("id", key.id().toString());
            keyNode.put("state", state(key));
            ArrayNode roles = keyNode.putArray("roles");
            roles(key).forEach(roles::add);
        }
        record.handleKeys()
                .keySet()
                .forEach(index -> result.withArray("handleKeys").add(index));
        if (record.isSelfSigned()) {
            result.put("anchor", new Anchor(prefix, new KeyId(record.record().keyId())).toString());
        }
        return result;
    }
}
