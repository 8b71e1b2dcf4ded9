package org.waymark.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.waymark.Limits;
import org.waymark.identifier.Scheme;
import org.waymark.v1.RecordKind;

/**
 * The unit of storage, caching and look-up: kind, scheme and canonical identifier, in the one encoding that
 * {@code record.proto} allows. Immutable; equal when the encodings are.
 *
 * <p>A key says nothing about whether its text keeps its scheme's grammar: that is {@code Identifier}'s and {@code Prefix}'s
 * part. It does say that the text is within its limit and well-formed UTF-8.
 */
public final class RecordKey {

    private static final int TAG_KIND = 0x08;
    private static final int TAG_SCHEME = 0x10;
    private static final int TAG_IDENTIFIER = 0x1A;
    /** Where the text begins, if its length has one byte. */
    private static final int TEXT_AT = 6;

    private static final int SCHEMES = Scheme.values().length;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** The longest encoded key: two small fields and a text of the largest size. */
    public static final int MAX_ENCODED_BYTES = 2 + 2 + 1 + 2 + Limits.IDENTIFIER_BYTES;

    private final RecordKind kind;
    private final Scheme scheme;
    private final String identifier;
    private final byte[] encoded;
    private final int hash;

    private RecordKey(RecordKind kind, Scheme scheme, String identifier, byte[] encoded) {
        this.kind = kind;
        this.scheme = scheme;
        this.identifier = identifier;
        this.encoded = encoded;
        this.hash = Arrays.hashCode(encoded);
    }

    /**
     * A key of these three parts.
     *
     * @throws InvalidRecordException if the text is empty, too long or not encodable as UTF-8
     */
    public static RecordKey of(RecordKind kind, Scheme scheme, String identifier) {
        if (kind != RecordKind.ITEM && kind != RecordKind.PREFIX) {
            throw new InvalidRecordException("key.kind", "must be ITEM or PREFIX");
        }
        byte[] text = identifier.getBytes(StandardCharsets.UTF_8);
        requireLength(text.length);
        if (!isAscii(identifier) && !new String(text, StandardCharsets.UTF_8).equals(identifier)) {
            throw new InvalidRecordException("key.identifier", "must be well-formed Unicode, without lone surrogates");
        }
        int size = 5 + CodedOutputStream.computeUInt32SizeNoTag(text.length) + text.length;
        byte[] encoded = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(encoded);
        try {
            out.writeRawByte((byte) TAG_KIND);
            out.writeUInt32NoTag(kind.getNumber());
            out.writeRawByte((byte) TAG_SCHEME);
            out.writeUInt32NoTag(scheme.code());
            out.writeRawByte((byte) TAG_IDENTIFIER);
            out.writeByteArrayNoTag(text);
        } catch (IOException e) {
            throw new AssertionError("the size was computed", e);
        }
        return new RecordKey(kind, scheme, identifier, encoded);
    }

    /**
     * True where these bytes are surely an encoded key: one whose text is ASCII. Of others only {@link #decode} can tell. Makes no
     * objects.
     *
     * @param offset where the key begins
     * @param length its bytes, any number
     */
    public static boolean isPlain(byte[] bytes, int offset, int length) {
        int text = offset + TEXT_AT;
        int end = offset + length;
        if (length <= TEXT_AT
                || length > MAX_ENCODED_BYTES
                || bytes[offset] != TAG_KIND
                || !isBetween(1, bytes[offset + 1], RecordKind.PREFIX_VALUE)
                || bytes[offset + 2] != TAG_SCHEME
                || !isBetween(1, bytes[offset + 3], SCHEMES)
                || bytes[offset + 4] != TAG_IDENTIFIER) {
            return false;
        }
        int textBytes = bytes[text - 1];
        if (textBytes < 0) {
            // A second byte of 0 would be a longer encoding than needed.
            int high = bytes[text++];
            if (high <= 0) {
                return false;
            }
            textBytes = textBytes & 0x7F | high << 7;
        }
        return textBytes > 0 && textBytes == end - text && isAscii(bytes, text, end);
    }

    private static boolean isBetween(int least, int number, int most) {
        return number >= least && number <= most;
    }

