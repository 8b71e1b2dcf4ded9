package org.waymark.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import org.waymark.Limits;
import org.waymark.v1.Value;

/** One value of a record, within its limits, with the encoding that is hashed. Immutable. */
public final class RecordValue {

    private final ByteString encoded;
    private final Value value;

    private RecordValue(ByteString encoded, Value value) {
        this.encoded = encoded;
        this.value = value;
    }

    /**
     * Reads an encoded value.
     *
     * @param field how errors name it, such as {@code values[3]}
     * @throws InvalidRecordException if it breaks a rule
     */
    static RecordValue parse(String field, ByteString encoded) {
        Value value;
        try {
            value = Value.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidRecordException(field, "is not an encoded Value");
        }
        check(field, value);
        return new RecordValue(encoded, value);
    }

    /**
     * A value to be signed.
     *
     * @throws InvalidRecordException if it breaks a rule
     */
    static RecordValue of(String field, Value value) {
        check(field, value);
        return new RecordValue(value.toByteString(), value);
    }

    private static void check(String field, Value value) {
        if (value.getIndex() == 0) {
            throw new InvalidRecordException(field + ".index", "must be 1 to 4294967295");
        }
        checkType(field + ".type", value);
        if (value.getData().size() > Limits.VALUE_DATA_BYTES) {
            throw InvalidRecordException.overLimit(
                    field + ".data", "bytes", value.getData().size(), Limits.VALUE_DATA_BYTES);
        }
        if (value.getReadersCount() > Limits.VALUE_READERS) {
            throw InvalidRecordException.overLimit(
                    field + ".readers", "prefixes", value.getReadersCount(), Limits.VALUE_READERS);
        }
        for (int i = 0; i < value.getReadersCount(); i++) {
            int bytes = value.getReadersBytes(i).size();
            if (bytes < 1 || bytes > Limits.PREFIX_BYTES) {
                throw new InvalidRecordException(
                        field + ".readers[" + i + "]",
                        "has " + bytes + " bytes; 1 to " + Limits.PREFIX_BYTES + " are allowed");
            }
        }
        int saltBytes = value.getReadersCount() == 0 ? 0 : Limits.SALT_BYTES;
        if (value.getSalt().size() != saltBytes) {
            throw new InvalidRecordException(
                    field + ".salt", "must be 16 bytes where readers are named, and empty where none are");
        }
    }

    private static void checkType(String field, Value value) {
        int bytes = value.getTypeBytes().size();
        if (bytes < 1 || bytes > Limits.VALUE_TYPE_BYTES) {
            throw new InvalidRecordException(
                    field, "has " + bytes + " bytes; 1 to " + Limits.VALUE_TYPE_BYTES + " are allowed");
        }
        String type = value.getType();
        for (int i = 0; i < type.length(); i++) {
            if (Character.isISOControl(type.charAt(i))) {
                throw new InvalidRecordException(field, "has a control character at offset " + i);
            }
        }
    }

    /** 1 to 2^32 - 1. */
    public long index() {
        return Integer.toUnsignedLong(value.getIndex());
    }

    public String type() {
        return value.getType();
    }

    public ByteString data() {
        return value.getData();
    }

    /** Canonical texts of the prefixes that may read the value; empty: public. */
    public List<String> readers() {
        return value.getReadersList();
    }

    public boolean isPublic() {
        return value.getReadersCount() == 0;
    }

    /** The bytes that are hashed. */
    public ByteString encoded() {
        return encoded;
    }

    /** Never shows data that only some may read. */
    @Override
    public String toString() {
        return index() + " " + type() + (isPublic() ? " " + data().toStringUtf8() : " (restricted)");
    }
}
