package org.waymark.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.waymark.Limits;

/**
 * A Merkle tree of which only some leaves are known, with the digests of the largest subtrees without any known leaf, from left
 * to right. Good for one walk: either {@link #root} or {@link #withhold}.
 */
final class PartialTree {

    private final HashFunction hash;
    private final int size;
    private final int[] known;
    private final List<byte[]> leafDigests;
    private final byte[] siblings;
    private int nextLeaf;
    private int offset;

    /**
     * @param size leaves of the whole tree
     * @param known places of the known leaves, ascending and below {@code size}
     * @param leafDigests their digests
     * @param siblings the digests of the other subtrees, concatenated
     */
    PartialTree(HashFunction hash, int size, int[] known, List<byte[]> leafDigests, byte[] siblings) {
        this.hash = hash;
        this.size = size;
        this.known = known;
        this.leafDigests = leafDigests;
        this.siblings = siblings;
    }

    /**
     * The root of the whole tree.
     *
     * @throws InvalidRecordException if there are too few or too many siblings
     */
    byte[] root() {
        return walk(known, new ArrayList<>());
    }

    /**
     * The siblings of the tree in which only these leaves are known.
     *
     * @param kept places, ascending, each one of the known
     * @throws InvalidRecordException if there are too few or too many siblings
     */
    byte[] withhold(int[] kept) {
        List<byte[]> digests = new ArrayList<>();
        walk(kept, digests);
        byte[] result = new byte[digests.size() * Limits.DIGEST_BYTES];
        for (int i = 0; i < digests.size(); i++) {
            System.arraycopy(digests.get(i), 0, result, i * Limits.DIGEST_BYTES, Limits.DIGEST_BYTES);
        }
        return result;
    }

    private byte[] walk(int[] kept, List<byte[]> withheld) {
        if (size == 0) {
            return hash.digest();
        }
        byte[] root = walk(0, size, kept, withheld);
        if (offset != siblings.length) {
            throw new InvalidRecordException("disclosure.siblings", "has more digests than the tree needs");
        }
        return root;
    }

    /** The digest of a subtree; its withheld parts are added to {@code withheld}, unless that is null. */
    private byte[] walk(int from, int to, int[] kept, List<byte[]> withheld) {
        boolean isWithheld = !anyWithin(kept, from, to);
        List<byte[]> below = isWithheld ? null : withheld;
        byte[] digest;
        if (!anyWithin(known, from, to)) {
            digest = nextSibling();
        } else if (to - from == 1) {
            digest = leafDigests.get(nextLeaf++);
        } else {
            int middle = from + Integer.highestOneBit(to - from - 1);
            byte[] left = walk(from, middle, kept, below);
            digest = MerkleTree.node(hash, left, walk(middle, to, kept, below));
        }
        if (isWithheld && withheld != null) {
            withheld.add(digest);
        }
        return digest;
    }

    private byte[] nextSibling() {
        if (offset + Limits.DIGEST_BYTES > siblings.length) {
            throw new InvalidRecordException("disclosure.siblings", "has fewer digests than the tree needs");
        }
        offset += Limits.DIGEST_BYTES;
        return Arrays.copyOfRange(siblings, offset - Limits.DIGEST_BYTES, offset);
    }

    private static boolean anyWithin(int[] ascending, int from, int to) {
        int place = Arrays.binarySearch(ascending, from);
        int insertion = place < 0 ? -place - 1 : place;
        return insertion < ascending.length && ascending[insertion] < to;
    }
}
