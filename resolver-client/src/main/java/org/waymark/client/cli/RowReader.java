package org.waymark.client.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Splits a text in UTF-8 into rows: lines, and in CSV (RFC 4180) also lines that a quotation joins. Empty lines are left out, a
 * byte order mark too. Holds one row at a time.
 */
final class RowReader implements Closeable {

    /** A row must not be longer than this, in bytes. */
    static final int ROW_BYTES = 1 << 20;

    private static final int[] BYTE_ORDER_MARK = {0xEF, 0xBB, 0xBF};
    private static final int END = -1;

    /**
     * A row as it is in the file, without its line end.
     *
     * @param line where it starts, from 1
     * @param problem why it can't be used, or null
     */
    record RawRow(long line, String text, String problem) {}

    private final InputStream in;
    private final boolean isCsv;
    private final byte[] buffer = new byte[1 << 16];
    private byte[] row = new byte[1 << 10];
    private int rowLength;
    private int position;
    private int limit;
    private long line = 1;

    RowReader(InputStream in, boolean isCsv) throws IOException {
        this.in = in;
        this.isCsv = isCsv;
        fill();
        while (limit < BYTE_ORDER_MARK.length && readMore()) {
            // A stream may give single bytes.
        }
        if (limit >= BYTE_ORDER_MARK.length
                && (buffer[0] & 0xFF) == BYTE_ORDER_MARK[0]
                && (buffer[1] & 0xFF) == BYTE_ORDER_MARK[1]
                && (buffer[2] & 0xFF) == BYTE_ORDER_MARK[2]) {
            position = BYTE_ORDER_MARK.length;
        }
    }

    private boolean readMore() throws IOException {
        int read = in.read(buffer, limit, buffer.length - limit);
        limit += Math.max(read, 0);
        return read > 0;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = 0;
        return readMore();
    }

    private int peek() throws IOException {
        return position < limit || fill() ? buffer[position] & 0xFF : END;
    }

    /**
     * The next row, or null at the end.
     *
     * @throws IOException if the file can't be read, or a quotation does not end, so that rows can't be told apart any more
     */
    RawRow next() throws IOException {
        while (peek() != END) {
            RawRow next = row();
            if (next.problem() != null || !next.text().isBlank()) {
                return next;
            }
        }
        return null;
    }

    private RawRow row() throws IOException {
        int end = plainEnd();
        return end < 0 ? rowByBytes() : plainRow(end);
    }

    /**
     * Where the line ends that begins at the position; -1 where the buffer does not hold all of it, or a quotation in it holds more
     * than text.
     */
    private int plainEnd() {
        boolean isFieldStart = isCsv;
        for (int i = position; i < limit; i++) {
            byte next = buffer[i];
            if (next == '\n' || next == '\r') {
                return i;
            }
            if (next == '"' && isFieldStart) {
                i = quotationEnd(i + 1);
                if (i < 0) {
                    return -1;
                }
            }
            isFieldStart = next == ',' && isCsv;
        }
        return -1;
    }

    /** The last place of a quotation of plain text that ends its field, or -1. */
    private int quotationEnd(int from) {
        for (int i = from; i < limit - 1; i++) {
            byte next = buffer[i];
            if (next == '"') {
                byte after = buffer[i + 1];
                return after == ',' || after == '\n' || after == '\r' ? i : -1;
            }
            if (next == '\n' || next == '\r') {
                return -1;
            }
        }
        return -1;
    }

    private RawRow plainRow(int end) throws IOException {
        RawRow plain = decoded(line, buffer, position, end - position);
        int lineEnd = buffer[end];
        position = end;
        endLine(lineEnd);
        return plain;
    }

    private RawRow rowByBytes() throws IOException {
        long start = line;
        boolean isQuoted = false;
        boolean isFieldStart = true;
        boolean isTooLong = false;
        rowLength = 0;
        while (true) {
            int next = peek();
            if (next == END && isQuoted) {
                throw unendedQuotation(start);
            }
            if (next == END || !isQuoted && (next == '\n' || next == '\r')) {
                endLine(next);
                break;
            }
            position++;
            if (isCsv && next == '"' && (isFieldStart || isQuoted)) {
                // Two in a row stand for one: they end the quotation and begin it again.
                isQuoted = !isQuoted;
                isFieldStart = !isQuoted;
            } else {
                isFieldStart = isCsv && !isQuoted && next == ',';
            }
            if (next == '\n' || next == '\r' && peek() != '\n') {
                line++;
            }
            if (rowLength < ROW_BYTES) {
                append((byte) next);
            } else if (isQuoted) {
                throw unendedQuotation(start);
            } else {
                isTooLong = true;
            }
        }
        return row(start, isTooLong);
    }

    private void append(byte next) {
        if (rowLength == row.length) {
            row = Arrays.copyOf(row, 2 * rowLength);
        }
        row[rowLength++] = next;
    }

    private static IOException unendedQuotation(long line) {
        return new IOException("line " + line + " is not CSV: a quotation begins that does not end within the file or "
                + ROW_BYTES + " bytes");
    }

    private void endLine(int end) throws IOException {
        if (end != END) {
            position++;
            line++;
            if (end == '\r' && peek() == '\n') {
                position++;
            }
        }
    }

    private RawRow row(long start, boolean isTooLong) {
        if (isTooLong) {
            String begin = new String(row, 0, rowLength, StandardCharsets.UTF_8);
            return new RawRow(start, begin, "is longer than " + ROW_BYTES + " bytes; only its begin is kept");
        }
        return decoded(start, row, 0, rowLength);
    }

    private static RawRow decoded(long start, byte[] bytes, int offset, int length) {
        String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
        // What can't be decoded becomes this character, which may be in the file as well.
        boolean isDecoded = text.indexOf('\uFFFD') < 0 || isUtf8(ByteBuffer.wrap(bytes, offset, length));
        return new RawRow(start, text, isDecoded ? null : "is not UTF-8");
    }

    private static boolean isUtf8(ByteBuffer bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(bytes);
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
