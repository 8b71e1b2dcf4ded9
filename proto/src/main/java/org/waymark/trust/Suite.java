package org.waymark.trust;

import org.waymark.record.HashFunction;

/** A signature algorithm with its hash. A key has one suite; a message never chooses. */
public enum Suite {
    /** Ed25519 (RFC 8032) with SHA-256. */
    ED25519(1, HashFunction.SHA_256),
    /** SM2 (GB/T 32918.2 on the curve of GB/T 32918.5) with SM3 (GB/T 32905). */
    SM2(2, HashFunction.SM3);

    private final int code;
    private final HashFunction hash;

    Suite(int code, HashFunction hash) {
        this.code = code;
        this.hash = hash;
    }

    /** The byte that stands for the suite in what is signed. */
    public int code() {
        return code;
    }

    /** The hash of record digests, value trees and signature trees. */
    public HashFunction hash() {
        return hash;
    }

    /**
     * The suite with this code.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Suite ofCode(int code) {
        return switch (code) {
            case 1 -> ED25519;
            case 2 -> SM2;
            default -> throw new IllegalArgumentException("no suite has the code " + code + "; allowed are 1 and 2");
        };
    }
}
