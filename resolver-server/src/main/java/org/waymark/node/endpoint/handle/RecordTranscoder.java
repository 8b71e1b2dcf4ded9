package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Writes the values of an encoded record of an item as Handle values, from the record's bytes, without an object in between. The
 * bytes may be anything: nothing is read outside of them.
 *
 * <p>Behind the values comes one of type {@value #PROOF_TYPE}: the {@code SignedRecord} without its values, so that who puts the
 * others back, in the order of their indexes, has the record as it was signed. It has index 400, or the next one that is free.
 *
 * <p>For one thread; reads one record after another.
 */
final class RecordTranscoder {

    /** Type of the value that holds what proves the others. */
    static final String PROOF_TYPE = "waymark.proof";

    static final int FIRST_PROOF_INDEX = 400;

    /** The record has a form that has to be taken apart the long way. */
    static final int UNUSUAL = -1;

    /** As in {@code 1110}: administrators may read and write, everybody may read. */
    static final int PERMISSIONS = 0b1110;

    static final int RELATIVE_TTL = 0;

    private static final byte[] PROOF_TYPE_BYTES = PROOF_TYPE.getBytes(StandardCharsets.UTF_8);

    private static final int LENGTH_DELIMITED = 2;
    private static final int VARINT = 0;
    private static final int HEADER_TAG = 1 << 3 | LENGTH_DELIMITED;
    private static final int VALUES_TAG = 2 << 3 | LENGTH_DELIMITED;
    private static final int ISSUED_AT_TAG = 7 << 3 | VARINT;
    private static final int INDEX_TAG = 1 << 3 | VARINT;
    private static final int TYPE_TAG = 2 << 3 | LENGTH_DELIMITED;
    private static final int DATA_TAG = 3 << 3 | LENGTH_DELIMITED;

    private byte[] bytes;
    private int at;
    private int limit;
    private int lastIndex;

    /** Not an encoding that this reader takes; made once, as it says nothing but that. */
    private static final class UnusualException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private static final UnusualException INSTANCE = new UnusualException();

        private UnusualException() {
            super(null, null, false, false);
        }
    }

    /**
     * Writes a count and so many values; the caller takes back what was written where the result is {@link #UNUSUAL}.
     *
     * @param record an encoded {@code SignedRecord}, and perhaps bytes behind it
     * @param filter must not pick a part of the values together with the proof
     * @param ttlSeconds how long the answer may be kept
     * @return how many values were written
     */
    int write(byte[] record, int length, ValueFilter filter, int ttlSeconds, ByteBuf out) {
        bytes = record;
        at = 0;
        limit = length;
        lastIndex = 0;
        try {
            return write(filter, ttlSeconds, out);
        } catch (UnusualException e) {
            return UNUSUAL;
        }
    }

    private int write(ValueFilter filter, int ttlSeconds, ByteBuf out) {
        int timestamp = header();
        int headerEnd = at;
        int countAt = out.writerIndex();
        out.writeInt(0);
        int count = 0;
        int proofIndex = FIRST_PROOF_INDEX;
        while (at < limit && bytes[at] == VALUES_TAG) {
            at++;
            int end = lengthWithin(limit);
            count += value(end, filter, timestamp, ttlSeconds, out);
            if (lastIndex == proofIndex) {
                proofIndex++;
            }
        }
        if (filter.isAll()) {
            int proofLength = headerEnd + (limit - at);
            beginValue(out, proofIndex, timestamp, ttlSeconds);
            MessageWriter.bytes(out, PROOF_TYPE_BYTES);
            out.writeInt(proofLength);
            out.writeBytes(bytes, 0, headerEnd);
            out.writeBytes(bytes, at, limit - at);
            out.writeInt(0);
            count++;
        }
        out.setInt(countAt, count);
        return count;
    }

    /** Reads the header, and gives the record's time of issue in epoch seconds. */
    private int header() {
        expect(HEADER_TAG, limit);
        int end = lengthWithin(limit);
        while (at < end) {
            int tag = (int) varint(end);
            if (tag == ISSUED_AT_TAG) {
                int seconds = (int) (varint(end) / 1_000);
                at = end;
                return seconds;
            }
            if ((tag & 7) == VARINT) {
                varint(end);
            } else if ((tag & 7) == LENGTH_DELIMITED) {
                at = lengthWithin(end);
            } else {
                throw UnusualException.INSTANCE;
            }
        }
        throw UnusualException.INSTANCE;
    }

    /** Writes the value that ends here, if it is wanted. It has to be encoded as its reader would encode it. */
    private int value(int end, ValueFilter filter, int timestamp, int ttlSeconds, ByteBuf out) {
        expect(INDEX_TAG, end);
        long index = varint(end);
        if (index >>> Integer.SIZE != 0 || Integer.compareUnsigned((int) index, lastIndex) <= 0) {
            throw UnusualException.INSTANCE;
        }
        lastIndex = (int) index;
        expect(TYPE_TAG, end);
        int typeEnd = lengthWithin(end);
        int typeAt = at;
        int typeLength = typeEnd - at;
        at = typeEnd;
        int dataAt = end;
        if (at < end) {
            expect(DATA_TAG, end);
            // A reader would leave an empty field out, and would not know what follows.
            if (lengthWithin(end) != end || at == end) {
                throw UnusualException.INSTANCE;
            }
            dataAt = at;
            at = end;
        }
        if (!filter.wants(lastIndex, bytes, typeAt, typeLength)) {
            return 0;
        }
        beginValue(out, lastIndex, timestamp, ttlSeconds);
        out.writeInt(typeLength);
        out.writeBytes(bytes, typeAt, typeLength);
        out.writeInt(end - dataAt);
        out.writeBytes(bytes, dataAt, end - dataAt);
        out.writeInt(0);
        return 1;
    }

    /** Writes what is in front of a value's type. */
    static void beginValue(ByteBuf out, int index, int timestamp, int ttlSeconds) {
        out.writeInt(index);
        out.writeInt(timestamp);
        out.writeByte(RELATIVE_TTL);
        out.writeInt(ttlSeconds);
        out.writeByte(PERMISSIONS);
    }

    private void expect(int tag, int end) {
        if (at >= end || bytes[at] != tag) {
            throw UnusualException.INSTANCE;
        }
        at++;
    }

    /** Reads a length, and gives where what has it ends. */
    private int lengthWithin(int end) {
        long length = varint(end);
        if (length < 0 || length > end - at) {
            throw UnusualException.INSTANCE;
        }
        return at + (int) length;
    }

    /** Reads a varint in its shortest form. */
    private long varint(int end) {
        long result = 0;
        for (int shift = 0; shift < Long.SIZE && at < end; shift += 7) {
            byte next = bytes[at++];
            result |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                if (next == 0 && shift > 0) {
                    throw UnusualException.INSTANCE;
                }
                return result;
            }
        }
        throw UnusualException.INSTANCE;
    }
}
