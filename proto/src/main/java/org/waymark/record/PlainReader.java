package org.waymark.record;

import com.google.protobuf.ByteString;

/**
 * Reads a message in the one encoding that the format's own writers give it: fields in the order of their numbers, each tag one
 * byte, numbers as short as they can be, nothing that is left at its default. What is encoded in another way is left to protobuf.
 * Records are read so often that this is worth it. Not safe for use by many threads.
 */
final class PlainReader {

    /** What {@link #number} gives where the bytes are not plain. */
    static final int NOT_PLAIN = -1;

    private static final int DELETE = 0x7F;

    private final ByteString whole;
    private final byte[] bytes;
    private final int end;
    private int at;

    PlainReader(ByteString whole) {
        this(whole, whole.toByteArray(), 0, whole.size());
    }

    private PlainReader(ByteString whole, byte[] bytes, int from, int end) {
        this.whole = whole;
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    boolean isAtEnd() {
        return at == end;
    }

    /** Passes over this tag, if it comes next. */
    boolean next(int tag) {
        boolean isNext = at < end && bytes[at] == tag;
        at += isNext ? 1 : 0;
        return isNext;
    }

    /** A number from 1 to 2^63 - 1: a field that is there is not 0. */
    long number() {
        long number = 0;
        for (int shift = 0; shift < 63 && at < end; shift += 7) {
            byte next = bytes[at++];
            number |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return next == 0 ? NOT_PLAIN : number;
            }
        }
        return NOT_PLAIN;
    }

    /** A field's bytes, 1 or more, which share those of the whole; null where they are not all there. */
    ByteString bytes() {
        long length = number();
        if (length < 1 || length > end - at) {
            return null;
        }
        at += (int) length;
        return whole.substring(at - (int) length, at);
    }

    /** A reader of a field's bytes, 1 or more, with which this one is through; null where they are not all there. */
    PlainReader message() {
        long length = number();
        if (length < 1 || length > end - at) {
            return null;
        }
        at += (int) length;
        return new PlainReader(whole, bytes, at - (int) length, at);
    }

    /** All bytes from here to the end, without reading them. */
    ByteString rest() {
        return whole.substring(at, end);
    }

    /** Passes over a field's bytes; true where there are 1 to so many, and all of them are there. */
    boolean skipBytes(int most) {
        long length = number();
        boolean isWithin = length >= 1 && length <= Math.min(most, end - at);
        at += isWithin ? (int) length : 0;
        return isWithin;
    }

    /** The same, where the bytes are printable ASCII. */
    boolean skipPrintable(int most) {
        long length = number();
        if (length < 1 || length > Math.min(most, end - at)) {
            return false;
        }
        for (int last = at + (int) length; at < last; at++) {
            if (bytes[at] < ' ' || bytes[at] == DELETE) {
                return false;
            }
        }
        return true;
    }
}
