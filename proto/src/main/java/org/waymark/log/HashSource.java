package org.waymark.log;

/** Where the hashes of a tree's tiles come from. */
@FunctionalInterface
public interface HashSource {

    /**
     * Hashes of one level: at level 0 those of the leaves, at level l the roots of 256^l leaves each.
     *
     * @param level 0 to {@value Tile#MAX_LEVEL}
     * @param from the first one's place in its level
     * @param count 1 to 256, all within one tile
     * @return as many, each of 32 bytes
     * @throws LogFormatException if what was read is not these hashes
     */
    byte[][] hashes(int level, long from, int count);
}
