package org.waymark.client.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.waymark.client.RegistryClient;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.Anchor;
import org.waymark.trust.BadSignatureException;
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
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;

/** The record of a prefix as its node has it, verified, and the version that is to follow it. */
final class PrefixRevision {

    private final RevisionOptions options;
    private final Prefix prefix;
    private final SigningKey signer;
    private final SigningKey consenting;
    private final PrefixRecord current;
    private final PrefixRecord owner;

    private PrefixRevision(
            RevisionOptions options,
            Prefix prefix,
            SigningKey signer,
            SigningKey consenting,
            PrefixRecord current,
            PrefixRecord owner) {
        this.options = options;
        this.prefix = prefix;
        this.signer = signer;
        this.consenting = consenting;
        this.current = current;
        this.owner = owner;
    }

    /**
     * Opens the keys, and reads what there is.
     *
     * @param selfSigned where a prefix that is new signs itself, though one is above it
     * @throws VerificationException if it is not genuine
     */
    static PrefixRevision read(RevisionOptions options, RegistryClient registry, Prefix prefix, boolean selfSigned)
            throws IOException {
        SigningKey signer = options.openSigner();
        SigningKey consenting = options.openConsenting();
        PrefixRecord current = registry.prefixRecord(prefix).join().orElse(null);
        boolean signsItself = selfSigned || prefix.isRoot() || current != null && current.isSelfSigned();
        PrefixRecord owner = signsItself ? null : above(registry, prefix);
        PrefixRevision revision = new PrefixRevision(options, prefix, signer, consenting, current, owner);
        if (current != null) {
            revision.requireGenuine();
        }
        return revision;
    }

    private static PrefixRecord above(RegistryClient registry, Prefix prefix) {
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
     */
    private void requireGenuine() {
        IdentifierRecord record = current.record();
        VerifyingKey by = signerBefore();
        if (!new SignatureVerifier().verifies(record, by)) {
            throw new BadSignatureException("the signature of the node's " + record + " does not verify");
        }
        if (!record.valuesMatchRoot(by.suite().hash())) {
            throw new TamperedRecordException("the values of the node's " + record + " are not those that were signed");
        }
    }

    /** The key that signed the version before: this one, or an earlier one of the owner, for which an anchor vouches. */
    private VerifyingKey signerBefore() {
        KeyId by = new KeyId(current.record().keyId());
        if (by.equals(signer.id())) {
            return signer.verifyingKey();
        }
        PrefixRecord holder = current;
        if (owner == null || current.isSelfSigned()) {
            if (!options.trust().anchors().contains(new Anchor(prefix, by))) {
                throw new UntrustedAnchorException("the node's " + current + " is signed by the key " + by
                        + "; to build on it, that key is needed as an --anchor");
            }
        } else {
            try (ResolverClient client = options.node().resolver(options.trust())) {
                holder = client.blocking().trust(current.owner()).prefixRecord();
            }
        }
        return holder.key(by)
                .orElseThrow(() -> new UnknownKeyException(
                        "the node's " + current + " is signed by the key " + by + ", which is no key of its owner"))
                .key();
    }

    /** The record as it is; empty where there is none. */
    Optional<PrefixRecord> current() {
        return Optional.ofNullable(current);
    }

    /** The record as it is, for the commands that change one. */
    PrefixRecord requireCurrent() {
        if (current == null) {
            throw new UsageException("the node has no record of " + prefix + "; waymark delegate makes one");
        }
        return current;
    }

    boolean isSelfSigned() {
        return owner == null;
    }

    SigningKey signer() {
        return signer;
    }

    /** Refuses to take the signing key of a root away: it is what anchors name, so that another one is another root to clients. */
    void requireNotSigner(KeyId going) {
        if (isSelfSigned() && signer.id().equals(going)) {
            throw new UsageException("the key " + going + " signs the root's own record, and the anchors of all clients"
                    + " name it: it can't go while it signs");
        }
    }

    /** How long it takes until everybody goes by the next version. */
    String spread(IdentifierRecord next) {
        int ttl = Math.max(next.ttlSeconds(), requireCurrent().record().ttlSeconds());
        return "nodes of this registry go by it at once, clients within " + ttl
                + " seconds (the TTL of the prefix record)";
    }

    /** Signs the next version with other keys; all else stays as it is, but for an end that has passed or that the options set. */
    IdentifierRecord withKeys(List<PartyKey> keys) {
        return next(
                requireCurrent().description(),
                keys,
                current.addresses(),
                draft -> {
                    keepOthers(draft, type -> true);
                    keepEnd(draft);
                },
                current.record().isRevoked());
    }

    private void keepEnd(RecordDraft.Builder draft) {
        IdentifierRecord before = current.record();
        boolean isOver = before.expiresAt() != 0 && before.expiresAt() <= System.currentTimeMillis();
        if (!options.hasExpires() && !isOver) {
            draft.expiresAt(before.expiresAt());
        }
    }

    /** Adds what there is beside the description, the addresses and the keys that sign, where the type is one to keep. */
    void keepOthers(RecordDraft.Builder draft, Predicate<String> isKept) {
        if (current != null) {
            current.otherValues().stream()
                    .filter(value -> isKept.test(value.type()))
                    .forEach(value -> draft.value(value.index(), value.type(), value.data()));
        }
    }

    /**
     * Signs the next version, or the first one.
     *
     * @param others adds the values of other types; before all else, so that they keep their indexes
     */
    IdentifierRecord next(
            PrefixDescription description,
            Collection<PartyKey> keys,
            Collection<NodeAddress> addresses,
            Consumer<RecordDraft.Builder> others,
            boolean isRevoked) {
        long epoch = current == null ? 1 : current.epoch() + (options.isNewEpoch() ? 1 : 0);
        long now = System.currentTimeMillis();
        RecordDraft.Builder draft = RecordDraft.prefix(prefix, owner == null ? prefix : owner.prefix())
                .epoch(epoch)
                .ownerEpoch(owner == null ? epoch : owner.epoch())
                .expiresAt(now + Duration.ofDays(options.expiresDays()).toMillis());
        if (current != null) {
            IdentifierRecord before = current.record();
            Suite suite = (owner == null ? current : owner)
                    .key(new KeyId(before.keyId()))
                    .map(key -> key.key().suite())
                    .orElse(signer.suite());
            draft.following(before.version(), before.digest(suite.hash()))
                    .issuedAt(Math.max(now, before.issuedAt()))
                    .ttlSeconds(before.ttlSeconds());
        }
        others.accept(draft);
        PrefixRecord.describe(draft, description, keys, addresses);
        if (isRevoked) {
            draft.revoked();
        }
        RecordSigner records = new RecordSigner(signer);
        if (!needsConsent()) {
            return records.sign(draft.build());
        }
        requireConsent();
        return records.signWithConsent(draft.build(), consenting);
    }

    private boolean needsConsent() {
        return current != null && owner != null && !options.isNewEpoch();
    }

    /** To be called before anything is done for a next version. */
    void requireConsent() {
        if (needsConsent() && consenting == null) {
            throw new UsageException(prefix + " has a record: its next version needs the consent of one of its keys"
                    + " (--consent-key FILE), or a new epoch (--epoch)");
        }
    }
}
