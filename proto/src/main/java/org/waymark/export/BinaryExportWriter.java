package org.waymark.export;

import com.google.protobuf.ByteString;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.waymark.Limits;

/**
 * Writes an export in the binary form. Not safe for use by many threads.
 *
 * <pre>
 * magic      "WAYMARK" 00                             8 bytes
 * version    00 00 00 01                              4 bytes
 * a record   length (varint, 1 or more), SignedRecord; any number of them, prefix records before what hangs on them
 * end        00                                       1 byte
 * count      number of records, big-endian            8 bytes
 * digest     SHA-256 of everything before it          32 bytes
 * </pre>
 *
 * <p>So a file that ends early is known by the missing end, and a record that went missing by count and digest. That the records are
 * what was signed is what their own proofs say.
 */
public final class BinaryExportWriter implements Closeable {

    static final byte[] MAGIC = "WAYMARK\0".getBytes(StandardCharsets.US_ASCII);
    static final int VERSION = 1;

    private static final int BUFFER_BYTES = 1 << 16;

    private final OutputStream out;
    private final MessageDigest digest = sha256();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private long count;

    /** Writes the head. The stream is the caller's to buffer or compress; it is closed with this writer. */
    public BinaryExportWriter(OutputStream out) throws IOException {
        this.out = out;
        buffer.put(MAGIC).putInt(VERSION);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Writes an encoded {@code SignedRecord}.
     *
     * @throws IllegalArgumentException if it has no bytes, or more than {@link Limits#PARTIAL_RECORD_BYTES}
     */
    public void add(ByteString record) throws IOException {
        int length = record.size();
        if (length < 1 || length > Limits.PARTIAL_RECORD_BYTES) {
            throw new IllegalArgumentException(
                    "a record has 1 to " + Limits.PARTIAL_RECORD_BYTES + " bytes, not " + length);
        }
        makeRoom(5);
        for (int rest = length; ; rest >>>= 7) {
            if (rest < 0x80) {
                buffer.put((byte) rest);
                break;
            }
            buffer.put((byte) (rest | 0x80));
        }
        for (int from = 0; from < length; ) {
            makeRoom(1);
            int to = Math.min(length, from + buffer.remaining());
            record.substring(from, to).copyTo(buffer);
            from = to;
        }
        count++;
    }

    /** Writes the end, without which the file is none. */
    public void finish() throws IOException {
        makeRoom(1 + Long.BYTES);
        buffer.put((byte) 0).putLong(count);
        flushBuffer();
        out.write(digest.digest());
        out.flush();
    }

    private void makeRoom(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flushBuffer();
        }
    }

    private void flushBuffer() throws IOException {
        digest.update(buffer.array(), 0, buffer.position());
        out.write(buffer.array(), 0, buffer.position());
        buffer.clear();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
