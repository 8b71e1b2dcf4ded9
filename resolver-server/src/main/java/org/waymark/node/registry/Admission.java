package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.SignatureVerifier;
import org.waymark.v1.KeyRole;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RefusalReason;

/**
 * The rules by which one record is admitted: grammar, owner, key, signature, values, version, time. They look at the record and at
 * the registry, never at who sent it.
 */
final class Admission {

    private final Registry registry;
    private final PrefixTable prefixes;
    private final Set<Anchor> roots;
    private final Homes homes;
    private final SignatureVerifier signatures;
    private final Clock clock;

    /**
     * @param roots the self-signed prefixes that this node was set up with, each with the key that signs it
     * @param homes the prefixes that it stands for
     */
    Admission(
            Registry registry,
            PrefixTable prefixes,
            Set<Anchor> roots,
            Homes homes,
            SignatureVerifier signatures,
            Clock clock) {
        this.registry = registry;
        this.prefixes = prefixes;
        this.roots = Set.copyOf(roots);
        this.homes = homes;
        this.signatures = signatures;
        this.clock = clock;
    }

    /** What a record leads to: a write, or nothing because it is stored already. */
    sealed interface Verdict {

        record Admitted(Write write) implements Verdict {}

        record AlreadyStored(long currentVersion) implements Verdict {}
    }

    /**
     * What was current under a record's key.
     *
     * @param asOf the last visible commit before it was read
     */
    record Found(long asOf, Optional<StoredRecord> current) {}

    /** What is current under these keys, in their order. */
    List<Found> find(List<RecordKey> keys) {
        // In this order: what is committed in between has a number above this one.
        long asOf = registry.lastSequence();
        return registry.readAll(keys).stream()
                .map(current -> new Found(asOf, current))
                .toList();
    }

    /**
     * Checks one record against the registry as it was found. The write's conditions make sure that it is still so at the commit.
     *
     * @param ladders of the group that the record is committed with
     * @throws Refusal if a rule is broken
     */
    Verdict check(IdentifierRecord record, Found found, Ladders ladders) throws Refusal {
        Optional<Prefix> longestOwner = longestOwner(record);
        Optional<StoredRecord> current = found.current();
        if (isStored(record, current)) {
            return new Verdict.AlreadyStored(current.get().version());
        }
        checkForm(record);
        boolean isPrefix = record.kind() == RecordKind.PREFIX;
        PrefixRecord prefixRecord = isPrefix ? readPrefixRecord(record) : null;
        List<Condition> conditions = List.of();
        PartyKey signer;
        if (isPrefix && prefixRecord.isSelfSigned()) {
            signer = rootSigner(prefixRecord, current);
        } else {
            Ladders.Ladder ladder = longestOwner
                    .map(longest -> ladders.from(longest, clock.millis()))
                    .orElseThrow(() -> notServed(record));
            conditions = ladder.conditions();
            signer = ownedSigner(record, ladder, isPrefix ? KeyRole.DELEGATE : KeyRole.RECORDS);
        }
        if (!signatures.verifies(record, signer.key())) {
            throw Refusal.unauthorised(
                    RefusalReason.BAD_SIGNATURE,
                    "proof",
                    "does not verify with the key " + signer.id() + ": header, path or signature was changed");
        }
        if (!record.valuesMatchRoot(signer.key().suite().hash())) {
            throw Refusal.invalid(
                    RefusalReason.VALUES_MISMATCH, "values", "do not hash to header.values_root; a value was changed");
        }
        RecordDigest digest = record.digest(signer.key().suite().hash());
        checkVersion(record, current);
        checkTime(record, current);
        if (isPrefix && current.isPresent()) {
            PrefixRecord before =
                    PrefixRecord.of(IdentifierRecord.parse(current.get().record()));
            new Succession(signatures).check(prefixRecord, before);
            if (!record.isRevoked() && CaseStore.isDeleted(registry, prefixRecord.prefix())) {
                throw Refusal.unauthorised(
                        RefusalReason.PREFIX_DELETED,
                        "header.status",
                        "is ACTIVE; " + prefixRecord.prefix() + " is being deleted and can't become active again");
            }
        }
        return new Verdict.Admitted(new Write(
                record.key(),
                record.version(),
                digest.bytes(),
                record.encoded(),
                record.version() - 1,
                record.previous().map(RecordDigest::bytes).orElse(ByteString.EMPTY),
                conditions,
                found.asOf()));
    }

    /** What holds for a record by itself, whoever signed it. */
    static void checkForm(IdentifierRecord record) throws Refusal {
        if (record.isPartial()) {
            throw Refusal.invalid(
                    RefusalReason.VALUES_MISMATCH, "values", "must all be there; a partial record can't be registered");
        }
        if (!record.isPlainlyEncoded()) {
            throw Refusal.invalid(
                    RefusalReason.MALFORMED_RECORD,
                    "record",
                    "must hold the fields of a SignedRecord and no others, each once, in the order of their numbers");
        }
        checkReaders(record);
    }

