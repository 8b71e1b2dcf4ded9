package org.waymark.trust;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.v1.KeyRole;
import org.waymark.v1.RecordKind;

/**
 * A prefix record that was verified from an anchor down: the one way to get hold of one is to verify it. It verifies the prefix
 * records and the items below it. Immutable, safe for use by many threads.
 *
 * <p>Holds for as long as the caller keeps it: to notice revocations, fetch the prefix records again when their life ends.
 */
public final class TrustedPrefix {

    private final PrefixRecord prefixRecord;
    private final TrustedPrefix parent;
    private final SignatureVerifier signatures;
    private final int depth;

    private TrustedPrefix(PrefixRecord prefixRecord, TrustedPrefix parent, SignatureVerifier signatures) {
        this.prefixRecord = prefixRecord;
        this.parent = parent;
        this.signatures = signatures;
        this.depth = parent == null ? 1 : parent.depth + 1;
        if (depth > Limits.CHAIN_LENGTH) {
            throw new WrongOwnerException(
                    "the chain to " + prefixRecord.prefix() + " is longer than " + Limits.CHAIN_LENGTH);
        }
    }

    /**
     * Verifies an anchor's own prefix record.
     *
     * @param nowMillis UTC epoch milliseconds
     * @throws VerificationException if it does not verify; the type says why
     */
    public static TrustedPrefix anchored(
            Anchor anchor, IdentifierRecord record, SignatureVerifier signatures, long nowMillis) {
        requireKey(record, RecordKind.PREFIX, anchor.prefix());
        PrefixRecord prefixRecord = read(record);
        if (!prefixRecord.isSelfSigned()) {
            throw new UntrustedAnchorException("the prefix record of " + anchor.prefix() + " is owned by "
                    + prefixRecord.owner() + "; an anchor needs one that the prefix signs itself");
        }
        PartyKey anchorKey = prefixRecord
                .key(anchor.keyId())
                .orElseThrow(() -> new UntrustedAnchorException("the prefix record of " + anchor.prefix()
                        + " does not hold the anchor's key " + anchor.keyId()));
        if (anchorKey.isRevoked()) {
            throw new RevokedKeyException("the anchor's key " + anchor.keyId() + " is revoked");
        }
        if (!record.keyId().equals(anchor.keyId().bytes())) {
            throw new UntrustedAnchorException("the prefix record of " + anchor.prefix() + " is signed by the key "
                    + new KeyId(record.keyId()) + ", not by the anchor's");
        }
        requireSignature(signatures, record, anchorKey, KeyRole.DELEGATE);
        requireEpoch(record, prefixRecord);
        requireInForce(record, nowMillis);
        return new TrustedPrefix(prefixRecord, null, signatures);
    }

    /**
     * Verifies a prefix record that this prefix signed.
     *
     * @throws VerificationException if it does not verify; the type says why
     */
    public TrustedPrefix delegate(IdentifierRecord record, long nowMillis) {
        PrefixRecord child = read(record);
        if (child.isSelfSigned()) {
            throw new WrongOwnerException(
                    "the prefix record of " + child.prefix() + " is signed by itself, not by " + prefix());
        }
        requireOwned(record);
        requireSignature(signatures, record, signer(record), KeyRole.DELEGATE);
        requireInForce(nowMillis);
        requireInForce(record, nowMillis);
        return new TrustedPrefix(child, this, signatures);
    }

