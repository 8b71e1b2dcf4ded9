package org.waymark.node.registry;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.waymark.trust.Purpose;
import org.waymark.trust.VerifyingKey;

/** Verifies the signature of each tree of records once, as long as not too many trees are under way. Safe for use by many threads. */
final class TreeSignatures {

    /** Of 64 records each, these are 16 million records between a tree's first and its last. */
    private static final int REMEMBERED = 1 << 18;

    private final Set<Tree> verified = ConcurrentHashMap.newKeySet();

    /** What was signed, by which key, and the signature. */
    private static final class Tree {

        private final VerifyingKey key;
        private final long size;
        private final byte[] root;
        private final byte[] signature;

        Tree(VerifyingKey key, long size, byte[] root, byte[] signature) {
            this.key = key;
            this.size = size;
            this.root = root;
            this.signature = signature;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Tree tree
                    && size == tree.size
                    && Arrays.equals(root, tree.root)
                    && Arrays.equals(signature, tree.signature)
                    && key.equals(tree.key);
        }

        @Override
        public int hashCode() {
            // A digest is as good as random.
            return root[0] << 24 | (root[1] & 0xFF) << 16 | (root[2] & 0xFF) << 8 | root[3] & 0xFF;
        }
    }

    /** True where this key signed a tree of records with this root. */
    boolean verifies(VerifyingKey key, long size, byte[] root, byte[] signature) {
        Tree tree = new Tree(key, size, root, signature);
        if (verified.contains(tree)) {
            return true;
        }
        if (!key.verifies(Purpose.RECORD.signedBytes(key.suite(), size, root), signature)) {
            return false;
        }
        if (verified.size() >= REMEMBERED) {
            verified.clear();
        }
        verified.add(tree);
        return true;
    }
}