    /** A group's ladders, with nothing known yet. */
    Ladders ladders() {
        return new Ladders(prefixes, homes);
    }

    /** The longest prefix that may own the record; empty for a prefix that nothing is above. */
    static Optional<Prefix> longestOwner(IdentifierRecord record) throws Refusal {
        String text = record.key().identifier();
        try {
            String canonical;
            Optional<Prefix> owner;
            if (record.kind() == RecordKind.ITEM) {
                Identifier identifier = Identifier.parse(record.scheme(), text);
                canonical = identifier.canonical();
                owner = Optional.of(identifier.prefix());
            } else {
                Prefix prefix = Prefix.of(record.scheme(), text);
                canonical = prefix.canonical();
                owner = prefix.parent();
            }
            if (!canonical.equals(text)) {
                throw Refusal.invalid(
                        RefusalReason.BROKEN_GRAMMAR,
                        "header.key.identifier",
                        "is not canonical; it must be " + canonical);
            }
            return owner;
        } catch (InvalidIdentifierException e) {
            throw Refusal.invalid(RefusalReason.BROKEN_GRAMMAR, "header.key.identifier", e.getMessage());
        }
    }

    /** True where the header is that of a stored version, byte for byte: its root stands for the values. */
    private boolean isStored(IdentifierRecord record, Optional<StoredRecord> current) {
        if (current.isEmpty() || record.version() > current.get().version()) {
            return false;
        }
        Optional<StoredRecord> same =
                record.version() == current.get().version() ? current : registry.read(record.key(), record.version());
        return same.map(stored -> IdentifierRecord.parse(stored.record()).headerBytes())
                .filter(record.headerBytes()::equals)
                .isPresent();
    }

    private static void checkReaders(IdentifierRecord record) throws Refusal {
        for (int i = 0; i < record.values().size(); i++) {
            List<String> readers = record.values().get(i).readers();
            for (int j = 0; j < readers.size(); j++) {
                checkReader("values[" + i + "].readers[" + j + "]", record.scheme(), readers.get(j));
            }
        }
    }

    private static void checkReader(String field, Scheme scheme, String reader) throws Refusal {
        String canonical;
        try {
            canonical = Prefix.of(scheme, reader).canonical();
        } catch (InvalidIdentifierException e) {
            throw Refusal.invalid(RefusalReason.BROKEN_GRAMMAR, field, e.getMessage());
        }
        if (!canonical.equals(reader)) {
            throw Refusal.invalid(RefusalReason.BROKEN_GRAMMAR, field, "is not canonical; it must be " + canonical);
        }
    }

    static PrefixRecord readPrefixRecord(IdentifierRecord record) throws Refusal {
        try {
            return PrefixRecord.of(record);
        } catch (InvalidRecordException e) {
            throw Refusal.invalid(
                    e.isOverLimit() ? RefusalReason.LIMIT_EXCEEDED : RefusalReason.MALFORMED_RECORD,
                    e.field(),
                    e.rule());
        } catch (InvalidIdentifierException e) {
            throw Refusal.invalid(RefusalReason.BROKEN_GRAMMAR, "header.owner", e.getMessage());
        }
    }

    /**
     * The key that signs a self-signed prefix record. It is one that the node was set up with, which the version before and this
     * one hold as active: a root that does not hold its own signer verifies for nobody.
     */
    private PartyKey rootSigner(PrefixRecord root, Optional<StoredRecord> current) throws Refusal {
        KeyId id = new KeyId(root.record().keyId());
        if (!roots.contains(new Anchor(root.prefix(), id))) {
            throw Refusal.unauthorised(
                    RefusalReason.FOREIGN_ROOT,
                    "header.owner",
                    root.prefix() + " signed by the key " + id + " is no root that this node was set up with");
        }
        if (root.record().ownerEpoch() != root.epoch()) {
            throw Refusal.unauthorised(
                    RefusalReason.WRONG_EPOCH,
                    "header.owner_epoch",
                    "is " + root.record().ownerEpoch() + "; a root owns itself, and its epoch is " + root.epoch());
        }
        if (current.isPresent()) {
            requireUsable(PrefixRecord.of(IdentifierRecord.parse(current.get().record())), id, KeyRole.DELEGATE);
        }
        return requireUsable(root, id, KeyRole.DELEGATE);
    }

    private static Refusal notServed(IdentifierRecord record) {
        return Refusal.notResponsible("no prefix above " + record.key() + " is served by this node");
    }

