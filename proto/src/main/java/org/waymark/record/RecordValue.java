package org.waymark.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.util.List;
import org.waymark.Limits;
import org.waymark.v1.Value;

/** One value of a record, within its limits, with the encoding that is hashed. Immutable. */
public final class RecordValue {

    private static final int INDEX_TAG = 0x08;
    private static final int TYPE_TAG = 0x12;
    private static final int DATA_TAG = 0x1A;
    private static final long LAST_INDEX = 0xFFFF_FFFFL;

    private final ByteString encoded;
    private final long index;
    private final List<String> readers;
    // Read from the encoding when they are first asked for: whoever only checks and stores a record does not.
    private String type;
    private ByteString data;

    private RecordValue(ByteString encoded, long index, String type, ByteString data, List<String> readers) {
        this.encoded = encoded;
        this.index = index;
        this.type = type;
        this.data = data;
        this.readers = readers;
    }

    private static RecordValue of(ByteString encoded, Value value) {
        return new RecordValue(
                encoded,
                Integer.toUnsignedLong(value.getIndex()),
                value.getType(),
                value.getData(),
                List.copyOf(value.getReadersList()));
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
        return of(encoded, value);
    }

    /** Reads a public value with a type of ASCII; null where it is another one, not plainly encoded, or breaks a rule. */
    static RecordValue plain(PlainReader in) {
        ByteString encoded = in.rest();
        long index = in.next(INDEX_TAG) ? in.number() : 0;
        boolean isType = in.next(TYPE_TAG) && in.skipPrintable(Limits.VALUE_TYPE_BYTES);
        boolean isData = !in.next(DATA_TAG) || in.skipBytes(Limits.VALUE_DATA_BYTES);
        boolean isPlain = index >= 1 && index <= LAST_INDEX && isType && isData && in.isAtEnd();
        return isPlain ? new RecordValue(encoded, index, null, null, List.of()) : null;
    }

    /**
     * A value to be signed.
     *
     * @param field how errors name it, such as {@code values[3]}
     * @param index 1 to 2^32 - 1
     * @param salt of 16 bytes where there are readers, else empty
     * @throws InvalidRecordException if it breaks a rule
     */
    static RecordValue of(
            String field, long index, String type, ByteString data, List<String> readers, ByteString salt) {
        if (!readers.isEmpty() || !salt.isEmpty()) {
            Value value = Value.newBuilder()
                    .setIndex((int) index)
                    .setType(type)
                    .setData(data)
                    .addAllReaders(readers)
                    .setSalt(salt)
                    .build();
            check(field, value);
            return of(value.toByteString(), value);
        }
        ByteString typeBytes = ByteString.copyFromUtf8(type);
        check(field, index, type, typeBytes, data);
        return new RecordValue(encode(index, typeBytes, data), index, type, data, List.of());
    }

    private static ByteString encode(long index, ByteString type, ByteString data) {
        int size = CodedOutputStream.computeUInt32Size(Value.INDEX_FIELD_NUMBER, (int) index)
                + CodedOutputStream.computeBytesSize(Value.TYPE_FIELD_NUMBER, type)
                + (data.isEmpty() ? 0 : CodedOutputStream.computeBytesSize(Value.DATA_FIELD_NUMBER, data));
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeUInt32(Value.INDEX_FIELD_NUMBER, (int) index);
            out.writeBytes(Value.TYPE_FIELD_NUMBER, type);
            if (!data.isEmpty()) {
                out.writeBytes(Value.DATA_FIELD_NUMBER, data);
            }
        } catch (IOException e) {
            throw new AssertionError("the size was computed", e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    private static void check(String field, Value value) {
        check(field, value.getIndex(), value.getType(), value.getTypeBytes(), value.getData());
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

    private static void check(String field, long index, String type, ByteString typeBytes, ByteString data) {
        if (index == 0) {
            throw new InvalidRecordException(field + ".index", "must be 1 to 4294967295");
        }
        if (typeBytes.isEmpty() || typeBytes.size() > Limits.VALUE_TYPE_BYTES) {
            throw new InvalidRecordException(
                    field + ".type",
                    "has " + typeBytes.size() + " bytes; 1 to " + Limits.VALUE_TYPE_BYTES + " are allowed");
        }
        for (int i = 0; i < type.length(); i++) {
            if (Character.isISOControl(type.charAt(i))) {
                throw new InvalidRecordException(field + ".type", "has a control character at offset " + i);
            }
        }
        if (data.size() > Limits.VALUE_DATA_BYTES) {
            throw InvalidRecordException.overLimit(field + ".data", "bytes", data.size(), Limits.VALUE_DATA_BYTES);
        }
    }

    /** 1 to 2^32 - 1. */
    public long index() {
        return index;
    }

    public String type() {
        String read = type;
        if (read == null) {
            read = plainField(TYPE_TAG).toStringUtf8();
            type = read;
        }
        return read;
    }

    public ByteString data() {
        ByteString read = data;
        if (read == null) {
            read = plainField(DATA_TAG);
            data = read;
        }
        return read;
    }

    /** Reads the encoding again, which was found plain; empty where it has no such field. */
    private ByteString plainField(int tag) {
        PlainReader in = new PlainReader(encoded);
        in.next(INDEX_TAG);
        in.number();
        in.next(TYPE_TAG);
        ByteString found = in.bytes();
        if (tag == DATA_TAG) {
            found = in.next(DATA_TAG) ? in.bytes() : ByteString.EMPTY;
        }
        return found;
    }

    /** Canonical texts of the prefixes that may read the value; empty: public. */
    public List<String> readers() {
        return readers;
    }

    public boolean isPublic() {
        return readers.isEmpty();
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
