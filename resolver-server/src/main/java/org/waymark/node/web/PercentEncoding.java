package org.waymark.node.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Percent-encoding of UTF-8 (RFC 3986, section 2.1). Decoding takes one layer off and leaves all else as it is: a plus sign is a plus
 * sign, and a slash, a dot or two slashes mean nothing in particular.
 */
public final class PercentEncoding {

    private static final String HEX = "0123456789ABCDEF";
    /** What a segment of a path may hold as it is (pchar) beside letters and digits, and the slash between segments. */
    private static final String PLAIN_IN_PATH = "-._~!$&'()*+,;=:@/";

    private static final Pattern FRAGILE_SEGMENT = Pattern.compile("^/|//|(^|/)\\.{1,2}(/|$)");

    private PercentEncoding() {}

    /** Text that is not percent-encoded as it has to be. */
    public static final class MalformedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final int offset;

        MalformedException(String message, int offset) {
            super(message, null, false, false);
            this.offset = offset;
        }

        /** Where in the encoded text, from 0. */
        public int offset() {
            return offset;
        }
    }

    /**
     * The text that was encoded.
     *
     * @throws MalformedException if a percent sign lacks its two hexadecimal digits, a character is not ASCII, or the bytes are not
     *     well-formed UTF-8
     */
    public static String decode(String encoded) throws MalformedException {
        int plain = 0;
        while (plain < encoded.length() && isPlain(encoded.charAt(plain))) {
            plain++;
        }
        if (plain == encoded.length()) {
            return encoded;
        }
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c > '~') {
                throw new MalformedException(
                        "a character outside of ASCII, which has to be percent-encoded as UTF-8", i);
            }
            if (c == '%') {
                int high = i + 1 < encoded.length() ? digit(encoded.charAt(i + 1)) : -1;
                int low = i + 2 < encoded.length() ? digit(encoded.charAt(i + 2)) : -1;
                if (high < 0 || low < 0) {
                    throw new MalformedException("a percent sign without two hexadecimal digits behind it", i);
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            int first = encoded.indexOf('%');
            throw new MalformedException("the percent-encoded bytes are not well-formed UTF-8", Math.max(first, 0));
        }
    }

    private static boolean isPlain(char c) {
        return c != '%' && c <= '~';
    }

    /**
     * The text as the rest of a path: what no path may hold as it is, is encoded. Slashes are kept, but in a text that begins with one,
     * has two in a row, or a segment of dots alone: clients and proxies take such segments out of a path, encoded or not (RFC 3986,
     * section 5.2.4), and read two slashes at the front as a host.
     *
     * @throws IllegalArgumentException if the text has a lone surrogate
     */
    public static String encodePath(String text) {
        String encoded = encode(text);
        return FRAGILE_SEGMENT.matcher(text).find() ? encoded.replace("/", "%2F") : encoded;
    }

    private static String encode(String text) {
        StringBuilder out = null;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            int width = Character.charCount(point);
            boolean plain = point < 0x80 && isPlainInPath((char) point);
            if (!plain && out == null) {
                out = new StringBuilder(text.length() + 32).append(text, 0, i);
            }
            if (plain && out != null) {
                out.append((char) point);
            } else if (!plain) {
                if (width == 1 && Character.isSurrogate((char) point)) {
                    throw new IllegalArgumentException("a lone surrogate at " + i);
                }
                for (byte octet : text.substring(i, i + width).getBytes(StandardCharsets.UTF_8)) {
                    out.append('%').append(HEX.charAt(octet >> 4 & 0xF)).append(HEX.charAt(octet & 0xF));
                }
            }
            i += width;
        }
        return out == null ? text : out.toString();
    }

    private static boolean isPlainInPath(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || PLAIN_IN_PATH.indexOf(c) >= 0;
    }

    private static int digit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }
}
