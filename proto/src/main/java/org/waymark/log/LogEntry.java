package org.waymark.log;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.waymark.identifier.Scheme;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * One commit, as it is a leaf of the log. The leaf's place is the sequence number less one. Integers are big-endian:
 *
 * <pre>
 * offset  size
 * 0       1     the entry's format: 1
 * 1       8     sequence number of the commit, 1 or more
 * 9       8     when it was committed, in UTC epoch milliseconds by the node's clock
 * 17      8     version of the record, 1 or more
 * 25      33    digest of that version, as in Header.previous: 1 SHA-256 or 2 SM3, then the header's leaf digest
 * 58      1     kind: 1 item, 2 prefix record
 * 59      1     scheme, a number of IdentifierScheme
 * 60            canonical text of the identifier, UTF-8, 1 to 2,048 bytes
 * </pre>
 *
 * <p>The digest is that of the signed header, which commits to the values; so whoever may read only some of them can check it too. That a
 * version revokes the record is in its header.
 *
 * @param committedAt UTC epoch milliseconds
 */
public record LogEntry(long sequence, long committedAt, long version, RecordDigest digest, RecordKey key) {

    /** The first byte of an entry. */
    public static final byte FORMAT = 1;

    /** Where the record's key begins: kind, scheme and text. */
    public static final int KEY_AT = 1 + 3 * Long.BYTES + RecordDigest.BYTES;

    private static final int TEXT_AT = KEY_AT + 2;

    public LogEntry {
        if (sequence < 1 || committedAt < 0 || version < 1) {
            throw new LogFormatException("an entry has the sequence number " + sequence + ", the time " + committedAt
                    + " and the version " + version + "; number and version are 1 or more, the time is 0 or more");
        }
    }

    /**
     * Reads an entry.
     *
     * @throws LogFormatException if it is none, in the one form that it has
     */
    public static LogEntry decode(byte[] encoded) {
        if (encoded.length <= TEXT_AT || encoded[0] != FORMAT) {
            throw new LogFormatException("an entry of " + encoded.length + " bytes"
                    + (encoded.length == 0 ? "" : " that starts with " + encoded[0]) + "; it has more than " + TEXT_AT
                    + ", and starts with " + FORMAT);
        }
        ByteBuffer in = ByteBuffer.wrap(encoded, 1, encoded.length - 1);
        long sequence = in.getLong();
        long committedAt = in.getLong();
        long version = in.getLong();
        try {
            RecordDigest digest = new RecordDigest(ByteString.copyFrom(encoded, in.position(), RecordDigest.BYTES));
            RecordKind kind = RecordKind.forNumber(encoded[KEY_AT]);
            Scheme scheme = Scheme.ofCode(encoded[KEY_AT + 1]);
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(encoded, TEXT_AT, encoded.length - TEXT_AT))
                    .toString();
            return new LogEntry(sequence, committedAt, version, digest, RecordKey.of(kind, scheme, text));
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw new LogFormatException("the entry with the sequence number " + sequence + ": " + e.getMessage());
        }
    }

    /** The entry's bytes. */
    public byte[] encoded() {
        byte[] text = key.identifier().getBytes(StandardCharsets.UTF_8);
        byte[] encoded = new byte[TEXT_AT + text.length];
        encoded[KEY_AT] = (byte) key.kind().getNumber();
        encoded[KEY_AT + 1] = (byte) key.scheme().code();
        System.arraycopy(text, 0, encoded, TEXT_AT, text.length);
        ByteBuffer out = ByteBuffer.wrap(encoded);
        out.put(FORMAT).putLong(sequence).putLong(committedAt).putLong(version);
        digest.bytes().copyTo(encoded, out.position());
        return encoded;
    }

    /** Its place in the tree, from 0. */
    public long leaf() {
        return sequence - 1;
    }
}
