package org.waymark.log;

/**
 * The right edge of a tree: the roots of the full subtrees that its leaves fall into, one for each bit of their number. That is all
 * that is needed to append. Not safe for use by many threads.
 */
public final class Frontier {

    private static final int MAX_HEIGHT = 63;

    /** Told of each hash that belongs into a tile above level 0. */
    @FunctionalInterface
    public interface Completed {

        /**
         * @param level of the tiles that it belongs to, 1 or more
         * @param index its place in that level
         */
        void subtree(int level, long index, byte[] hash);
    }

    /** At i: the root of a full subtree of 2^i leaves, where the size has that bit. */
    private final byte[][] roots;

    private long size;

    private Frontier(byte[][] roots, long size) {
        this.roots = roots;
        this.size = size;
    }

    /** That of the tree without leaves. */
    public static Frontier empty() {
        return new Frontier(new byte[MAX_HEIGHT][], 0);
    }

    /** That of a tree of this size, read from its tiles: at most 255 hashes a level. */
    public static Frontier of(long size, HashSource tiles) {
        byte[][] roots = new byte[MAX_HEIGHT][];
        for (int height = 0; height < MAX_HEIGHT; height++) {
            if ((size >> height & 1) == 1) {
                roots[height] = TiledTree.full(tiles, height, (size >> height) - 1);
            }
        }
        return new Frontier(roots, size);
    }

    /** One to append to that leaves this one as it is. */
    public Frontier copy() {
        return new Frontier(roots.clone(), size);
    }

    public long size() {
        return size;
    }

    /** Appends a leaf by its hash. */
    public void append(byte[] leafHash, Completed completed) {
        byte[] hash = leafHash;
        int height = 0;
        for (; (size >> height & 1) == 1; height++) {
            hash = LogHash.node(roots[height], hash);
            roots[height] = null;
            if ((height + 1) % Tile.HEIGHT == 0) {
                completed.subtree((height + 1) / Tile.HEIGHT, size >> height + 1, hash);
            }
        }
        roots[height] = hash;
        size++;
    }

    /** The state of the tree. */
    public TreeHead head() {
        byte[] root = null;
        for (byte[] subtree : roots) {
            if (subtree != null) {
                root = root == null ? subtree : LogHash.node(subtree, root);
            }
        }
        return TreeHead.of(size, root == null ? LogHash.empty() : root);
    }
}
