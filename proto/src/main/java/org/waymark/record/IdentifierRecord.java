package org.waymark.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.v1.Consent;
import org.waymark.v1.Disclosure;
import org.waymark.v1.Header;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RecordStatus;
import org.waymark.v1.SignedRecord;

/**
 * A signed record whose structure keeps the rules of {@code record.proto}: it is complete or says what is withheld, and every
 * field is within its limits. Nothing about it is verified yet: that is the part of {@code org.waymark.trust}. Immutable.
 */
public final class IdentifierRecord {

    private static final byte[] HEADER_START = MerkleTree.leafStart("waymark/header/v1\0");
    private static final byte[] VALUE_START = MerkleTree.leafStart("waymark/value/v1\0");

    private static final int HEADER_TAG = 0x0A;
    private static final int VALUE_TAG = 0x12;
    private static final int PROOF_TAG = 0x1A;

    private static final int FORMAT = 1;
    /** Field numbers up to this one belong to the format's first version. */
    private static final int RESERVED_FIELD_NUMBERS = 100;

    private final ByteString encoded;
    /** Null where the record is known to be plainly encoded, and whole. */
    private final SignedRecord message;

    private final ByteString headerBytes;
    private final Header header;
    private final RecordKey key;
    private final List<RecordValue> values;
    private final SignatureProof proof;
    private final KeyConsent consent;
    /** The digest that was asked for last: verifying and storing a record ask for the same. */
    private volatile HeaderLeaf headerLeaf;

    private IdentifierRecord(
            ByteString encoded,
            SignedRecord message,
            ByteString headerBytes,
            Header header,
            RecordKey key,
            List<RecordValue> values,
            SignatureProof proof,
            KeyConsent consent) {
        this.encoded = encoded;
        this.message = message;
        this.headerBytes = headerBytes;
        this.header = header;
        this.key = key;
        this.values = values;
        this.proof = proof;
        this.consent = consent;
    }

    /** The second signature of a new version of a prefix record, and the id of its key. */
    public record KeyConsent(ByteString keyId, SignatureProof proof) {

        private Consent toProto() {
            return Consent.newBuilder()
                    .setKeyId(keyId)
                    .setProof(proof.toProto())
                    .build();
        }
    }

    private record HeaderLeaf(HashFunction hash, byte[] digest) {}

    /**
     * Reads an encoded record.
     *
     * @throws InvalidRecordException if it breaks a rule of the format
     */
    public static IdentifierRecord parse(ByteString encoded) {
        requireAtMost(encoded, Limits.PARTIAL_RECORD_BYTES);
        IdentifierRecord plain = encoded.size() <= Limits.RECORD_BYTES ? plain(encoded) : null;
        if (plain != null) {
            return plain;
        }
        SignedRecord message;
        try {
            message = SignedRecord.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException("record", "is not an encoded SignedRecord");
        }
        if (!message.hasDisclosure()) {
            requireAtMost(encoded, Limits.RECORD_BYTES);
        }
        return of(encoded, message);
    }

    /**
     * Reads a record of header, public values and proof, which nearly all are, in one pass. Null where it is another one, or breaks a
     * rule outside of its header.
     */
    private static IdentifierRecord plain(ByteString encoded) {
        PlainReader in = new PlainReader(encoded);
        ByteString headerBytes = in.next(HEADER_TAG) ? in.bytes() : null;
        List<RecordValue> values = new ArrayList<>();
        long last = 0;
        while (in.next(VALUE_TAG)) {
            PlainReader bytes = in.message();
            RecordValue value = bytes == null ? null : RecordValue.plain(bytes);
            if (value == null || value.index() <= last || values.size() == Limits.VALUES) {
                return null;
            }
            last = value.index();
            values.add(value);
        }
        PlainReader proofBytes = in.next(PROOF_TAG) ? in.message() : null;
        SignatureProof proof = proofBytes == null ? null : SignatureProof.plain(proofBytes);
        if (headerBytes == null || proof == null || !in.isAtEnd()) {
            return null;
        }
        Header header = parseHeader(headerBytes);
        RecordKey key = checkHeader(header);
        return header.getValueCount() == values.size()
                ? new IdentifierRecord(
                        encoded, null, headerBytes, header, key, Collections.unmodifiableList(values), proof, null)
                : null;
    }

