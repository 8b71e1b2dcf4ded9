package org.waymark.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.waymark.Limits;

/** Reads an export in the binary form; see {@link BinaryExportWriter}. Not safe for use by many threads. */
public final class BinaryExportReader implements ExportReader {

    /** Ample for a record and what is around it. */
    private static final int BUFFER_BYTES = 1 << 18;

    private final String name;
    private final InputStream in;
    private final MessageDigest digest = BinaryExportWriter.sha256();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int limit;
    /** Where the buffer starts in the file. */
    private long base;

    private long count;
    private long position;
    private boolean ended;

    /**
     * Reads the head.
     *
     * @param name how errors name the file
     * @param in uncompressed; it is closed with this reader
     * @throws ExportFormatException if it does not start an export of a version that this reader knows
     */
    public BinaryExportReader(String name, InputStream in) throws IOException {
        this.name = name;
        this.in = in;
        byte[] head = take(BinaryExportWriter.MAGIC.length + Integer.BYTES);
        if (!startsWithMagic(head)) {
            throw new ExportFormatException(name + " is no binary export: it does not start with WAYMARK and a zero");
        }
        int version = ByteBuffer.wrap(head).getInt(BinaryExportWriter.MAGIC.length);
        if (version != BinaryExportWriter.VERSION) {
            throw new ExportFormatException(name + " has version " + version
                    + " of the binary form; this software reads " + BinaryExportWriter.VERSION);
        }
    }

    /** True where these are the first bytes of a binary export. */
    public static boolean startsWithMagic(byte[] head) {
        return head.length >= BinaryExportWriter.MAGIC.length
                && Arrays.equals(
                        head,
                        0,
                        BinaryExportWriter.MAGIC.length,
                        BinaryExportWriter.MAGIC,
                        0,
                        BinaryExportWriter.MAGIC.length);
    }

    @Override
    public byte[] next() throws IOException {
        if (ended) {
            return null;
        }
        position = base + at;
        int length = length();
        if (length == 0) {
            end();
            return null;
        }
        count++;
        return take(length);
    }

    private int length() throws IOException {
        int length = 0;
        for (int shift = 0; shift < 21; shift += 7) {
            require(1);
            int next = buffer[at++];
            length |= (next & 0x7F) << shift;
            if (next >= 0) {
                if (length > Limits.PARTIAL_RECORD_BYTES) {
                    break;
                }
                return length;
            }
        }
        throw new ExportFormatException(describe(position) + ": no length of a record, which has at most "
                + Limits.PARTIAL_RECORD_BYTES + " bytes");
    }

    private void end() throws IOException {
        long stated = ByteBuffer.wrap(take(Long.BYTES)).getLong();
        digest.update(buffer, 0, at);
        byte[] found = digest.digest();
        System.arraycopy(buffer, at, buffer, 0, limit - at);
        base += at;
        limit -= at;
        at = 0;
        byte[] expected = take(Limits.DIGEST_BYTES);
        if (stated != count) {
            throw new ExportFormatException(
                    name + " says that it has " + stated + " records, but has " + count + "; it was changed");
        }
        if (!Arrays.equals(found, expected)) {
            throw new ExportFormatException(name + " does not have the digest that it names; it was changed");
        }
        if (at < limit || in.read() >= 0) {
            throw new ExportFormatException(describe(base + at) + ": something follows the end of the export");
        }
        ended = true;
    }

    private byte[] take(int length) throws IOException {
        require(length);
        byte[] bytes = Arrays.copyOfRange(buffer, at, at + length);
        at += length;
        return bytes;
    }

    /** Has so many bytes in the buffer. */
    private void require(int bytes) throws IOException {
        if (limit - at >= bytes) {
            return;
        }
        digest.update(buffer, 0, at);
        System.arraycopy(buffer, at, buffer, 0, limit - at);
        base += at;
        limit -= at;
        at = 0;
        while (limit < bytes) {
            int read = in.read(buffer, limit, buffer.length - limit);
            if (read < 0) {
                throw new ExportFormatException(
                        describe(base + limit) + ": the file ends within the export; it was cut off");
            }
            limit += read;
        }
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public String describe(long where) {
        return name + ", offset " + where;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
