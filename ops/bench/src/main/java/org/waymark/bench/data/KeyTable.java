package org.waymark.bench.data;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The keys of all records in compact form, for a load generator that neither builds requests nor parses answers: what to ask for
 * each, and what the answer must be. Keys are numbered from 0. Immutable once filled.
 */
public final class KeyTable {

    /**
     * Where the identifier stands in an encoded {@code SignedRecord}: behind the tag and length of the header (3 bytes), the
     * format (2), the tag and length of the key (2), kind (2), scheme (2), and its own tag and length (2).
     */
    private static final int IDENTIFIER_IN_RECORD = 13;
    /** The same in a {@code ResolveRequest}: behind the tag and length of the key (2), kind (2), scheme (2), tag and length (2). */
    private static final int IDENTIFIER_IN_REQUEST = 8;
    /** The key's own tag and length, and what is in front of it in a record. */
    private static final int KEY_IN_RECORD = 5;

    private static final int ROOM = 64;

    private final int[] starts;
    private final int[] recordBytes;
    private byte[] requests;
    private int size;

    KeyTable(int capacity) {
        starts = new int[capacity + 1];
        recordBytes = new int[capacity];
        requests = new byte[capacity * 32];
    }

    /** The keys of these encoded records. */
    public static KeyTable of(List<byte[]> records) {
        KeyTable keys = new KeyTable(records.size());
        records.forEach(keys::add);
        return keys;
    }

    /** Adds the key of an encoded record. Needs identifiers that are short enough for lengths of one byte. */
    void add(byte[] record) {
        int identifierBytes = record[IDENTIFIER_IN_RECORD - 1];
        int end = IDENTIFIER_IN_RECORD + identifierBytes;
        boolean fits = record[0] == 0x0A
                && record[3] == 0x08
                && record[KEY_IN_RECORD] == 0x12
                && record[KEY_IN_RECORD + 1] == identifierBytes + 6
                && identifierBytes > 0
                && identifierBytes <= ROOM;
        if (!fits) {
            throw new IllegalArgumentException("a record whose key does not stand where it should");
        }
        int start = starts[size];
        int length = end - KEY_IN_RECORD;
        if (start + length > requests.length) {
            requests = Arrays.copyOf(requests, requests.length * 2);
        }
        requests[start] = 0x0A;
        System.arraycopy(record, KEY_IN_RECORD + 1, requests, start + 1, length - 1);
        recordBytes[size] = record.length;
        starts[++size] = start + length;
    }

    public int size() {
        return size;
    }

    /** Bytes of the encoded {@code ResolveRequest}. */
    public int requestBytes(int key) {
        return starts[key + 1] - starts[key];
    }

    /** The encoded {@code ResolveRequest}. */
    public byte[] request(int key) {
        return Arrays.copyOfRange(requests, starts[key], starts[key + 1]);
    }

    public void writeRequest(ByteBuf out, int key) {
        out.writeBytes(requests, starts[key], requestBytes(key));
    }

    public int identifierBytes(int key) {
        return requestBytes(key) - IDENTIFIER_IN_REQUEST;
    }

    public void writeIdentifier(ByteBuf out, int key) {
        out.writeBytes(requests, starts[key] + IDENTIFIER_IN_REQUEST, identifierBytes(key));
    }

    public String identifier(int key) {
        return new String(requests, starts[key] + IDENTIFIER_IN_REQUEST, identifierBytes(key), StandardCharsets.UTF_8);
    }

    /** The encoded {@code RecordKey}. */
    public byte[] recordKey(int key) {
        return Arrays.copyOfRange(requests, starts[key] + 2, starts[key + 1]);
    }

    /** Whether these bytes can be the record with this key: its length is right, and its identifier is in its place. */
    public boolean isRecord(ByteBuf in, int offset, int length, int key) {
        if (length != recordBytes[key]) {
            return false;
        }
        int at = starts[key] + IDENTIFIER_IN_REQUEST;
        int end = starts[key + 1];
        for (int i = offset + IDENTIFIER_IN_RECORD; at < end; at++, i++) {
            if (in.getByte(i) != requests[at]) {
                return false;
            }
        }
        return true;
    }
}
