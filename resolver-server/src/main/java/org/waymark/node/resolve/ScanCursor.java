package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.waymark.Limits;
import org.waymark.record.RecordKey;

/**
 * The last version that a scan has given out. Encoded: the cursor format's version (1), the part of the scan (1), the version (8), the
 * identifier in UTF-8.
 *
 * @param version {@link #ALL} where the record is done with
 */
record ScanCursor(Part part, String identifier, long version) {

    /** After every version of a record. */
    static final long ALL = Long.MAX_VALUE;

    private static final byte FORMAT = 1;
    private static final int HEAD_BYTES = 2 + Long.BYTES;

    /** The parts of a scan, in the order in which they are walked over. */
    enum Part {
        OWN,
        PREFIXES,
        ITEMS
    }

    static ScanCursor after(Part part, RecordKey key, long version) {
        return new ScanCursor(part, key.identifier(), version);
    }

    ByteString encode() {
        byte[] text = identifier.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = ByteBuffer.allocate(HEAD_BYTES + text.length)
                .put(FORMAT)
                .put((byte) part.ordinal())
                .putLong(version)
                .put(text)
                .array();
        return ByteString.copyFrom(bytes);
    }

    /**
     * @throws InvalidCursorException if it is none
     */
    static ScanCursor decode(ByteString encoded) {
        if (encoded.size() <= HEAD_BYTES || encoded.size() > HEAD_BYTES + Limits.IDENTIFIER_BYTES) {
            throw invalid();
        }
        ByteBuffer in = encoded.asReadOnlyByteBuffer();
        byte format = in.get();
        int part = in.get();
        long version = in.getLong();
        if (format != FORMAT || part < 0 || part >= Part.values().length || version < 1) {
            throw invalid();
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(in).toString();
            return new ScanCursor(Part.values()[part], text, version);
        } catch (CharacterCodingException e) {
            throw invalid();
        }
    }

    private static InvalidCursorException invalid() {
        return new InvalidCursorException("cursor is not one that a ScanResponse gave");
    }
}
