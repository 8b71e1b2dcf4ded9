package org.waymark.node.registry;

import org.waymark.Limits;
import org.waymark.identifier.Scheme;
import org.waymark.v1.RecordKind;

/**
 * Where the parts of an encoded item are, if it is one of the plain kind: fields in the order of their numbers, texts in ASCII, nothing
 * withheld, nothing for some readers only. That is what signers mostly write; whatever deviates has to be read in whole. What
 * {@link #read} takes, {@link org.waymark.record.IdentifierRecord} takes too. Used again and again; not safe for use by many threads.
 */
final class PlainItem {

    private static final int VARINT = 0;
    private static final int BYTES = 2;

    byte[] bytes;
    int headerFrom;
    int headerTo;
    Scheme scheme;
    int textFrom;
    int textTo;
    int ownerFrom;
    int ownerTo;
    long version;
    /** Of the digest of the version before; both are 0 for version 1. */
    int previousFrom;

    int previousTo;
    long issuedAt;
    int keyIdFrom;
    int valuesRootFrom;
    int values;
    final int[] valueFrom = new int[Limits.VALUES];
    final int[] valueTo = new int[Limits.VALUES];
    long treeSize;
    long leaf;
    int pathFrom;
    int pathTo;
    int signatureFrom;

    private int at;
    private int end;
    /** What {@link #field} read last: a number, or where bytes end. */
    private long number;

    private int to;

    /** True where this is a plain item; the fields say where its parts are. */
    boolean read(byte[] encoded) {
        bytes = encoded;
        at = 0;
        end = encoded.length;
        return end <= Limits.RECORD_BYTES && readHeader() && readValues() && readProof() && at == encoded.length;
    }

    private boolean readHeader() {
        if (!field(1, BYTES) || to - at > Limits.HEADER_BYTES) {
            return false;
        }
        headerFrom = at;
        headerTo = to;
        end = to;
        boolean isGood = number(1) && number == 1 && readKey() && readOwner() && readPrevious() && readRest();
        end = bytes.length;
        return isGood && at == headerTo;
    }

    private boolean readKey() {
        if (!field(2, BYTES)) {
            return false;
        }
        int keyTo = to;
        if (!number(1)
                || number != RecordKind.ITEM_VALUE
                || !number(2)
                || number < 1
                || number > Scheme.values().length) {
            return false;
        }
        scheme = Scheme.ofCode((int) number);
        if (!field(3, BYTES) || to != keyTo || !isAscii(at, to, 1, Limits.IDENTIFIER_BYTES)) {
            return false;
        }
        textFrom = at;
        textTo = to;
        at = to;
        return true;
    }

    private boolean readOwner() {
        if (!field(3, BYTES) || !isAscii(at, to, 1, Limits.PREFIX_BYTES)) {
            return false;
        }
        ownerFrom = at;
        ownerTo = to;
        at = to;
        return number(4) && number > 0 && number(5) && number > 0;
    }

    private boolean readPrevious() {
        version = number;
        previousFrom = 0;
        previousTo = 0;
        if (version == 1) {
            return true;
        }
        if (!field(6, BYTES) || to - at != Write.DIGEST_BYTES || bytes[at] < 1 || bytes[at] > 2) {
            return false;
        }
        previousFrom = at;
        previousTo = to;
        at = to;
        return true;
    }

    private boolean readRest() {
        if (!number(7) || number < 1) {
            return false;
        }
        issuedAt = number;
        if (!number(8) || number < 1 || number > Limits.TTL_SECONDS || !number(9) || number < 1 || number > 2) {
            return false;
        }
        if (!field(10, BYTES) || to - at != Limits.DIGEST_BYTES) {
            return false;
        }
        keyIdFrom = at;
        at = to;
        values = 0;
        if (isNext(11, VARINT)) {
            if (!number(11) || number < 1 || number > Limits.VALUES) {
                return false;
            }
            values = (int) number;
        }
        if (!field(12, BYTES) || to - at != Limits.DIGEST_BYTES) {
            return false;
        }
        valuesRootFrom = at;
        at = to;
        return at == headerTo || number(13) && number > 0;
    }

    private boolean readValues() {
        long last = 0;
        for (int i = 0; i < values; i++) {
            if (!field(2, BYTES)) {
                return false;
            }
            valueFrom[i] = at;
            valueTo[i] = to;
            end = to;
            boolean isGood = number(1) && number > last && number <= 0xFFFF_FFFFL;
            last = number;
            isGood = isGood && field(2, BYTES) && isAscii(at, to, 1, Limits.VALUE_TYPE_BYTES);
            if (!isGood) {
                return false;
            }
            at = to;
            if (at < end) {
                if (!field(3, BYTES) || to - at > Limits.VALUE_DATA_BYTES || to != end) {
                    return false;
                }
                at = to;
            }
            end = bytes.length;
        }
        return true;
    }

    private boolean readProof() {
        if (!field(3, BYTES) || to != bytes.length || !number(1) || number < 1 || number > Limits.TREE_LEAVES) {
            return false;
        }
        treeSize = number;
        leaf = 0;
        if (isNext(2, VARINT)) {
            if (!number(2) || number < 1 || number >= treeSize) {
                return false;
            }
            leaf = number;
        }
        pathFrom = at;
        pathTo = at;
        if (isNext(3, BYTES)) {
            if (!field(3, BYTES)
                    || to == at
                    || (to - at) % Limits.DIGEST_BYTES != 0
                    || to - at > Limits.TREE_PATH_DIGESTS * Limits.DIGEST_BYTES) {
                return false;
            }
            pathFrom = at;
            pathTo = to;
            at = to;
        }
        if (!field(4, BYTES) || to - at != Limits.SIGNATURE_BYTES) {
            return false;
        }
        signatureFrom = at;
        at = to;
        return true;
    }

    private boolean isNext(int number, int wireType) {
        return at < end && bytes[at] == (number << 3 | wireType);
    }

    private boolean number(int field) {
        return field(field, VARINT);
    }

    /** Reads the tag of a field, and its number; of bytes the length, so that {@link #at} is where they start. */
    private boolean field(int field, int wireType) {
        if (!isNext(field, wireType)) {
            return false;
        }
        at++;
        if (!varint()) {
            return false;
        }
        if (wireType == BYTES) {
            if (number > end - at) {
                return false;
            }
            to = at + (int) number;
        }
        return true;
    }

    /** Reads a number of up to 63 bits in its shortest encoding. */
    private boolean varint() {
        long result = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            if (at >= end) {
                return false;
            }
            byte next = bytes[at++];
            result |= (next & 0x7FL) << shift;
            if (next >= 0) {
                number = result;
                return next != 0 || shift == 0;
            }
        }
        return false;
    }

    private boolean isAscii(int from, int until, int least, int most) {
        if (until - from < least || until - from > most) {
            return false;
        }
        for (int i = from; i < until; i++) {
            if (bytes[i] < ' ' || bytes[i] > '~') {
                return false;
            }
        }
        return true;
    }
}
