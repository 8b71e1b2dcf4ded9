package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.VerifyingKey;
import org.waymark.v1.KeyRole;
import org.waymark.v1.RefusalReason;

/**
 * The prefix records of a load, and the keys that any version of them had. What was signed by a key that its owner has retired or
 * revoked since was registered all the same, and the node that serves it says what became of the key: so here a key counts
 * whatever its state. One thread adds, others look up.
 */
final class LoadedPrefixes {

    /** A key, and from which record on it is known. */
    private record Known(PartyKey key, long since) {}

    private static final class Party {

        private final Map<ByteString, Known> keys = new ConcurrentHashMap<>();
        private PrefixRecord newest;
    }

    private final Set<Anchor> roots;
    private final SignatureVerifier signatures = new SignatureVerifier();
    private final Map<Prefix, Party> parties = new ConcurrentHashMap<>();

    LoadedPrefixes(Set<Anchor> roots) {
        this.roots = Set.copyOf(roots);
    }

    /** The key of an owner with this id and role, if a record before this place has it. */
    Optional<VerifyingKey> find(Prefix owner, KeyId id, KeyRole role, long place) {
        Party party = parties.get(owner);
        Known known = party == null ? null : party.keys.get(id.bytes());
        return known != null && known.since() < place && known.key().serves(role)
                ? Optional.of(known.key().key())
                : Optional.empty();
    }

    /** The key of an owner that signed a record. */
    VerifyingKey signer(IdentifierRecord record, Prefix owner, KeyRole role, long place) throws Refusal {
        Party party = parties.get(owner);
        Known known = party == null ? null : party.keys.get(record.keyId());
        if (known == null || known.since() >= place) {
            throw Refusal.unauthorised(
                    RefusalReason.UNKNOWN_KEY,
                    "header.key_id",
                    "is " + new KeyId(record.keyId()) + ", which is no key of a prefix record of " + owner
                            + " before it");
        }
        if (!known.key().serves(role)) {
            throw Refusal.unauthorised(
                    RefusalReason.WRONG_ROLE,
                    "header.key_id",
                    "is " + known.key().id() + ", which has the roles "
                            + known.key().roles() + "; " + role + " is needed");
        }
        return known.key().key();
    }

    /**
     * Verifies a prefix record, and takes it for what hangs on it.
     *
     * @return the key that signed it
     */
    VerifyingKey add(IdentifierRecord record, long place) throws Refusal {
        PrefixRecord prefix = Admission.readPrefixRecord(record);
        VerifyingKey signer =
                prefix.isSelfSigned() ? rootSigner(prefix) : signer(record, prefix.owner(), KeyRole.DELEGATE, place);
        LoadCheck.requireSigned(signatures.verifies(record, signer), record, signer);
        Party party = parties.computeIfAbsent(prefix.prefix(), added -> new Party());
        if (party.newest != null && record.version() == party.newest.record().version() + 1) {
            new Succession(signatures).check(prefix, party.newest);
        }
        if (party.newest == null || record.version() > party.newest.record().version()) {
            party.newest = prefix;
        }
        prefix.keys().forEach(key -> party.keys.putIfAbsent(key.id().bytes(), new Known(key, place)));
        return signer;
    }

    private VerifyingKey rootSigner(PrefixRecord root) throws Refusal {
        KeyId id = new KeyId(root.record().keyId());
        if (!roots.contains(new Anchor(root.prefix(), id))) {
            throw Refusal.unauthorised(
                    RefusalReason.FOREIGN_ROOT,
                    "header.owner",
                    root.prefix() + " signed by the key " + id + " is no root that was given to verify from");
        }
        PartyKey key = root.key(id)
                .filter(own -> own.has(KeyRole.DELEGATE))
                .orElseThrow(() -> Refusal.unauthorised(
                        RefusalReason.UNKNOWN_KEY, "header.key_id", "is " + id + ", which the root does not hold"));
        return key.key();
    }
}
