package org.waymark.lifecycle;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;

/** The number of a case: the digest of what opened it. Immutable. */
public record CaseNumber(RecordDigest digest) {

    private static final int TEXT_CHARS = 2 * RecordDigest.BYTES;

    /**
     * @throws InvalidRecordException if these are not the bytes of a digest
     */
    public static CaseNumber of(ByteString bytes) {
        try {
            return new CaseNumber(new RecordDigest(bytes));
        } catch (InvalidRecordException e) {
            throw new InvalidRecordException("number", e.rule());
        }
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws InvalidRecordException if it is no number of a case
     */
    public static CaseNumber parse(String text) {
        if (!isNumber(text)) {
            throw new InvalidRecordException(
                    "number", "must be " + TEXT_CHARS + " hexadecimal digits, not \"" + text + "\"");
        }
        return of(ByteString.copyFrom(HexFormat.of().parseHex(text)));
    }

    /** True for texts that look like one: 66 hexadecimal digits. */
    public static boolean isNumber(String text) {
        return text.length() == TEXT_CHARS && text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x7F);
    }

    public ByteString bytes() {
        return digest.bytes();
    }

    /** 66 hexadecimal digits in lower case. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes().toByteArray());
    }
}