    /**
     * Puts a record together.
     *
     * @param values as many as the header says, in the order of their indexes
     * @param consent null where none is needed
     */
    static IdentifierRecord assemble(
            ByteString headerBytes, List<RecordValue> values, SignatureProof proof, KeyConsent consent) {
        if (consent != null) {
            SignedRecord message = builder(headerBytes, values, proof, consent).build();
            ByteString encoded = message.toByteString();
            requireAtMost(encoded, Limits.RECORD_BYTES);
            return of(encoded, message);
        }
        int size = CodedOutputStream.computeBytesSize(SignedRecord.HEADER_FIELD_NUMBER, headerBytes);
        for (RecordValue value : values) {
            size += CodedOutputStream.computeBytesSize(SignedRecord.VALUES_FIELD_NUMBER, value.encoded());
        }
        int proofBytes = proof.encodedBytes();
        size += CodedOutputStream.computeTagSize(SignedRecord.PROOF_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(proofBytes)
                + proofBytes;
        requireAtMost(size, Limits.RECORD_BYTES);
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeBytes(SignedRecord.HEADER_FIELD_NUMBER, headerBytes);
            for (RecordValue value : values) {
                out.writeBytes(SignedRecord.VALUES_FIELD_NUMBER, value.encoded());
            }
            out.writeTag(SignedRecord.PROOF_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(proofBytes);
            proof.writeTo(out);
        } catch (IOException e) {
            throw new AssertionError("the size was computed", e);
        }
        proof.requireWithinLimits("proof");
        Header header = parseHeader(headerBytes);
        RecordKey key = checkHeader(header);
        ByteString encoded = UnsafeByteOperations.unsafeWrap(bytes);
        return new IdentifierRecord(encoded, null, headerBytes, header, key, values, proof, null);
    }

    private static SignedRecord.Builder builder(
            ByteString header, List<RecordValue> values, SignatureProof proof, KeyConsent consent) {
        SignedRecord.Builder message =
                SignedRecord.newBuilder().setHeader(header).setProof(proof.toProto());
        values.forEach(value -> message.addValues(value.encoded()));
        return consent == null ? message : message.setConsent(consent.toProto());
    }

    private static void requireAtMost(ByteString encoded, int bytes) {
        requireAtMost(encoded.size(), bytes);
    }

    private static void requireAtMost(int size, int bytes) {
        if (size > bytes) {
            throw InvalidRecordException.overLimit("record", "bytes", size, bytes);
        }
    }

    private static IdentifierRecord of(ByteString encoded, SignedRecord message) {
        Header header = parseHeader(message.getHeader());
        RecordKey key = checkHeader(header);
        if (!message.hasProof()) {
            throw new InvalidRecordException("proof", "is missing");
        }
        SignatureProof proof = SignatureProof.of("proof", message.getProof());
        KeyConsent consent = null;
        if (message.hasConsent()) {
            if (key.kind() != RecordKind.PREFIX || header.getVersion() == 1) {
                throw new InvalidRecordException("consent", "belongs to later versions of a prefix record only");
            }
            requireSize("consent.key_id", message.getConsent().getKeyId(), Limits.DIGEST_BYTES);
            consent = new KeyConsent(
                    message.getConsent().getKeyId(),
                    SignatureProof.of("consent.proof", message.getConsent().getProof()));
        }
        List<RecordValue> values = parseValues(message);
        checkDisclosure(message, header);
        return new IdentifierRecord(encoded, message, message.getHeader(), header, key, values, proof, consent);
    }

    private static Header parseHeader(ByteString encoded) {
        if (encoded.isEmpty()) {
            throw new InvalidRecordException("header", "is missing");
        }
        if (encoded.size() > Limits.HEADER_BYTES) {
            throw InvalidRecordException.overLimit("header", "bytes", encoded.size(), Limits.HEADER_BYTES);
        }
        try {
            return Header.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException("header", "is not an encoded Header");
        }
    }

    private static RecordKey checkHeader(Header header) {
        if (header.getFormat() != FORMAT) {
            throw new InvalidRecordException("header.format", "must be " + FORMAT);
        }
        for (int field : header.getUnknownFields().asMap().keySet()) {
            if (field <= RESERVED_FIELD_NUMBERS) {
                throw new InvalidRecordException("header", "has the unknown field " + field);
            }
        }
        if (header.getCriticalCount() > 0) {
            throw new InvalidRecordException(
                    "header.critical",
                    "names the field " + header.getCritical(0) + ", which this reader does not know");
        }
        if (!header.hasKey()) {
            throw new InvalidRecordException("header.key", "is missing");
        }
        RecordKey key;
        try {
            key = RecordKey.fromProto(header.getKey());
        } catch (InvalidRecordException e) {
            throw e.within("header");
        }
        int ownerBytes = header.getOwnerBytes().size();
        if (ownerBytes < 1 || ownerBytes > Limits.PREFIX_BYTES) {
            throw new InvalidRecordException(
                    "header.owner", "has " + ownerBytes + " bytes; 1 to " + Limits.PREFIX_BYTES + " are allowed");
        }
        requirePositive("header.owner_epoch", header.getOwnerEpoch());
        requirePositive("header.version", header.getVersion());
        if (header.getVersion() == 1
                ? !header.getPrevious().isEmpty()
                : !RecordDigest.isWellFormed(header.getPrevious())) {
            throw new InvalidRecordException(
                    "header.previous", "must be empty for version 1, and a digest of 33 bytes for later versions");
        }
        requirePositive("header.issued_at", header.getIssuedAt());
        if (header.getStatus() != RecordStatus.ACTIVE && header.getStatus() != RecordStatus.REVOKED) {
            throw new InvalidRecordException("header.status", "must be ACTIVE or REVOKED");
        }
        requireSize("header.key_id", header.getKeyId(), Limits.DIGEST_BYTES);
        if (header.getValueCount() < 0 || header.getValueCount() > Limits.VALUES) {
            throw InvalidRecordException.overLimit(
                    "header.value_count", "values", Integer.toUnsignedLong(header.getValueCount()), Limits.VALUES);
        }
        requireSize("header.values_root", header.getValuesRoot(), Limits.DIGEST_BYTES);
        boolean isPrefix = key.kind() == RecordKind.PREFIX;
        int longestTtl = isPrefix ? Limits.PREFIX_TTL_SECONDS : Limits.TTL_SECONDS;
        if (header.getTtl() < 1 || header.getTtl() > longestTtl) {
            throw new InvalidRecordException("header.ttl", "must be 1 to " + longestTtl + " seconds");
        }
        if (header.getExpiresAt() < 0 || isPrefix && header.getExpiresAt() == 0) {
            throw new InvalidRecordException("header.expires_at", "must be a time, and set for a prefix record");
        }
        if (isPrefix ? header.getEpoch() < 1 : header.getEpoch() != 0) {
            throw new InvalidRecordException("header.epoch", "must be 1 or more for a prefix record, 0 for an item");
        }
        return key;
    }

    private static List<RecordValue> parseValues(SignedRecord message) {
        if (message.getValuesCount() > Limits.VALUES) {
            throw InvalidRecordException.overLimit("values", "values", message.getValuesCount(), Limits.VALUES);
        }
        List<RecordValue> values = new ArrayList<>(message.getValuesCount());
        long last = 0;
        for (int i = 0; i < message.getValuesCount(); i++) {
            RecordValue value = RecordValue.parse("values[" + i + "]", message.getValues(i));
            if (value.index() <= last) {
                throw new InvalidRecordException("values[" + i + "].index", "must be above the one before");
            }
            last = value.index();
            values.add(value);
        }
        return List.copyOf(values);
    }

    private static void checkDisclosure(SignedRecord message, Header header) {
        if (!message.hasDisclosure()) {
            if (message.getValuesCount() != header.getValueCount()) {
                throw new InvalidRecordException(
                        "values",
                        "has " + message.getValuesCount() + " values without a disclosure; the header says "
                                + header.getValueCount());
            }
            return;
        }
        if (message.getValuesCount() == header.getValueCount()) {
            throw new InvalidRecordException("disclosure", "belongs to a partial answer only; all values are here");
        }
        Disclosure disclosure = message.getDisclosure();
        if (disclosure.getLeavesCount() != message.getValuesCount()) {
            throw new InvalidRecordException("disclosure.leaves", "must name one leaf a value");
        }
        int last = -1;
        for (int leaf : disclosure.getLeavesList()) {
            if (leaf <= last || leaf >= header.getValueCount()) {
                throw new InvalidRecordException(
                        "disclosure.leaves", "must ascend and be below the header's value_count");
            }
            last = leaf;
        }
        int siblings = disclosure.getSiblings().size();
        if (siblings % Limits.DIGEST_BYTES != 0 || siblings > header.getValueCount() * Limits.DIGEST_BYTES) {
            throw new InvalidRecordException("disclosure.siblings", "must be digests of 32 bytes, at most one a value");
        }
    }

    private static void requirePositive(String field, long number) {
        if (number < 1) {
            throw new InvalidRecordException(field, "must be 1 to 9223372036854775807");
        }
    }

    private static void requireSize(String field, ByteString bytes, int size) {
        if (bytes.size() != size) {
            throw new InvalidRecordException(field, "has " + bytes.size() + " bytes; exactly " + size + " are allowed");
        }
    }

    /** What the record is about. */
    public RecordKey key() {
        return key;
    }

    public RecordKind kind() {
        return key.kind();
    }

    public Scheme scheme() {
        return key.scheme();
    }

    /**
     * The prefix that the header names as owner.
     *
     * @throws org.waymark.identifier.InvalidIdentifierException if the text breaks the scheme's grammar
     */
    public Prefix owner() {
        return Prefix.of(key.scheme(), header.getOwner());
    }

    /** The owner as the header has it. */
    public String ownerText() {
        return header.getOwner();
    }

    public long ownerEpoch() {
        return header.getOwnerEpoch();
    }

    /** The epoch of the prefix that a prefix record is about; 0 for an item. */
    public long epoch() {
        return header.getEpoch();
    }

    /** 1, 2, 3 ... */
    public long version() {
        return header.getVersion();
    }

    /** The digest of the version before; empty for version 1. */
    public Optional<RecordDigest> previous() {
        return header.getPrevious().isEmpty() ? Optional.empty() : Optional.of(new RecordDigest(header.getPrevious()));
    }

    /** UTC epoch milliseconds, as claimed by the signer. */
    public long issuedAt() {
        return header.getIssuedAt();
    }

    /** Seconds that an answer may be kept, from the authority's read. */
    public int ttlSeconds() {
        return header.getTtl();
    }

    /** UTC epoch milliseconds; 0: no end. */
    public long expiresAt() {
        return header.getExpiresAt();
    }

    /** True where the record has an end and it has come. */
    public boolean isExpired(long nowMillis) {
        return header.getExpiresAt() != 0 && nowMillis >= header.getExpiresAt();
    }

    public boolean isRevoked() {
        return header.getStatus() == RecordStatus.REVOKED;
    }

    /** SHA-256 of the signing key's SubjectPublicKeyInfo. */
    public ByteString keyId() {
        return header.getKeyId();
    }

    /** How many values the whole record has. */
    public int valueCount() {
        return header.getValueCount();
    }

    /** The values that are here, in ascending order of their indexes. */
    public List<RecordValue> values() {
        return values;
    }

    /** True where some values are withheld or were not asked for. */
    public boolean isPartial() {
        return values.size() != header.getValueCount();
    }

    /** True where a value is here that not everybody may read. */
    public boolean hasRestrictedValues() {
        for (RecordValue value : values) {
            if (!value.isPublic()) {
                return true;
            }
        }
        return false;
    }

    public SignatureProof proof() {
        return proof;
    }

    public Optional<KeyConsent> consent() {
        return Optional.ofNullable(consent);
    }

    /** The bytes that are signed. */
    public ByteString headerBytes() {
        return headerBytes;
    }

    /** The whole record as it came. */
    public ByteString encoded() {
        return encoded;
    }

    /**
     * True where the encoding holds nothing but the fields of the format, each once and in the order of their numbers. What is
     * outside of header and values is not signed: whoever carries a record could put more there.
     */
    public boolean isPlainlyEncoded() {
        if (message == null) {
            return true;
        }
        boolean knowsAll = message.getUnknownFields().isEmpty()
                && message.getProof().getUnknownFields().isEmpty()
                && message.getConsent().getUnknownFields().isEmpty()
                && message.getConsent().getProof().getUnknownFields().isEmpty();
        return knowsAll && message.toByteString().equals(encoded);
    }

    /** The header's leaf digest by this hash. */
    public byte[] headerLeaf(HashFunction hash) {
        return knownHeaderLeaf(hash).clone();
    }

    private byte[] knownHeaderLeaf(HashFunction hash) {
        HeaderLeaf known = headerLeaf;
        if (known == null || known.hash() != hash) {
            known = new HeaderLeaf(hash, headerLeaf(hash, headerBytes));
            headerLeaf = known;
        }
        return known.digest();
    }

    static byte[] headerLeaf(HashFunction hash, ByteString header) {
        return MerkleTree.leaf(hash, HEADER_START, header);
    }

    /** The digest that the next version names as its previous one; by the hash of this version's signer. */
    public RecordDigest digest(HashFunction hash) {
        return RecordDigest.of(hash, knownHeaderLeaf(hash));
    }

    /**
     * True where the values that are here, with the digests of those that are not, hash to the root in the header.
     *
     * @throws InvalidRecordException if a partial record has too few or too many digests
     */
    public boolean valuesMatchRoot(HashFunction hash) {
        List<byte[]> leaves = valueLeaves(hash, values);
        byte[] root = hasDisclosure() ? partialTree(hash, leaves).root() : new MerkleTree(hash, leaves).root();
        return ByteString.copyFrom(root).equals(header.getValuesRoot());
    }

    static byte[] valuesRoot(HashFunction hash, List<RecordValue> values) {
        return new MerkleTree(hash, valueLeaves(hash, values)).root();
    }

    private static List<byte[]> valueLeaves(HashFunction hash, List<RecordValue> values) {
        List<byte[]> leaves = new ArrayList<>(values.size());
        for (RecordValue value : values) {
            leaves.add(MerkleTree.leaf(hash, VALUE_START, value.encoded()));
        }
        return leaves;
    }

    /** The record with only what everybody may read; itself where nothing is restricted. */
    public IdentifierRecord publicView(HashFunction hash) {
        return hasRestrictedValues() ? disclose(hash, RecordValue::isPublic) : this;
    }

    /**
     * The record with only the values that have one of these indexes or one of these types; itself where both are empty. A type
     * that ends with "." stands for the type without the dot and for all that start with it.
     */
    public IdentifierRecord select(HashFunction hash, Set<Long> indexes, Collection<String> types) {
        if (indexes.isEmpty() && types.isEmpty()) {
            return this;
        }
        return disclose(hash, value -> indexes.contains(value.index()) || matchesType(value.type(), types));
    }

    private static boolean matchesType(String type, Collection<String> wanted) {
        for (String want : wanted) {
            if (type.equals(want)
                    || want.endsWith(".")
                            && (type.startsWith(want) || type.length() == want.length() - 1 && want.startsWith(type))) {
                return true;
            }
        }
        return false;
    }

    private IdentifierRecord disclose(HashFunction hash, Predicate<RecordValue> disclosed) {
        List<RecordValue> kept = values.stream().filter(disclosed).toList();
        if (kept.size() == values.size()) {
            return this;
        }
        int[] places = places();
        Disclosure.Builder disclosure = Disclosure.newBuilder();
        for (int i = 0; i < places.length; i++) {
            if (disclosed.test(values.get(i))) {
                disclosure.addLeaves(places[i]);
            }
        }
        int[] keptPlaces =
                disclosure.getLeavesList().stream().mapToInt(Integer::intValue).toArray();
        byte[] siblings = partialTree(hash, valueLeaves(hash, values)).withhold(keptPlaces);
        SignedRecord result = builder(headerBytes, kept, proof, consent)
                .setDisclosure(disclosure.setSiblings(ByteString.copyFrom(siblings)))
                .build();
        return new IdentifierRecord(result.toByteString(), result, headerBytes, header, key, kept, proof, consent);
    }

    private boolean hasDisclosure() {
        return message != null && message.hasDisclosure();
    }

    private PartialTree partialTree(HashFunction hash, List<byte[]> leaves) {
        byte[] siblings =
                hasDisclosure() ? message.getDisclosure().getSiblings().toByteArray() : new byte[0];
        return new PartialTree(hash, header.getValueCount(), places(), leaves, siblings);
    }

    /** Which leaves of the value tree the values are. */
    private int[] places() {
        return hasDisclosure()
                ? message.getDisclosure().getLeavesList().stream()
                        .mapToInt(Integer::intValue)
                        .toArray()
                : IntStream.range(0, values.size()).toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IdentifierRecord record && encoded.equals(record.encoded);
    }

    @Override
    public int hashCode() {
        return encoded.hashCode();
    }

    @Override
    public String toString() {
        return key + " version " + version();
    }
}
