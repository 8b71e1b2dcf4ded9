package org.waymark.client.log;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.waymark.log.EntryBundle;
import org.waymark.log.HashSource;
import org.waymark.log.LogFormatException;
import org.waymark.log.LogHash;
import org.waymark.log.Tile;

/** The tiles of a tree of one size, fetched as they are needed; the last ones are kept. Not safe for use by many threads. */
final class LogTiles implements HashSource {

    private static final int KEPT = 256;

    private final LogSource source;
    private final long size;
    private final Map<Tile, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Tile, byte[]> eldest) {
            return size() > KEPT;
        }
    };

    LogTiles(LogSource source, long size) {
        this.source = source;
        this.size = size;
    }

    @Override
    public byte[][] hashes(int level, long from, int count) {
        Tile tile = Tile.in(level, from / Tile.WIDTH, size);
        byte[] hashes = kept.computeIfAbsent(tile, this::fetch);
        int first = (int) (from % Tile.WIDTH);
        if (hashes.length != tile.width() * LogHash.BYTES || first + count > tile.width()) {
            throw new LogFormatException(
                    tile.path() + " has " + hashes.length + " bytes, not " + tile.width() * LogHash.BYTES);
        }
        byte[][] wanted = new byte[count][];
        for (int i = 0; i < count; i++) {
            int at = (first + i) * LogHash.BYTES;
            wanted[i] = Arrays.copyOfRange(hashes, at, at + LogHash.BYTES);
        }
        return wanted;
    }

    /** The entries from this one to the end of its bundle. */
    List<byte[]> entries(long from) {
        Tile bundle = Tile.in(Tile.ENTRIES, from / Tile.WIDTH, size);
        List<byte[]> entries = EntryBundle.decode(fetch(bundle), bundle.width());
        return entries.subList((int) (from % Tile.WIDTH), entries.size());
    }

    private byte[] fetch(Tile tile) {
        return source.fetch(tile.path())
                .orElseThrow(() -> new LogFormatException(tile.path() + " is missing, though a checkpoint covers it"));
    }
}
