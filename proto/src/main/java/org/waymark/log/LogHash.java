package org.waymark.log;

import org.waymark.record.HashFunction;

/** The hashes of the log's tree: RFC 9162, section 2.1.1, with SHA-256. Each has {@value #BYTES} bytes. */
public final class LogHash {

    public static final int BYTES = 32;

    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    private LogHash() {}

    /** The hash of a leaf. */
    public static byte[] leaf(byte[] entry) {
        return HashFunction.SHA_256.digest(LEAF, entry);
    }

    /** The hash of what two hashes are the roots of. */
    static byte[] node(byte[] left, byte[] right) {
        return HashFunction.SHA_256.digest(NODE, left, right);
    }

    /** The root of the tree without leaves. */
    static byte[] empty() {
        return HashFunction.SHA_256.digest();
    }
}