    /**
     * Verifies an item of this prefix. A revoked item verifies too: that it is revoked is what it says. The signer may be a key with
     * the role ON_BEHALF; {@link PrefixRecord#isOnBehalf} tells.
     *
     * @param identifier what was asked for
     * @throws VerificationException if it does not verify; the type says why
     */
    public void verify(Identifier identifier, IdentifierRecord record, long nowMillis) {
        RecordKey asked = RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical());
        if (!record.key().equals(asked)) {
            throw new WrongIdentifierException("asked for " + asked + ", got a record of " + record.key());
        }
        if (!prefix().covers(identifier)) {
            throw new WrongOwnerException(identifier + " is not under the prefix " + prefix());
        }
        requireOwned(record);
        requireSignature(signatures, record, signer(record), KeyRole.RECORDS);
        requireInForce(nowMillis);
        if (record.isExpired(nowMillis)) {
            throw new ExpiredRecordException(record + " has expired");
        }
    }

    private void requireOwned(IdentifierRecord record) {
        if (!record.ownerText().equals(prefix().canonical()) || record.scheme() != prefix().scheme()) {
            throw new WrongOwnerException(
                    record + " names " + record.ownerText() + " as owner, not " + prefix().canonical());
        }
        requireEpoch(record, prefixRecord);
    }

    private static void requireEpoch(IdentifierRecord record, PrefixRecord owner) {
        if (record.ownerEpoch() != owner.epoch()) {
            throw new WrongEpochException(record + " is of epoch " + record.ownerEpoch() + " of " + owner.prefix()
                    + ", which is now in epoch " + owner.epoch());
        }
    }

    private PartyKey signer(IdentifierRecord record) {
        return prefixRecord
                .key(new KeyId(record.keyId()))
                .orElseThrow(() -> new UnknownKeyException(record + " is signed by the key " + new KeyId(record.keyId())
                        + ", which is none of " + prefix()));
    }

    private static void requireSignature(
            SignatureVerifier signatures, IdentifierRecord record, PartyKey key, KeyRole role) {
        if (!key.vouchesFor(role, record.issuedAt())) {
            throw new RevokedKeyException(record + " is signed by the key " + key.id() + ", which is revoked"
                    + (key.revokedAt() == 0 ? "" : " since " + Instant.ofEpochMilli(key.revokedAt())));
        }
        if (!key.serves(role)) {
            throw new WrongRoleException(
                    record + " is signed by the key " + key.id() + ", which lacks the role " + role);
        }
        if (!signatures.verifies(record, key.key())) {
            throw new BadSignatureException("the signature of " + record + " does not verify");
        }
        boolean match;
        try {
            match = record.valuesMatchRoot(key.key().suite().hash());
        } catch (InvalidRecordException e) {
            throw new TamperedRecordException(record + ": " + e.getMessage());
        }
        if (!match) {
            throw new TamperedRecordException("the values of " + record + " are not those that were signed");
        }
    }

    private static PrefixRecord read(IdentifierRecord record) {
        try {
            return PrefixRecord.of(record);
        } catch (IllegalArgumentException e) {
            throw new TamperedRecordException(record + " is not a prefix record: " + e.getMessage());
        }
    }

    private static void requireKey(IdentifierRecord record, RecordKind kind, Prefix prefix) {
        RecordKey asked = RecordKey.of(kind, prefix.scheme(), prefix.canonical());
        if (!record.key().equals(asked)) {
            throw new WrongIdentifierException("asked for " + asked + ", got a record of " + record.key());
        }
    }

    private void requireInForce(long nowMillis) {
        for (TrustedPrefix link = this; link != null; link = link.parent) {
            requireInForce(link.prefixRecord.record(), nowMillis);
        }
    }

    private static void requireInForce(IdentifierRecord record, long nowMillis) {
        if (record.isRevoked()) {
            throw new RevokedPrefixException(record + " says that the prefix is revoked");
        }
        if (record.isExpired(nowMillis)) {
            throw new ExpiredRecordException(record + " has expired");
        }
    }

    public Prefix prefix() {
        return prefixRecord.prefix();
    }

    public PrefixRecord prefixRecord() {
        return prefixRecord;
    }

    /** The prefix records from the anchor's down to this one. */
    public List<PrefixRecord> chain() {
        List<PrefixRecord> chain = new ArrayList<>(depth);
        for (TrustedPrefix link = this; link != null; link = link.parent) {
            chain.add(link.prefixRecord);
        }
        Collections.reverse(chain);
        return List.copyOf(chain);
    }

    @Override
    public String toString() {
        return prefixRecord.toString();
    }
}
