package org.waymark.client;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordValue;
import org.waymark.record.SignatureProof;
import org.waymark.trust.KeyId;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;

/**
 * What the next version of an item is to say; {@link RegistryClient#publish} adds version, owner and signature. Immutable.
 *
 * @param ttlSeconds how long an answer may be kept: 1 to 2,592,000
 * @param revoked says that the identifier is no longer valid
 */
public record ItemDraft(Identifier identifier, List<Value> values, int ttlSeconds, boolean revoked) {

    /** A life of a day. */
    public static final int USUAL_TTL_SECONDS = 24 * 60 * 60;

    private static final RecordDigest LARGEST_DIGEST =
            new RecordDigest(ByteString.copyFrom(new byte[] {(byte) HashFunction.SHA_256.code()})
                    .concat(ByteString.copyFrom(new byte[Limits.DIGEST_BYTES])));

    /** As long as the proof of any record in a tree of the usual size. */
    private static final SignatureProof LARGEST_PROOF = new SignatureProof(
            RecordSigner.USUAL_TREE,
            RecordSigner.USUAL_TREE - 1,
            ByteString.copyFrom(new byte[Limits.DIGEST_BYTES * Integer.numberOfTrailingZeros(RecordSigner.USUAL_TREE)]),
            ByteString.copyFrom(new byte[Limits.SIGNATURE_BYTES]));

    /**
     * A value.
     *
     * @param index 1 to 2^32 - 1, unique in the record
     * @param type 1 to 128 bytes of UTF-8
     * @param readers prefixes that may read it beside the owner; empty: everybody
     */
    public record Value(long index, String type, ByteString data, List<Prefix> readers) {

        public Value {
            readers = List.copyOf(readers);
        }
    }

    public ItemDraft {
        values = List.copyOf(values);
    }

    /** A draft without values, with a life of a day. */
    public static ItemDraft of(Identifier identifier) {
        return new ItemDraft(identifier, List.of(), USUAL_TTL_SECONDS, false);
    }

    /** Adds a public value with text data. */
    public ItemDraft value(long index, String type, String text) {
        return with(new Value(index, type, ByteString.copyFrom(text, StandardCharsets.UTF_8), List.of()));
    }

    /** Adds a value with text data that only the owner and these prefixes may read. */
    public ItemDraft restrictedValue(long index, String type, String text, Collection<Prefix> readers) {
        return with(new Value(index, type, ByteString.copyFrom(text, StandardCharsets.UTF_8), List.copyOf(readers)));
    }

    private ItemDraft with(Value value) {
        List<Value> more = new ArrayList<>(values);
        more.add(value);
        return new ItemDraft(identifier, more, ttlSeconds, revoked);
    }

    /** The same with another life. */
    public ItemDraft ttlSeconds(int seconds) {
        return new ItemDraft(identifier, values, seconds, revoked);
    }

    /** The same, no longer valid. */
    public ItemDraft asRevoked() {
        return new ItemDraft(identifier, values, ttlSeconds, true);
    }

    /**
     * Checks the values, and the size of the whole, against the limits of the format.
     *
     * @throws org.waymark.record.InvalidRecordException if one is broken; the message says which
     */
    public void requireValid() {
        RecordDraft largest = toRecord(identifier.prefix(), Long.MAX_VALUE)
                .following(Long.MAX_VALUE - 1, LARGEST_DIGEST)
                .build();
        ByteString header = largest.headerFor(ByteString.copyFrom(new byte[Limits.DIGEST_BYTES]), HashFunction.SHA_256);
        largest.signed(header, LARGEST_PROOF, null);
    }

    /**
     * The draft of version 1, to be signed by a key of this owner.
     *
     * @param ownerEpoch the epoch of the owner's prefix record, 1 or more
     * @throws org.waymark.record.InvalidRecordException if a value breaks a rule; some rules are checked when it is built
     */
    public RecordDraft.Builder toRecord(Prefix owner, long ownerEpoch) {
        RecordDraft.Builder draft =
                RecordDraft.item(identifier, owner).ownerEpoch(ownerEpoch).ttlSeconds(ttlSeconds);
        for (Value value : values) {
            if (value.readers().isEmpty()) {
                draft.value(value.index(), value.type(), value.data());
            } else {
                draft.restrictedValue(value.index(), value.type(), value.data().toByteArray(), value.readers());
            }
        }
        return revoked ? draft.revoked() : draft;
    }

    /** True where this record says the same in the owner's present epoch, signed by a key of the owner that is not revoked. */
    public boolean isSaidBy(IdentifierRecord record, PrefixRecord owner) {
        return record.ownerText().equals(owner.prefix().canonical())
                && record.ownerEpoch() == owner.epoch()
                && owner.key(new KeyId(record.keyId()))
                        .filter(signer -> !signer.isRevoked())
                        .isPresent()
                && saysTheSame(record);
    }

    private boolean saysTheSame(IdentifierRecord record) {
        if (record.isPartial()
                || record.isRevoked() != revoked
                || record.ttlSeconds() != ttlSeconds
                || record.expiresAt() != 0
                || record.valueCount() != values.size()) {
            return false;
        }
        Set<Object> said = new HashSet<>();
        for (RecordValue value : record.values()) {
            said.add(List.of(value.index(), value.type(), value.data(), Set.copyOf(value.readers())));
        }
        for (Value value : values) {
            Set<String> readers =
                    value.readers().stream().map(Prefix::canonical).collect(Collectors.toSet());
            if (!said.contains(List.of(value.index(), value.type(), value.data(), readers))) {
                return false;
            }
        }
        return true;
    }
}
