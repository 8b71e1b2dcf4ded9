package org.waymark.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.waymark.Limits;

/**
 * The digests of a tree whose root is known to be signed, as far as paths from its leaves have shown them. A record next to one that
 * was verified needs no more than a comparison: the other's path has its leaf in it, and all that leads on to the root. Over a whole
 * tree that is one digest for a record instead of the path's length. Safe for use by many threads.
 */
public final class VerifiedTree {

    /** Larger trees are not remembered but for their root, so that what is remembered stays small. */
    private static final long LARGEST = 256;

    private final HashFunction hash;
    private final byte[] root;
    /** From the leaves up, as in {@link MerkleTree}; null where a digest is not known yet. The last level is the root. */
    private final List<byte[][]> levels = new ArrayList<>();

    /**
     * @param root that is signed, 32 bytes
     * @param size leaves of the tree
     */
    public VerifiedTree(HashFunction hash, byte[] root, long size) {
        this.hash = hash;
        this.root = root.clone();
        if (size > 1 && size <= LARGEST) {
            for (int width = (int) size; width > 1; width = (width + 1) / 2) {
                levels.add(new byte[width][]);
            }
            levels.add(new byte[][] {this.root});
        }
    }

    /** True where this is the tree's root. */
    public boolean hasRoot(byte[] digest) {
        return Arrays.equals(root, digest);
    }

    /**
     * True where a leaf with this digest is in the tree, and the proof's path is the one from there to the root; what the path shows is
     * known from then on. False also where that can't be told here: then the root has to be computed.
     *
     * @param proof of a tree of the size of this one
     */
    public synchronized boolean holds(SignatureProof proof, byte[] leaf) {
        if (levels.isEmpty()) {
            return false;
        }
        byte[] path = proof.path().toByteArray();
        byte[][] way = new byte[levels.size()][];
        byte[] digest = leaf;
        int place = (int) proof.leaf();
        int level = 0;
        int read = 0;
        // Upwards, until what is computed is known.
        for (; levels.get(level)[place >> level] == null; level++) {
            way[level] = digest;
            if (hasSibling(level, place)) {
                if (read + Limits.DIGEST_BYTES > path.length) {
                    return false;
                }
                byte[] sibling = Arrays.copyOfRange(path, read, read + Limits.DIGEST_BYTES);
                read += Limits.DIGEST_BYTES;
                digest = (place >> level & 1) == 1
                        ? MerkleTree.node(hash, sibling, digest)
                        : MerkleTree.node(hash, digest, sibling);
            }
        }
        if (!Arrays.equals(levels.get(level)[place >> level], digest) || !isRestOfPath(path, read, place, level)) {
            return false;
        }
        learn(way, path, place, level);
        return true;
    }

    private boolean hasSibling(int level, int place) {
        return (place >> level ^ 1) < levels.get(level).length;
    }

    /** What leads on from a digest that is known is known itself; the path must say the same. */
    private boolean isRestOfPath(byte[] path, int from, int place, int fromLevel) {
        int read = from;
        for (int level = fromLevel; level < levels.size() - 1; level++) {
            if (hasSibling(level, place)) {
                byte[] sibling = levels.get(level)[place >> level ^ 1];
                int end = read + Limits.DIGEST_BYTES;
                if (end > path.length || !Arrays.equals(path, read, end, sibling, 0, Limits.DIGEST_BYTES)) {
                    return false;
                }
                read = end;
            }
        }
        return read == path.length;
    }

    private void learn(byte[][] way, byte[] path, int place, int known) {
        int read = 0;
        for (int level = 0; level < known; level++) {
            levels.get(level)[place >> level] = way[level];
            if (hasSibling(level, place)) {
                levels.get(level)[place >> level ^ 1] = Arrays.copyOfRange(path, read, read + Limits.DIGEST_BYTES);
                read += Limits.DIGEST_BYTES;
            }
        }
    }
}
