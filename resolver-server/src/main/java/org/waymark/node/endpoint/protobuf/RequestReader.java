package org.waymark.node.endpoint.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.waymark.Limits;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.Selection;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryRequest;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LogRequest;
import org.waymark.v1.RecordKind;
import org.waymark.v1.ResolveRequest;
import org.waymark.v1.ScanRequest;

/**
 * Reads the payloads of requests. Lists are counted while they are read, so that a small frame can't stand for many objects, and
 * a key is read from its bytes, so that only its one encoding passes. Immutable.
 */
final class RequestReader {

    private static final int KEY_TAG = tag(ResolveRequest.KEY_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int INDEX_TAG = tag(ResolveRequest.INDEXES_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    private static final int INDEXES_TAG =
            tag(ResolveRequest.INDEXES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int TYPE_TAG = tag(ResolveRequest.TYPES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    private static final int CHAIN_TAG = tag(ResolveRequest.WITH_CHAIN_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
    /** Of the one list that is all there is to a ResolveManyRequest and to a RegisterRequest. */
    private static final int ENTRY_TAG = tag(1, WireFormat.WIRETYPE_LENGTH_DELIMITED);

    /** A type, and the "." that makes it stand for all that start with it. */
    private static final int MAX_TYPE_BYTES = Limits.VALUE_TYPE_BYTES + 1;
    /** Ample for a HistoryRequest with fields of later versions. */
    private static final int MAX_HISTORY_BYTES = 4 * 1_024;
    /** The same for a ScanRequest. */
    private static final int MAX_SCAN_BYTES = MAX_HISTORY_BYTES + Limits.SCAN_CURSOR_BYTES;

    /** A decision and the record that comes with it, or an application, and room for fields of later versions. */
    private static final int MAX_LIFE_CYCLE_BYTES = Limits.RECORD_BYTES + 2 * Limits.APPLICATION_BYTES;

    /** The same for a LogRequest. */
    private static final int MAX_LOG_BYTES = MAX_HISTORY_BYTES + Limits.COSIGNATURES_BYTES;

    private final int maxBatch;

    /**
     * @param maxBatch items of one resolve-many, records of one registration
     */
    RequestReader(int maxBatch) {
        this.maxBatch = maxBatch;
    }

    private static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }

    /** The payload of RESOLVE. */
    Lookup resolve(byte[] payload, boolean authoritative) throws BadRequestException {
        return lookup("", payload, 0, payload.length, authoritative);
    }

    /**
     * Where the key begins in a ResolveRequest that is a key and nothing else, the common case; it ends with the request. -1: the
     * request is another. Whether it is a key is not looked at.
     */
    static int onlyKeyAt(byte[] bytes, int start, int end) {
        if (end - start < 2 || bytes[start] != KEY_TAG) {
            return -1;
        }
        int length = bytes[start + 1];
        int key = start + 2;
        if (length < 0) {
            if (end == key || bytes[key] < 0) {
                return -1;
            }
            length = length & 0x7F | bytes[key] << 7;
            key++;
        }
        return length == end - key ? key : -1;
    }

    /** The payload of RESOLVE_MANY: one look-up or more. */
    ResolveMany resolveMany(int requestId, byte[] payload, boolean authoritative) throws BadRequestException {
        ResolveMany many = new ResolveMany(requestId, payload, authoritative);
        int selectors = 0;
        CodedInputStream in = CodedInputStream.newInstance(payload);
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag != ENTRY_TAG) {
                    in.skipField(tag);
                    continue;
                }
                requireRoom("requests", many.size());
                int length = in.readRawVarint32();
                int offset = in.getTotalBytesRead();
                in.skipRawBytes(length);
                int key = onlyKeyAt(payload, offset, offset + length);
                if (key >= 0 && RecordKey.isPlain(payload, key, offset + length - key)) {
                    many.addPlain(key, offset + length - key);
                    continue;
                }
                Lookup lookup = lookup("requests[" + many.size() + "].", payload, offset, length, authoritative);
                selectors += selectors(lookup);
                if (selectors > Limits.SELECTORS_OF_MANY) {
                    throw tooMany("requests' indexes and types together", Limits.SELECTORS_OF_MANY);
                }
                many.add(lookup);
            }
        } catch (IOException e) {
            throw BadRequestException.malformed("the payload of RESOLVE_MANY is not an encoded ResolveManyRequest");
        }
        requireSome("requests", many.size());
        return many;
    }

    private static int selectors(Lookup lookup) {
        if (lookup instanceof Lookup.Asked asked) {
            Selection selection = asked.query().selection();
            return selection.indexes().size() + selection.types().size();
        }
        return 0;
    }

    /** The payload of REGISTER: one encoded record or more, of whatever size. */
    List<ByteString> register(byte[] payload) throws BadRequestException {
        List<ByteString> records = new ArrayList<>();
        CodedInputStream in = CodedInputStream.newInstance(payload);
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag != ENTRY_TAG) {
                    in.skipField(tag);
                    continue;
                }
                requireRoom("records", records.size());
                records.add(in.readBytes());
            }
        } catch (IOException e) {
            throw BadRequestException.malformed("the payload of REGISTER is not an encoded RegisterRequest");
        }
        requireSome("records", records.size());
        return records;
    }

    /**
     * A request for history within its ranges.
     *
     * @param fromVersion 1 or more
     * @param limit 1 or more
     */
    record HistoryQuery(RecordKey key, long fromVersion, int limit) {}

    /** The payload of HISTORY. */
    HistoryQuery history(byte[] payload) throws BadRequestException {
        if (payload.length > MAX_HISTORY_BYTES) {
            throw BadRequestException.overLimit(
                    "a HistoryRequest of " + payload.length + " bytes; at most " + MAX_HISTORY_BYTES + " are allowed");
        }
        HistoryRequest request;
        try {
            request = HistoryRequest.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw BadRequestException.malformed("the payload of HISTORY is not an encoded HistoryRequest");
        }
        if (request.getFromVersion() < 0) {
            throw BadRequestException.overLimit("from_version is " + Long.toUnsignedString(request.getFromVersion())
                    + "; at most " + Long.MAX_VALUE + " is allowed");
        }
        try {
            return new HistoryQuery(
                    RecordKey.fromProto(request.getKey()),
                    Math.max(1, request.getFromVersion()),
                    orMost(request.getLimit(), Limits.BATCH_ITEMS));
        } catch (InvalidRecordException e) {
            throw malformed("", e);
        }
    }

    /** The payload of LIFE_CYCLE. */
    LifeCycleRequest lifeCycle(byte[] payload) throws BadRequestException {
        if (payload.length > MAX_LIFE_CYCLE_BYTES) {
            throw BadRequestException.overLimit("a LifeCycleRequest of " + payload.length + " bytes; at most "
                    + MAX_LIFE_CYCLE_BYTES + " are allowed");
        }
        try {
            return LifeCycleRequest.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw BadRequestException.malformed("the payload of LIFE_CYCLE is not an encoded LifeCycleRequest");
        }
    }

    /** The payload of LOG. */
    LogRequest log(byte[] payload) throws BadRequestException {
        if (payload.length > MAX_LOG_BYTES) {
            throw BadRequestException.overLimit(
                    "a LogRequest of " + payload.length + " bytes; at most " + MAX_LOG_BYTES + " are allowed");
        }
        try {
            return LogRequest.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw BadRequestException.malformed("the payload of LOG is not an encoded LogRequest");
        }
    }

    /** The payload of SCAN. */
    ScanQuery scan(byte[] payload) throws BadRequestException {
        if (payload.length > MAX_SCAN_BYTES) {
            throw BadRequestException.overLimit(
                    "a ScanRequest of " + payload.length + " bytes; at most " + MAX_SCAN_BYTES + " are allowed");
        }
        ScanRequest request;
        try {
            request = ScanRequest.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw BadRequestException.malformed("the payload of SCAN is not an encoded ScanRequest");
        }
        if (request.getCursor().size() > Limits.SCAN_CURSOR_BYTES) {
            throw BadRequestException.overLimit("cursor has "
                    + request.getCursor().size() + " bytes; at most " + Limits.SCAN_CURSOR_BYTES + " are allowed");
        }
        try {
            return new ScanQuery(
                    prefix(RecordKey.fromProto(request.getPrefix())),
                    request.getCursor(),
                    orMost(request.getLimit(), Limits.BATCH_ITEMS),
                    orMost(request.getMaxBytes(), Limits.FRAME_BYTES),
                    request.getWithHistory());
        } catch (InvalidRecordException e) {
            throw malformed("prefix: ", e);
        }
    }

    private static Prefix prefix(RecordKey key) throws BadRequestException {
        if (key.kind() != RecordKind.PREFIX) {
            throw BadRequestException.malformed("prefix.kind must be PREFIX");
        }
        try {
            Prefix prefix = Prefix.of(key.scheme(), key.identifier());
            if (prefix.canonical().equals(key.identifier())) {
                return prefix;
            }
            throw BadRequestException.malformed("prefix.identifier must be canonical: " + prefix.canonical());
        } catch (InvalidIdentifierException e) {
            throw BadRequestException.malformed("prefix.identifier: " + e.getMessage());
        }
    }

    /** An unsigned number within its limit, which 0 stands for. */
    private static int orMost(int number, int most) {
        return number == 0 ? most : (int) Math.min(Integer.toUnsignedLong(number), most);
    }

    private static Lookup lookup(String where, byte[] bytes, int offset, int length, boolean authoritative)
            throws BadRequestException {
        CodedInputStream in = CodedInputStream.newInstance(bytes, offset, length);
        byte[] key = null;
        Set<Long> indexes = null;
        List<String> types = null;
        boolean withChain = false;
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == KEY_TAG && key == null) {
                    key = in.readByteArray();
                } else if (tag == INDEX_TAG) {
                    indexes = indexes == null ? new HashSet<>() : indexes;
                    addIndex(where, indexes, in.readUInt32());
                } else if (tag == INDEXES_TAG) {
                    indexes = indexes == null ? new HashSet<>() : indexes;
                    int outer = in.pushLimit(in.readRawVarint32());
                    while (in.getBytesUntilLimit() > 0) {
                        addIndex(where, indexes, in.readUInt32());
                    }
                    in.popLimit(outer);
                } else if (tag == TYPE_TAG) {
                    types = types == null ? new ArrayList<>() : types;
                    addType(where, types, in);
                } else if (tag == CHAIN_TAG) {
                    withChain = in.readBool();
                } else if (tag == KEY_TAG) {
                    throw BadRequestException.malformed(where + "key is there twice");
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw BadRequestException.malformed(
                    (where.isEmpty() ? "the payload of RESOLVE" : where.substring(0, where.length() - 1))
                            + " is not an encoded ResolveRequest");
        }
        if (key == null) {
            throw BadRequestException.malformed(where + "key is missing");
        }
        if (key.length > RecordKey.MAX_ENCODED_BYTES) {
            return new Lookup.NoIdentifier("the identifier has more than " + Limits.IDENTIFIER_BYTES + " bytes");
        }
        Selection selection = indexes == null && types == null
                ? Selection.ALL
                : new Selection(indexes == null ? Set.of() : indexes, types == null ? List.of() : types);
        try {
            return new Lookup.Asked(new Query(RecordKey.decode(key), selection, authoritative, withChain, null));
        } catch (InvalidRecordException e) {
            if (e.field().equals("key.identifier")) {
                return new Lookup.NoIdentifier(e.getMessage());
            }
            throw malformed(where, e);
        }
    }

    private static void addIndex(String where, Set<Long> indexes, int index) throws BadRequestException {
        indexes.add(Integer.toUnsignedLong(index));
        if (indexes.size() > Limits.SELECTORS) {
            throw tooMany(where + "indexes", Limits.SELECTORS);
        }
    }

    private static void addType(String where, List<String> types, CodedInputStream in)
            throws BadRequestException, IOException {
        if (types.size() == Limits.SELECTORS) {
            throw tooMany(where + "types", Limits.SELECTORS);
        }
        int bytes = in.readRawVarint32();
        if (bytes < 1 || bytes > MAX_TYPE_BYTES) {
            throw BadRequestException.overLimit(where + "types[" + types.size() + "] has "
                    + Integer.toUnsignedLong(bytes) + " bytes; 1 to " + MAX_TYPE_BYTES + " are allowed");
        }
        ByteString type = ByteString.copyFrom(in.readRawBytes(bytes));
        if (!type.isValidUtf8()) {
            throw BadRequestException.malformed(where + "types[" + types.size() + "] must be well-formed UTF-8");
        }
        types.add(type.toStringUtf8());
    }

    private void requireRoom(String list, int size) throws BadRequestException {
        if (size == maxBatch) {
            throw tooMany(list, maxBatch);
        }
    }

    private void requireSome(String list, int size) throws BadRequestException {
        if (size == 0) {
            throw BadRequestException.malformed(list + " is empty; 1 to " + maxBatch + " are allowed");
        }
    }

    private static BadRequestException tooMany(String list, int most) {
        return BadRequestException.overLimit(
                list + " has more than " + most + " entries; at most " + most + " are allowed");
    }

    private static BadRequestException malformed(String where, InvalidRecordException e) {
        return BadRequestException.malformed(where + e.getMessage());
    }
}