    private static boolean isAscii(byte[] bytes, int from, int to) {
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            if (((long) LONGS.get(bytes, at) & 0x8080_8080_8080_8080L) != 0) {
                return false;
            }
        }
        for (; at < to; at++) {
            if (bytes[at] < 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads an encoded key among other bytes and keeps a copy of its own.
     *
     * @throws InvalidRecordException if the bytes are not a key in its one encoding
     */
    public static RecordKey decode(byte[] bytes, int offset, int length) {
        if (length > MAX_ENCODED_BYTES) {
            throw new InvalidRecordException(
                    "key", "has " + length + " bytes; at most " + MAX_ENCODED_BYTES + " are allowed");
        }
        byte[] encoded = Arrays.copyOfRange(bytes, offset, offset + length);
        if (!isPlain(encoded, 0, length)) {
            return decodeAny(encoded);
        }
        int text = encoded[TEXT_AT - 1] < 0 ? TEXT_AT + 1 : TEXT_AT;
        return new RecordKey(
                RecordKind.forNumber(encoded[1]),
                Scheme.ofCode(encoded[3]),
                new String(encoded, text, length - text, StandardCharsets.ISO_8859_1),
                encoded);
    }

    /**
     * Reads an encoded key and keeps a copy of its bytes.
     *
     * @throws InvalidRecordException if the bytes are not a key in its one encoding
     */
    public static RecordKey decode(byte[] encoded) {
        return decode(encoded, 0, encoded.length);
    }

    private static RecordKey decodeAny(byte[] encoded) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(encoded);
            RecordKind kind = expect(in, TAG_KIND) ? RecordKind.forNumber(in.readRawVarint32()) : null;
            int scheme = expect(in, TAG_SCHEME) ? in.readRawVarint32() : 0;
            if (kind == null || scheme < 1 || scheme > SCHEMES || !expect(in, TAG_IDENTIFIER)) {
                throw notCanonical();
            }
            byte[] text = in.readByteArray();
            requireLength(text.length);
            String identifier = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString();
            RecordKey key = of(kind, Scheme.ofCode(scheme), identifier);
            if (!Arrays.equals(key.encoded, encoded)) {
                throw notCanonical();
            }
            return key;
        } catch (CharacterCodingException e) {
            throw new InvalidRecordException("key.identifier", "must be well-formed UTF-8");
        } catch (IOException e) {
            throw notCanonical();
        }
    }

    /** Reads an encoded key; see {@link #decode(byte[])}. */
    public static RecordKey decode(ByteString encoded) {
        return decode(encoded.toByteArray());
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static boolean expect(CodedInputStream in, int tag) throws IOException {
        return !in.isAtEnd() && in.readTag() == tag;
    }

    private static void requireLength(int length) {
        if (length < 1 || length > Limits.IDENTIFIER_BYTES) {
            throw new InvalidRecordException(
                    "key.identifier", "has " + length + " bytes; 1 to " + Limits.IDENTIFIER_BYTES + " are allowed");
        }
    }

    private static InvalidRecordException notCanonical() {
        return new InvalidRecordException(
                "key", "must be encoded as kind, scheme, identifier, in this order, each present");
    }

    public RecordKind kind() {
        return kind;
    }

    public Scheme scheme() {
        return scheme;
    }

    /** The canonical text. */
    public String identifier() {
        return identifier;
    }

    /** A copy of the encoding. */
    public byte[] encoded() {
        return encoded.clone();
    }

    /** The encoding as a read-only buffer that shares this key's bytes. */
    public ByteBuffer encodedBuffer() {
        return ByteBuffer.wrap(encoded).asReadOnlyBuffer();
    }

    /** The message, for embedding in others. */
    public org.waymark.v1.RecordKey toProto() {
        return org.waymark.v1.RecordKey.newBuilder()
                .setKind(kind)
                .setSchemeValue(scheme.code())
                .setIdentifier(identifier)
                .build();
    }

    /**
     * The key in a decoded message.
     *
     * @throws InvalidRecordException if a field is missing, unknown or over its limit
     */
    public static RecordKey fromProto(org.waymark.v1.RecordKey message) {
        if (!message.getUnknownFields().isEmpty()) {
            throw new InvalidRecordException("key", "has a field other than kind, scheme and identifier");
        }
        int scheme = message.getSchemeValue();
        if (scheme < 1 || scheme > SCHEMES) {
            throw new InvalidRecordException("key.scheme", "is missing or unknown");
        }
        return of(message.getKind(), Scheme.ofCode(scheme), message.getIdentifier());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordKey key && hash == key.hash && Arrays.equals(encoded, key.encoded);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** For people: {@code prefix vaa:88.118} or {@code 88.118.8/JXDY2106023}. */
    @Override
    public String toString() {
        return kind == RecordKind.PREFIX ? "prefix " + scheme.tag() + ":" + identifier : identifier;
    }
}
