package org.waymark.log;

import java.util.ArrayList;
import java.util.List;

/**
 * Roots and proofs of a tree that is read in tiles. What it computes is as true as the tiles are: {@link TreeProof} checks it against a
 * signed root.
 */
public final class TiledTree {

    private final HashSource tiles;
    private final long size;

    /**
     * @param size leaves; the source has the tiles of a tree at least so large
     */
    public TiledTree(HashSource tiles, long size) {
        this.tiles = tiles;
        this.size = size;
    }

    /** The state of the tree. */
    public TreeHead head() {
        return TreeHead.of(size, size == 0 ? LogHash.empty() : root(0, size));
    }

    /**
     * The proof that a leaf is in the tree (RFC 9162, section 2.1.3.1).
     *
     * @param leaf its place, from 0; below the size
     */
    public List<byte[]> inclusion(long leaf) {
        if (leaf < 0 || leaf >= size) {
            throw new LogFormatException("a tree of " + size + " leaves has no leaf " + leaf);
        }
        List<byte[]> proof = new ArrayList<>();
        include(leaf, 0, size, proof);
        return proof;
    }

    private void include(long leaf, long from, long to, List<byte[]> proof) {
        if (to - from == 1) {
            return;
        }
        long middle = from + split(to - from);
        if (leaf < middle) {
            include(leaf, from, middle, proof);
            proof.add(root(middle, to));
        } else {
            include(leaf, middle, to, proof);
            proof.add(root(from, middle));
        }
    }

    /**
     * The proof that this tree continues a smaller one (RFC 9162, section 2.1.4.1).
     *
     * @param smaller the other one's size, 0 to this one's; the proof is empty at both ends
     */
    public List<byte[]> consistency(long smaller) {
        if (smaller < 0 || smaller > size) {
            throw new LogFormatException("a tree of " + size + " leaves does not continue one of " + smaller);
        }
        List<byte[]> proof = new ArrayList<>();
        if (smaller > 0 && smaller < size) {
            continueFrom(smaller, 0, size, true, proof);
        }
        return proof;
    }

    /** @param isKnown whether the reader has the root of what is between {@code from} and {@code smaller} */
    private void continueFrom(long smaller, long from, long to, boolean isKnown, List<byte[]> proof) {
        if (smaller == to) {
            if (!isKnown) {
                proof.add(root(from, to));
            }
            return;
        }
        long middle = from + split(to - from);
        if (smaller <= middle) {
            continueFrom(smaller, from, middle, isKnown, proof);
            proof.add(root(middle, to));
        } else {
            continueFrom(smaller, middle, to, false, proof);
            proof.add(root(from, middle));
        }
    }

    /** The largest power of two below a number of leaves. */
    private static long split(long leaves) {
        return Long.highestOneBit(leaves - 1);
    }

    /** The root over the leaves from one to another, as they lie in the tree. */
    private byte[] root(long from, long to) {
        long leaves = to - from;
        if (Long.bitCount(leaves) == 1) {
            int height = Long.numberOfTrailingZeros(leaves);
            return full(tiles, height, from >> height);
        }
        long middle = from + split(leaves);
        return LogHash.node(root(from, middle), root(middle, to));
    }

    /** The root of 2^height leaves, the one at this place among those of its height. */
    static byte[] full(HashSource tiles, int height, long index) {
        int within = height % Tile.HEIGHT;
        byte[][] hashes = tiles.hashes(height / Tile.HEIGHT, index << within, 1 << within);
        for (int count = hashes.length; count > 1; count /= 2) {
            for (int i = 0; i < count / 2; i++) {
                hashes[i] = LogHash.node(hashes[2 * i], hashes[2 * i + 1]);
            }
        }
        return hashes[0];
    }
}
