package org.waymark.log;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Entries as they are served: each with its length in front, two bytes, big-endian (C2SP tlog-tiles). */
public final class EntryBundle {

    private static final int LENGTH_BYTES = Short.BYTES;
    private static final int MAX_ENTRY_BYTES = 0xFFFF;

    private EntryBundle() {}

    /** @param entries 1 to 256 */
    public static byte[] encode(List<byte[]> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            if (entry.length > MAX_ENTRY_BYTES) {
                throw new LogFormatException("an entry has at most " + MAX_ENTRY_BYTES + " bytes, not " + entry.length);
            }
            out.write(entry.length >> Byte.SIZE);
            out.write(entry.length);
            out.writeBytes(entry);
        }
        return out.toByteArray();
    }

    /**
     * Reads entries.
     *
     * @param count how many there must be
     * @throws LogFormatException if there are not, or something follows them
     */
    public static List<byte[]> decode(byte[] bundle, int count) {
        List<byte[]> entries = new ArrayList<>(count);
        int at = 0;
        while (entries.size() < count) {
            int from = at + LENGTH_BYTES;
            int length = from > bundle.length ? 0 : (bundle[at] & 0xFF) << Byte.SIZE | bundle[at + 1] & 0xFF;
            at = from + length;
            if (at > bundle.length) {
                throw new LogFormatException("the bundle ends within entry " + entries.size() + " of " + count);
            }
            entries.add(Arrays.copyOfRange(bundle, from, at));
        }
        if (at != bundle.length) {
            throw new LogFormatException(
                    "the bundle has " + (bundle.length - at) + " bytes after its " + count + " entries");
        }
        return entries;
    }
}
