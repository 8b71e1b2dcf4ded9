package org.waymark.record;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.waymark.Limits;

/**
 * A Merkle tree as in RFC 9162, section 2.1, over leaves that are hashed already. Immutable.
 *
 * <p>A leaf is {@code H(0x00 || tag || data)}, an inner node {@code H(0x01 || left || right)}; the left subtree holds the
 * largest power of two of leaves that is smaller than their number. The tree without leaves has the root {@code H()}.
 */
public final class MerkleTree {

    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};

    private final HashFunction hash;
    /** From the leaves up; a node without a sibling moves up a level unchanged, which gives the shape of the RFC. */
    private final List<byte[][]> levels = new ArrayList<>();

    /** A tree over these leaf digests, in this order. */
    public MerkleTree(HashFunction hash, List<byte[]> leaves) {
        this.hash = hash;
        byte[][] level = leaves.toArray(byte[][]::new);
        levels.add(level);
        while (level.length > 1) {
            byte[][] above = new byte[(level.length + 1) / 2][];
            for (int i = 0; i < above.length; i++) {
                above[i] = 2 * i + 1 < level.length ? node(hash, level[2 * i], level[2 * i + 1]) : level[2 * i];
            }
            levels.add(above);
            level = above;
        }
    }

    /** The digest of a leaf whose data has this tag; the tag keeps leaves of different purposes apart. */
    public static byte[] leaf(HashFunction hash, byte[] tag, byte[] data) {
        return hash.digest(LEAF, tag, data);
    }

    /** What a leaf with this tag is hashed with in front of its data. */
    static byte[] leafStart(String tag) {
        byte[] ascii = tag.getBytes(StandardCharsets.US_ASCII);
        byte[] start = new byte[LEAF.length + ascii.length];
        System.arraycopy(LEAF, 0, start, 0, LEAF.length);
        System.arraycopy(ascii, 0, start, LEAF.length, ascii.length);
        return start;
    }

    /** The digest of a leaf; {@code start} is a {@link #leafStart}. */
    static byte[] leaf(HashFunction hash, byte[] start, ByteString data) {
        return hash.digest(start, data);
    }

    static byte[] node(HashFunction hash, byte[] left, byte[] right) {
        return hash.digest(NODE, left, right);
    }

    /** How many leaves there are. */
    public int size() {
        return levels.get(0).length;
    }

    /** The root, 32 bytes. */
    public byte[] root() {
        byte[][] top = levels.get(levels.size() - 1);
        return top.length == 0 ? hash.digest() : top[0].clone();
    }

    /** The siblings from this leaf up to the root, concatenated (RFC 9162, section 2.1.3.1). */
    public byte[] path(int leaf) {
        if (leaf < 0 || leaf >= size()) {
            throw new IndexOutOfBoundsException("leaf " + leaf + " of a tree of " + size());
        }
        byte[] path = new byte[Limits.DIGEST_BYTES * (levels.size() - 1)];
        int length = 0;
        int index = leaf;
        for (byte[][] level : levels) {
            int sibling = index ^ 1;
            if (sibling < level.length) {
                System.arraycopy(level[sibling], 0, path, length, Limits.DIGEST_BYTES);
                length += Limits.DIGEST_BYTES;
            }
            index >>= 1;
        }
        return Arrays.copyOf(path, length);
    }

    /**
     * The root that a leaf digest and its path lead to (RFC 9162, section 2.1.3.2).
     *
     * @throws InvalidRecordException if the leaf is not in the tree, or the path has not the length that its place needs
     */
    public static byte[] rootOf(HashFunction hash, byte[] leafDigest, long leaf, long size, byte[] path) {
        if (leaf < 0 || leaf >= size) {
            throw new InvalidRecordException("proof.leaf", "must be below the tree's size");
        }
        if (path.length % Limits.DIGEST_BYTES != 0) {
            throw pathLength(leaf, size);
        }
        long place = leaf;
        long last = size - 1;
        byte[] root = leafDigest;
        for (int i = 0; i < path.length; i += Limits.DIGEST_BYTES) {
            if (last == 0) {
                throw pathLength(leaf, size);
            }
            byte[] sibling = Arrays.copyOfRange(path, i, i + Limits.DIGEST_BYTES);
            if ((place & 1) == 1 || place == last) {
                root = node(hash, sibling, root);
                while ((place & 1) == 0 && place != 0) {
                    place >>= 1;
                    last >>= 1;
                }
            } else {
                root = node(hash, root, sibling);
            }
            place >>= 1;
            last >>= 1;
        }
        if (last != 0) {
            throw pathLength(leaf, size);
        }
        return root;
    }

    private static InvalidRecordException pathLength(long leaf, long size) {
        return new InvalidRecordException(
                "proof.path", "has not the length that leaf " + leaf + " of a tree of " + size + " needs");
    }
}
