package org.waymark.node.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.waymark.Limits;
import org.waymark.export.ExportFormatException;
import org.waymark.export.ExportReader;

/**
 * Reads an export in JSON Lines: a head with {@code format}, a line a version of which {@code record} counts, and an {@code end} with the
 * number of records and the digest of the lines before it. Not safe for use by many threads.
 */
final class JsonLinesReader implements ExportReader {

    private static final String FORMAT = "waymark-export/1";
    /** Ample for a record in Base64 and once more in words. */
    private static final int LINE_BYTES = 1 << 20;

    private static final JsonFactory JSON = new JsonFactory();

    private final String name;
    private final InputStream in;
    private final MessageDigest digest;
    private byte[] buffer = new byte[1 << 16];
    private int at;
    private int limit;
    private long line;
    private long count;
    private boolean ended;

    /** What a line says, as far as it matters. */
    private record Line(String format, byte[] record, boolean isEnd, long records, String sha256) {}

    /**
     * Reads the head.
     *
     * @param in uncompressed
     * @throws ExportFormatException if it does not start an export that this reader knows
     */
    JsonLinesReader(String name, InputStream in) throws IOException {
        this.name = name;
        this.in = in;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        Line head = readLine(true);
        if (!FORMAT.equals(head.format())) {
            throw new ExportFormatException(
                    name + ", line 1: is no head of an export, {\"format\":\"" + FORMAT + "\", ...}");
        }
    }

    @Override
    public byte[] next() throws IOException {
        if (ended) {
            return null;
        }
        Line next = readLine(false);
        if (!next.isEnd()) {
            if (next.record() == null) {
                throw new ExportFormatException(describe(line) + ": has neither record nor end");
            }
            count++;
            return next.record();
        }
        if (next.records() != count) {
            throw new ExportFormatException(
                    name + " says that it has " + next.records() + " records, but has " + count + "; it was changed");
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(next.sha256())) {
            throw new ExportFormatException(name + " does not have the digest that it names; it was changed");
        }
        if (at < limit || in.read() >= 0) {
            throw new ExportFormatException(describe(line + 1) + ": something follows the end of the export");
        }
        ended = true;
        return null;
    }

    private Line readLine(boolean isHead) throws IOException {
        int end = at;
        while (end == limit || buffer[end] != '\n') {
            if (end < limit) {
                end++;
                continue;
            }
            int length = limit - at;
            if (length >= LINE_BYTES) {
                throw new ExportFormatException(describe(line + 1) + ": is longer than " + LINE_BYTES + " bytes");
            }
            if (at > 0) {
                System.arraycopy(buffer, at, buffer, 0, length);
            } else if (length == buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * length);
            }
            at = 0;
            limit = length;
            end = length;
            int read = in.read(buffer, limit, buffer.length - limit);
            if (read < 0) {
                throw new ExportFormatException(
                        describe(line + 1) + ": the file ends within the export; it was cut off");
            }
            limit += read;
        }
        line++;
        Line parsed = parse(end);
        if (!parsed.isEnd() || isHead) {
            digest.update(buffer, at, end + 1 - at);
        }
        at = end + 1;
        return parsed;
    }

    private Line parse(int end) throws IOException {
        String format = null;
        byte[] record = null;
        boolean isEnd = false;
        long records = -1;
        String sha256 = null;
        try (JsonParser parser = JSON.createParser(buffer, at, end - at)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, "is no JSON object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (field.equals("format")) {
                    format = parser.getText();
                } else if (field.equals("record") && value == JsonToken.VALUE_STRING) {
                    record = decode(parser.getText());
                } else if (field.equals("end") && value == JsonToken.START_OBJECT) {
                    isEnd = true;
                    while (parser.nextToken() == JsonToken.FIELD_NAME) {
                        String detail = parser.currentName();
                        parser.nextToken();
                        if (detail.equals("records")) {
                            records = parser.getValueAsLong(-1);
                        } else if (detail.equals("sha256")) {
                            sha256 = parser.getText();
                        }
                    }
                } else {
                    parser.skipChildren();
                }
            }
        } catch (JsonProcessingException e) {
            throw new ExportFormatException(describe(line) + ": is not JSON: " + e.getOriginalMessage(), e);
        }
        return new Line(format, record, isEnd, records, sha256);
    }

    private byte[] decode(String text) throws ExportFormatException {
        byte[] record;
        try {
            record = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new ExportFormatException(describe(line) + ": record is not Base64: " + e.getMessage(), e);
        }
        require(
                record.length >= 1 && record.length <= Limits.PARTIAL_RECORD_BYTES,
                "record has " + record.length + " bytes; 1 to " + Limits.PARTIAL_RECORD_BYTES + " are allowed");
        return record;
    }

    private void require(boolean holds, String reason) throws ExportFormatException {
        if (!holds) {
            throw new ExportFormatException(describe(line) + ": " + reason);
        }
    }

    @Override
    public long position() {
        return line;
    }

    @Override
    public String describe(long position) {
        return name + ", line " + position;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
