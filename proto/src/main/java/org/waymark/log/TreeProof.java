package org.waymark.log;

import java.util.List;

/** Checks proofs as RFC 9162 does, sections 2.1.3.2 and 2.1.4.2. */
public final class TreeProof {

    private TreeProof() {}

    /** True where the proof leads from the leaf's hash to the root. */
    public static boolean includes(TreeHead head, long leaf, byte[] leafHash, List<byte[]> proof) {
        if (leaf < 0 || leaf >= head.size()) {
            return false;
        }
        long place = leaf;
        long last = head.size() - 1;
        byte[] hash = leafHash;
        for (byte[] sibling : proof) {
            if (last == 0) {
                return false;
            }
            if ((place & 1) == 1 || place == last) {
                hash = LogHash.node(sibling, hash);
                while ((place & 1) == 0 && place != 0) {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                hash = LogHash.node(hash, sibling);
            }
            place >>= 1;
            last >>= 1;
        }
        return last == 0 && isRoot(head, hash);
    }

    /** True where the proof shows that the tree of {@code later} begins with that of {@code earlier}. */
    public static boolean continues(TreeHead earlier, TreeHead later, List<byte[]> proof) {
        if (earlier.size() > later.size()) {
            return false;
        }
        if (earlier.size() == later.size()) {
            return proof.isEmpty() && earlier.root().equals(later.root());
        }
        if (earlier.size() == 0) {
            return proof.isEmpty() && isRoot(earlier, LogHash.empty());
        }
        long place = earlier.size() - 1;
        long last = later.size() - 1;
        while ((place & 1) == 1) {
            place >>= 1;
            last >>= 1;
        }
        int next = 0;
        byte[] smaller = earlier.root().toByteArray();
        if (place != 0) {
            if (proof.isEmpty()) {
                return false;
            }
            smaller = proof.get(next++);
        }
        byte[] larger = smaller;
        for (; next < proof.size(); next++) {
            byte[] sibling = proof.get(next);
            if (last == 0) {
                return false;
            }
            if ((place & 1) == 1 || place == last) {
                smaller = LogHash.node(sibling, smaller);
                larger = LogHash.node(sibling, larger);
                while ((place & 1) == 0 && place != 0) {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                larger = LogHash.node(larger, sibling);
            }
            place >>= 1;
            last >>= 1;
        }
        return last == 0 && isRoot(earlier, smaller) && isRoot(later, larger);
    }

    private static boolean isRoot(TreeHead head, byte[] hash) {
        return head.root().equals(com.google.protobuf.ByteString.copyFrom(hash));
    }
}
