package org.waymark.log;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of the tree that is fetched at once (C2SP tlog-tiles): up to 256 hashes of one level, or the entries of the leaves.
 *
 * @param level 0 to {@value #MAX_LEVEL}; {@link #ENTRIES} for the entries
 * @param index its place in its level
 * @param width hashes or entries in it: 256, or fewer at the right edge of the tree
 */
public record Tile(int level, long index, int width) {

    /** The hashes of a full tile. */
    public static final int WIDTH = 256;

    /** The levels of the tree that one tile stands for. */
    static final int HEIGHT = 8;

    /** The highest level, whose tiles stand for 2^56 leaves. */
    public static final int MAX_LEVEL = 6;

    /** The level that stands for entry bundles. */
    public static final int ENTRIES = -1;

    private static final Pattern PATH =
            Pattern.compile("tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

    public Tile {
        if (level < ENTRIES || level > MAX_LEVEL || index < 0 || width < 1 || width > WIDTH) {
            throw new LogFormatException("there is no tile of level " + level + " at " + index + " with " + width
                    + " hashes; levels are 0 to " + MAX_LEVEL + ", widths 1 to " + WIDTH);
        }
        if (index >= Long.MAX_VALUE >> HEIGHT * (Math.max(0, level) + 1)) {
            throw new LogFormatException("there is no tile " + index + " at level " + level);
        }
    }

    /** The tile of this level and place in a tree of so many leaves; its width is that of the tree's edge. */
    public static Tile in(int level, long index, long size) {
        long hashes = (size >> HEIGHT * Math.max(0, level)) - index * WIDTH;
        if (hashes < 1) {
            throw new LogFormatException("a tree of " + size + " leaves has no tile " + index + " at level " + level);
        }
        return new Tile(level, index, (int) Math.min(WIDTH, hashes));
    }

    /**
     * Reads a path.
     *
     * @throws LogFormatException if it is none of a tile, in the one form that it has
     */
    public static Tile parse(String path) {
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            throw new LogFormatException(
                    "a tile's path is tile/LEVEL/NNN or tile/entries/NNN, such as tile/0/x001/x234/067 or tile/1/000.p/17");
        }
        String level = matcher.group(1);
        String digits = matcher.group(2).replaceAll("[x/]", "");
        int width = matcher.group(3) == null ? WIDTH : Integer.parseInt(matcher.group(3));
        if (matcher.group(3) != null && width >= WIDTH) {
            throw new LogFormatException("a partial tile has 1 to " + (WIDTH - 1) + " hashes, not " + width);
        }
        long index;
        try {
            index = Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new LogFormatException("there is no tile " + digits);
        }
        Tile tile = new Tile(level.equals("entries") ? ENTRIES : Integer.parseInt(level), index, width);
        if (!tile.path().equals(path)) {
            throw new LogFormatException("the tile's path is " + tile.path() + ", without zeros in front");
        }
        return tile;
    }

    /** The first hash's, or entry's, place in its level. */
    public long first() {
        return index * WIDTH;
    }

    /** Leaves that the tree must have for this tile to be there. */
    public long leaves() {
        return first() + width << HEIGHT * Math.max(0, level);
    }

    public boolean isFull() {
        return width == WIDTH;
    }

    /** Below the log's address: {@code tile/0/x001/067.p/3}. */
    public String path() {
        StringBuilder number = new StringBuilder(String.format("%03d", index % 1_000));
        for (long left = index / 1_000; left > 0; left /= 1_000) {
            number.insert(0, String.format("x%03d/", left % 1_000));
        }
        return "tile/" + (level == ENTRIES ? "entries" : level) + "/" + number + (isFull() ? "" : ".p/" + width);
    }
}