    /** The key of the owner that signs a record. */
    private PartyKey ownedSigner(IdentifierRecord record, Ladders.Ladder ladder, KeyRole role) throws Refusal {
        PrefixChain chain = ladder.chain();
        if (chain.isEmpty()) {
            throw notServed(record);
        }
        if (!isOwnChain(record)) {
            requireServedHere(record, ladder);
        }
        PrefixRecord owner = chain.owner();
        if (!owner.prefix().canonical().equals(record.ownerText())) {
            throw Refusal.unauthorised(
                    RefusalReason.WRONG_OWNER,
                    "header.owner",
                    "is " + record.ownerText() + "; the longest registered prefix above " + record.key() + " is "
                            + owner.prefix().canonical());
        }
        if (owner.epoch() != record.ownerEpoch()) {
            throw Refusal.unauthorised(
                    RefusalReason.WRONG_EPOCH,
                    "header.owner_epoch",
                    "is " + record.ownerEpoch() + "; " + owner.prefix() + " is in epoch " + owner.epoch());
        }
        if (ladder.fault() != null) {
            throw Refusal.unauthorised(RefusalReason.OWNER_NOT_ACTIVE, "header.owner", ladder.fault());
        }
        return requireUsable(owner, new KeyId(record.keyId()), role);
    }

    private static void requireServedHere(IdentifierRecord record, Ladders.Ladder ladder) throws Refusal {
        if (ladder.elsewhere().isPresent()) {
            throw Refusal.notResponsible(
                    ladder.elsewhere().get().prefix() + " is served by a node of its own; register there");
        }
        if (!ladder.isServed()) {
            throw notServed(record);
        }
    }

    /** True for the prefix records that lead to this node's own: a copy of what the nodes above have. */
    private boolean isOwnChain(IdentifierRecord record) {
        return record.kind() == RecordKind.PREFIX
                && homes.areBelow(Prefix.of(record.scheme(), record.key().identifier()));
    }

    private static PartyKey requireUsable(PrefixRecord owner, KeyId id, KeyRole role) throws Refusal {
        PartyKey key = owner.key(id).orElse(null);
        if (key == null) {
            throw Refusal.unauthorised(
                    RefusalReason.UNKNOWN_KEY, "header.key_id", "is " + id + ", which is no key of " + owner.prefix());
        }
        if (key.isRevoked()) {
            throw Refusal.unauthorised(
                    RefusalReason.KEY_IS_REVOKED, "header.key_id", "is " + id + ", which is revoked");
        }
        if (!key.isActive()) {
            throw Refusal.unauthorised(
                    RefusalReason.KEY_IS_RETIRED,
                    "header.key_id",
                    "is " + id + ", which is retired: it signs nothing new");
        }
        if (!key.serves(role)) {
            throw Refusal.unauthorised(
                    RefusalReason.WRONG_ROLE,
                    "header.key_id",
                    "is " + id + ", which has the roles " + key.roles() + "; " + role + " is needed");
        }
        return key;
    }

    private static void checkVersion(IdentifierRecord record, Optional<StoredRecord> current) throws Refusal {
        long currentVersion = current.map(StoredRecord::version).orElse(0L);
        ByteString currentDigest = current.map(StoredRecord::digest).orElse(ByteString.EMPTY);
        if (record.version() != currentVersion + 1) {
            throw Refusal.conflict(
                    currentVersion,
                    currentDigest,
                    "is " + record.version() + "; version " + (currentVersion + 1) + " would follow the current one");
        }
        if (!record.previous().map(RecordDigest::bytes).orElse(ByteString.EMPTY).equals(currentDigest)) {
            throw Refusal.conflict(
                    currentVersion,
                    currentDigest,
                    "follows another version " + currentVersion + " than the current one");
        }
    }

    private void checkTime(IdentifierRecord record, Optional<StoredRecord> current) throws Refusal {
        long latest = clock.millis() + Limits.CLOCK_AHEAD_MILLIS;
        if (record.issuedAt() > latest) {
            throw Refusal.invalid(
                    RefusalReason.WRONG_TIME,
                    "header.issued_at",
                    "is " + (record.issuedAt() - clock.millis()) + " ms ahead of this node's clock; at most "
                            + Limits.CLOCK_AHEAD_MILLIS + " are allowed");
        }
        if (current.isPresent()) {
            long previous = IdentifierRecord.parse(current.get().record()).issuedAt();
            if (record.issuedAt() < previous) {
                throw Refusal.invalid(
                        RefusalReason.WRONG_TIME,
                        "header.issued_at",
                        "is " + (previous - record.issuedAt()) + " ms before that of the version before");
            }
        }
        if (record.isExpired(clock.millis())) {
            throw Refusal.invalid(RefusalReason.WRONG_TIME, "header.expires_at", "has passed already");
        }
    }
}
