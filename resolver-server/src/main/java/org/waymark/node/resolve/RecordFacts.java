package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.waymark.record.InvalidRecordException;
import org.waymark.v1.Header;
import org.waymark.v1.RecordStatus;
import org.waymark.v1.SignedRecord;
import org.waymark.v1.Value;

/**
 * The few things about an encoded record that its answer depends on, read without making a record of it. For records that were
 * admitted: nothing is checked again. Immutable.
 *
 * @param owner text of the prefix that owns the record
 * @param keyId of the key that signed it
 * @param issuedAt UTC epoch milliseconds, as it claims
 * @param expiresAt UTC epoch milliseconds; 0: no end
 * @param hasRestrictedValues whether a value is there that not everybody may read
 */
record RecordFacts(
        String owner,
        long ownerEpoch,
        ByteString keyId,
        long issuedAt,
        boolean isRevoked,
        int ttlSeconds,
        long expiresAt,
        boolean hasRestrictedValues) {

    private static final int HEADER = tag(SignedRecord.HEADER_FIELD_NUMBER);
    private static final int VALUES = tag(SignedRecord.VALUES_FIELD_NUMBER);
    private static final int READERS = tag(Value.READERS_FIELD_NUMBER);

    private static int tag(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /**
     * Reads an encoded {@code SignedRecord}.
     *
     * @throws InvalidRecordException if it is none
     */
    static RecordFacts of(byte[] record) {
        CodedInputStream in = CodedInputStream.newInstance(record);
        RecordFacts facts = null;
        boolean isRestricted = false;
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == HEADER) {
                    int outer = in.pushLimit(in.readRawVarint32());
                    facts = ofHeader(in);
                    in.popLimit(outer);
                } else if (tag == VALUES) {
                    int outer = in.pushLimit(in.readRawVarint32());
                    isRestricted |= hasReaders(in);
                    in.popLimit(outer);
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw new InvalidRecordException("record", "is not an encoded SignedRecord");
        }
        if (facts == null) {
            throw new InvalidRecordException("header", "is missing");
        }
        return isRestricted ? facts.restricted() : facts;
    }

    private static RecordFacts ofHeader(CodedInputStream in) throws IOException {
        String owner = "";
        long ownerEpoch = 0;
        ByteString keyId = ByteString.EMPTY;
        long issuedAt = 0;
        int status = 0;
        int ttl = 0;
        long expiresAt = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case Header.OWNER_FIELD_NUMBER -> owner = new String(in.readByteArray(), StandardCharsets.UTF_8);
                case Header.OWNER_EPOCH_FIELD_NUMBER -> ownerEpoch = in.readUInt64();
                case Header.KEY_ID_FIELD_NUMBER -> keyId = in.readBytes();
                case Header.ISSUED_AT_FIELD_NUMBER -> issuedAt = in.readUInt64();
                case Header.STATUS_FIELD_NUMBER -> status = in.readEnum();
                case Header.TTL_FIELD_NUMBER -> ttl = in.readUInt32();
                case Header.EXPIRES_AT_FIELD_NUMBER -> expiresAt = in.readUInt64();
                default -> in.skipField(tag);
            }
        }
        boolean isRevoked = status == RecordStatus.REVOKED_VALUE;
        return new RecordFacts(owner, ownerEpoch, keyId, issuedAt, isRevoked, ttl, expiresAt, false);
    }

    private static boolean hasReaders(CodedInputStream in) throws IOException {
        boolean hasReaders = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            hasReaders |= tag == READERS;
            in.skipField(tag);
        }
        return hasReaders;
    }

    private RecordFacts restricted() {
        return new RecordFacts(owner, ownerEpoch, keyId, issuedAt, isRevoked, ttlSeconds, expiresAt, true);
    }
}
