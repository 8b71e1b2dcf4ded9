package org.waymark.node.endpoint.handle;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Which values of a record are wanted: those with one of the indexes or one of the types; all, where both are empty. A type that
 * ends with "." stands for the type without the dot and for all that start with it. Nobody changes the arrays.
 *
 * @param indexes unsigned
 * @param types in UTF-8
 */
record ValueFilter(int[] indexes, byte[][] types) {

    static final ValueFilter ALL = new ValueFilter(new int[0], new byte[0][]);

    private static final byte[] PROOF_TYPE = RecordTranscoder.PROOF_TYPE.getBytes(StandardCharsets.UTF_8);

    boolean isAll() {
        return indexes.length == 0 && types.length == 0;
    }

    /** True where the value with this index and type is wanted. */
    boolean wants(int index, byte[] bytes, int typeAt, int typeLength) {
        if (isAll()) {
            return true;
        }
        for (int wanted : indexes) {
            if (wanted == index) {
                return true;
            }
        }
        for (byte[] wanted : types) {
            if (matches(wanted, bytes, typeAt, typeLength)) {
                return true;
            }
        }
        return false;
    }

    boolean wants(long index, String type) {
        byte[] bytes = type.getBytes(StandardCharsets.UTF_8);
        return wants((int) index, bytes, 0, bytes.length);
    }

    private static boolean matches(byte[] wanted, byte[] bytes, int at, int length) {
        if (Arrays.equals(wanted, 0, wanted.length, bytes, at, at + length)) {
            return true;
        }
        int stem = wanted.length - 1;
        if (stem < 0 || wanted[stem] != '.' || length < stem) {
            return false;
        }
        return Arrays.equals(wanted, 0, stem, bytes, at, at + stem) && (length == stem || bytes[at + stem] == '.');
    }

    /** True where a part of the values is wanted, and the proof may be one of them. */
    boolean mayPickProof() {
        for (int index : indexes) {
            if (Integer.compareUnsigned(index, RecordTranscoder.FIRST_PROOF_INDEX) >= 0) {
                return true;
            }
        }
        for (byte[] type : types) {
            if (matches(type, PROOF_TYPE, 0, PROOF_TYPE.length)) {
                return true;
            }
        }
        return false;
    }
}
