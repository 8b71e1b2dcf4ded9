package org.waymark.node.endpoint.handle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * What a handle names. {@code 0.NA/} in front of a prefix names the record of the prefix: a VAA, MA or Handle prefix as it is, one of
 * another scheme with its tag ({@code 0.NA/oid:1.2.156}). All else is an identifier of whatever scheme its text says.
 */
final class HandleNames {

    static final String PREFIX_QUERY = "0.NA/";

    private static final String VAA_ROOT = "88";
    private static final String MA_ROOT = "MA";

    /** The largest key that {@link #encodePlainKey} writes. */
    static final int MOST_KEY_BYTES = RecordKey.MAX_ENCODED_BYTES;

    private static final int NOT_PLAIN = -1;

    private HandleNames() {}

    /**
     * The key of the record that the handle names.
     *
     * @param handle in UTF-8
     * @throws IllegalArgumentException if it names none; the message says why
     */
    static RecordKey key(byte[] handle) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(handle))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("invalid identifier: a handle is UTF-8, and this one is not", e);
        }
        if (isPrefixQuery(handle)) {
            Prefix prefix = prefix(text.substring(PREFIX_QUERY.length()));
            return RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
        }
        Identifier identifier = Identifier.parse(text);
        return RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical());
    }

    /** True where the handle names the record of a prefix. */
    static boolean isPrefixQuery(byte[] handle) {
        if (handle.length < PREFIX_QUERY.length()) {
            return false;
        }
        String start = new String(handle, 0, PREFIX_QUERY.length(), StandardCharsets.US_ASCII);
        return start.equalsIgnoreCase(PREFIX_QUERY);
    }

    private static Prefix prefix(String text) {
        if (text.indexOf(':') >= 0 || isUnder(text, VAA_ROOT) || text.equals("gs1") || text.equals("ecode")) {
            return Prefix.parse(text);
        }
        return Prefix.of(isUnder(text, MA_ROOT) ? Scheme.MA : Scheme.HANDLE, text);
    }

    private static boolean isUnder(String text, String root) {
        return text.regionMatches(true, 0, root, 0, root.length())
                && (text.length() == root.length() || text.charAt(root.length()) == '.');
    }

    /** How such a handle names a prefix. */
    static String prefixQuery(RecordKey prefix) {
        boolean isPlain = prefix.scheme() == Scheme.VAA
                || prefix.scheme() == Scheme.MA
                || prefix.scheme() == Scheme.HANDLE
                || prefix.identifier().equals("gs1")
                || prefix.identifier().equals("ecode");
        return PREFIX_QUERY + (isPlain ? "" : prefix.scheme().tag() + ":") + prefix.identifier();
    }

    /**
     * Writes the encoded key of a plain VAA or Handle identifier, without an object in between; -1 where the text is not of the
     * plain kind, so that {@link #key} has to look at it. Plain: ASCII that can be seen, with a prefix of letters, digits and dots
     * under {@code 88}, or of digits and dots under anything but {@code 88} and {@code 10}. The key of a text that breaks its
     * grammar is no record's key.
     *
     * @param out has room for {@link #MOST_KEY_BYTES}
     * @return how many bytes were written
     */
    static int encodePlainKey(byte[] handle, int at, int length, byte[] out, int outAt) {
        boolean isVaa = length > 2 && handle[at] == '8' && handle[at + 1] == '8' && isDotOrSlash(handle[at + 2]);
        boolean foldsSuffix = length > 2 && handle[at] == '1' && handle[at + 1] == '0' && isDotOrSlash(handle[at + 2]);
        if (foldsSuffix || length > Limits.IDENTIFIER_BYTES) {
            return NOT_PLAIN;
        }
        int lengthBytes = length < 0x80 ? 1 : 2;
        int text = outAt + 5 + lengthBytes;
        int end = at + length;
        int from = at;
        int to = text;
        while (from < end && handle[from] != '/') {
            byte next = handle[from++];
            boolean isLetter = (next | 0x20) >= 'a' && (next | 0x20) <= 'z';
            if (isLetter ? !isVaa : next != '.' && (next < '0' || next > '9')) {
                return NOT_PLAIN;
            }
            out[to++] = (byte) (isLetter ? next & ~0x20 : next);
        }
        if (from >= end - 1 || from == at) {
            return NOT_PLAIN;
        }
        while (from < end) {
            byte next = handle[from++];
            if (next <= ' ' || next == 0x7F) {
                return NOT_PLAIN;
            }
            out[to++] = next;
        }
        int head = outAt;
        out[head++] = 0x08;
        out[head++] = RecordKind.ITEM_VALUE;
        out[head++] = 0x10;
        out[head++] = (byte) (isVaa ? Scheme.VAA : Scheme.HANDLE).code();
        out[head++] = 0x1A;
        if (lengthBytes == 2) {
            out[head++] = (byte) (length & 0x7F | 0x80);
            out[head] = (byte) (length >>> 7);
        } else {
            out[head] = (byte) length;
        }
        return to - outAt;
    }

    private static boolean isDotOrSlash(byte next) {
        return next == '.' || next == '/';
    }
}
