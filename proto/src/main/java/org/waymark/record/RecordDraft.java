package org.waymark.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.v1.Header;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RecordStatus;

/**
 * A version of a record before it is signed. Immutable; made by a {@link Builder}, signed by
 * {@code org.waymark.trust.RecordSigner}.
 */
public final class RecordDraft {

    private final Header header;
    private final List<RecordValue> values;

    private RecordDraft(Header header, List<RecordValue> values) {
        this.header = header;
        this.values = values;
    }

    /** A draft of version 1 of an item, owned by this prefix in its first epoch, with a life of a day. */
    public static Builder item(Identifier identifier, Prefix owner) {
        RecordKey key = RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical());
        return new Builder(key, owner.canonical()).ttlSeconds(24 * 60 * 60);
    }

    /** A draft of version 1 of a prefix record, in its first epoch, owned by the prefix above it (itself, for a root). */
    public static Builder prefix(Prefix prefix, Prefix owner) {
        RecordKey key = RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
        return new Builder(key, owner.canonical())
                .ttlSeconds(Limits.PREFIX_TTL_SECONDS)
                .epoch(1);
    }

    /** What the record is about. */
    public RecordKey key() {
        return RecordKey.fromProto(header.getKey());
    }

    /** The header to be signed by the key with this id, whose suite has this hash. */
    public ByteString headerFor(ByteString keyId, HashFunction hash) {
        ByteString root = ByteString.copyFrom(IdentifierRecord.valuesRoot(hash, values));
        // What protobuf writes for the header with these two, without making it first: fields in the order of their
        // numbers.
        int bytes = header.getSerializedSize()
                + CodedOutputStream.computeBytesSize(Header.KEY_ID_FIELD_NUMBER, keyId)
                + CodedOutputStream.computeBytesSize(Header.VALUES_ROOT_FIELD_NUMBER, root);
        byte[] encoded = new byte[bytes];
        CodedOutputStream out = CodedOutputStream.newInstance(encoded);
        try {
            out.writeUInt32(Header.FORMAT_FIELD_NUMBER, header.getFormat());
            out.writeMessage(Header.KEY_FIELD_NUMBER, header.getKey());
            out.writeString(Header.OWNER_FIELD_NUMBER, header.getOwner());
            writeNumber(out, Header.OWNER_EPOCH_FIELD_NUMBER, header.getOwnerEpoch());
            writeNumber(out, Header.VERSION_FIELD_NUMBER, header.getVersion());
            if (!header.getPrevious().isEmpty()) {
                out.writeBytes(Header.PREVIOUS_FIELD_NUMBER, header.getPrevious());
            }
            writeNumber(out, Header.ISSUED_AT_FIELD_NUMBER, header.getIssuedAt());
            writeNumber(out, Header.TTL_FIELD_NUMBER, Integer.toUnsignedLong(header.getTtl()));
            writeNumber(out, Header.STATUS_FIELD_NUMBER, header.getStatusValue());
            out.writeBytes(Header.KEY_ID_FIELD_NUMBER, keyId);
            writeNumber(out, Header.VALUE_COUNT_FIELD_NUMBER, header.getValueCount());
            out.writeBytes(Header.VALUES_ROOT_FIELD_NUMBER, root);
            writeNumber(out, Header.EXPIRES_AT_FIELD_NUMBER, header.getExpiresAt());
            writeNumber(out, Header.EPOCH_FIELD_NUMBER, header.getEpoch());
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new AssertionError("the size was computed", e);
        }
        return UnsafeByteOperations.unsafeWrap(encoded);
    }

    private static void writeNumber(CodedOutputStream out, int field, long number) throws IOException {
        if (number != 0) {
            out.writeUInt64(field, number);
        }
    }

    /** The leaf digest of a header that {@link #headerFor} made. */
    public static byte[] headerLeaf(HashFunction hash, ByteString header) {
        return IdentifierRecord.headerLeaf(hash, header);
    }

    /**
     * Puts the signed parts together.
     *
     * @param consent null where none is needed
     * @throws InvalidRecordException if the result breaks a rule of the format, such as its size
     */
    public IdentifierRecord signed(ByteString header, SignatureProof proof, IdentifierRecord.KeyConsent consent) {
        return IdentifierRecord.assemble(header, values, proof, consent);
    }

    /** Collects the parts of a draft. Not safe for use by many threads. */
    public static final class Builder {

        private static final SecureRandom SALTS = new SecureRandom();

        /** What a value is to hold. */
        private record NewValue(long index, String type, ByteString data, List<String> readers, ByteString salt) {}

        private final Header.Builder header;
        private final List<NewValue> values = new ArrayList<>();

        private Builder(RecordKey key, String owner) {
            header = Header.newBuilder()
                    .setFormat(1)
                    .setKey(key.toProto())
                    .setOwner(owner)
                    .setOwnerEpoch(1)
                    .setVersion(1)
                    .setIssuedAt(System.currentTimeMillis())
                    .setStatus(RecordStatus.ACTIVE);
        }

        /** The epoch of the owner's prefix record, 1 or more. */
        public Builder ownerEpoch(long epoch) {
            header.setOwnerEpoch(epoch);
            return this;
        }

        /** For a prefix record: its epoch, 1 or more. */
        public Builder epoch(long epoch) {
            header.setEpoch(epoch);
            return this;
        }

        /** Follows this version: takes the number after it and names its digest. */
        public Builder following(long version, RecordDigest digest) {
            header.setVersion(version + 1).setPrevious(digest.bytes());
            return this;
        }

        /** UTC epoch milliseconds; now, unless set. */
        public Builder issuedAt(long millis) {
            header.setIssuedAt(millis);
            return this;
        }

        /** How long an answer may be kept: 1 to 2,592,000 seconds, for a prefix record at most 300. */
        public Builder ttlSeconds(int seconds) {
            header.setTtl(seconds);
            return this;
        }

        /** UTC epoch milliseconds; 0: no end. */
        public Builder expiresAt(long millis) {
            header.setExpiresAt(millis);
            return this;
        }

        /** Says that the identifier, or the prefix with all that is under it, is no longer valid. */
        public Builder revoked() {
            header.setStatus(RecordStatus.REVOKED);
            return this;
        }

        /** The first index from this one on that no value has. */
        public long freeIndex(long from) {
            long index = from;
            while (hasIndex(index)) {
                index++;
            }
            return index;
        }

        private boolean hasIndex(long index) {
            return values.stream().anyMatch(value -> value.index() == index);
        }

        /** Adds a public value with text data. */
        public Builder value(long index, String type, String text) {
            requireWellFormed(field("data"), text);
            return value(index, type, ByteString.copyFromUtf8(text));
        }

        /** Adds a public value. */
        public Builder value(long index, String type, byte[] data) {
            return value(index, type, ByteString.copyFrom(data));
        }

        /** Adds a public value. */
        public Builder value(long index, String type, ByteString data) {
            return add(index, type, data, List.of(), ByteString.EMPTY);
        }

        /** Adds a public value that holds an encoded message. */
        public Builder value(long index, String type, MessageLite message) {
            return value(index, type, message.toByteString());
        }

        /** Adds a value that only the owner and these prefixes may read. It gets a random salt. */
        public Builder restrictedValue(long index, String type, byte[] data, Collection<Prefix> readers) {
            byte[] salt = new byte[Limits.SALT_BYTES];
            SALTS.nextBytes(salt);
            return restrictedValue(index, type, data, readers, salt);
        }

        Builder restrictedValue(long index, String type, byte[] data, Collection<Prefix> readers, byte[] salt) {
            if (readers.isEmpty()) {
                throw new InvalidRecordException(field("readers"), "must name at least one prefix");
            }
            for (Prefix reader : readers) {
                if (reader.scheme().code() != header.getKey().getSchemeValue()) {
                    throw new InvalidRecordException(
                            field("readers"), "must be of the record's own scheme, unlike " + reader);
                }
            }
            List<String> texts = readers.stream().map(Prefix::canonical).toList();
            return add(index, type, ByteString.copyFrom(data), texts, ByteString.copyFrom(salt));
        }

        private Builder add(long index, String type, ByteString data, List<String> readers, ByteString salt) {
            if (index < 1 || index > 0xFFFF_FFFFL) {
                throw new InvalidRecordException(field("index"), "must be 1 to 4294967295");
            }
            requireWellFormed(field("type"), type);
            values.add(new NewValue(index, type, data, readers, salt));
            return this;
        }

        /** How errors name a part of the value that is being added. */
        private String field(String part) {
            return "values[" + values.size() + "]." + part;
        }

        /** A lone surrogate would be encoded as a question mark. */
        private static void requireWellFormed(String field, String text) {
            boolean hasSurrogates = false;
            for (int i = 0; i < text.length() && !hasSurrogates; i++) {
                hasSurrogates = Character.isSurrogate(text.charAt(i));
            }
            if (hasSurrogates && !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                throw new InvalidRecordException(field, "must be well-formed Unicode, without lone surrogates");
            }
        }

        /**
         * The draft. Values are brought into the order of their indexes.
         *
         * @throws InvalidRecordException if a value breaks a rule or two have one index
         */
        public RecordDraft build() {
            if (values.size() > Limits.VALUES) {
                throw InvalidRecordException.overLimit("values", "values", values.size(), Limits.VALUES);
            }
            List<NewValue> sorted = new ArrayList<>(values);
            sorted.sort(Comparator.comparingLong(NewValue::index));
            List<RecordValue> checked = new ArrayList<>(sorted.size());
            for (int i = 0; i < sorted.size(); i++) {
                NewValue value = sorted.get(i);
                String field = "values[" + i + "]";
                checked.add(RecordValue.of(
                        field, value.index(), value.type(), value.data(), value.readers(), value.salt()));
                if (i > 0 && sorted.get(i - 1).index() == value.index()) {
                    throw new InvalidRecordException(field + ".index", "is " + value.index() + " as the one before");
                }
            }
            return new RecordDraft(header.setValueCount(checked.size()).build(), List.copyOf(checked));
        }
    }
}
