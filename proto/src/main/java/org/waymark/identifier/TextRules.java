package org.waymark.identifier;

import java.text.Normalizer;
import org.waymark.Limits;

/** What every grammar asks of a text, and the small ASCII operations that they share. */
final class TextRules {

    private static final String PLAIN_RULE =
            "control, format and unassigned characters, white space, lone surrogates and U+FFFD are not allowed";

    /** What decoders put in place of bytes that they can't read: an identifier with it was lost on the way. */
    private static final int REPLACEMENT = 0xFFFD;

    /** As in the Stream-Safe Text Format of UAX #15. Normalisation sorts runs of marks, in more than linear time. */
    private static final int MARKS_IN_A_ROW = 30;

    private TextRules() {}

    /**
     * Refuses a text that no grammar takes: empty, over the limit, with a character that is not {@link #isPlain plain}, or with
     * too many combining marks in a row. Comes before any other work, so nothing else meets a long or ill-formed text.
     */
    static void requirePlain(String text) {
        if (!text.isEmpty() && text.length() <= Limits.IDENTIFIER_BYTES && isVisibleAscii(text, 0)) {
            return;
        }
        requireSize(text, Limits.IDENTIFIER_BYTES, "an identifier has at most ");
        if (text.isEmpty()) {
            throw new InvalidIdentifierException(text, 0, "nothing", "an identifier has at least one character");
        }
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            if (!isPlain(c)) {
                throw new InvalidIdentifierException(text, at, name(c), PLAIN_RULE);
            }
            at += Character.charCount(c);
        }
        int excess = excessMark(text);
        if (excess >= 0) {
            throw tooManyMarks(text, excess);
        }
    }

    /** Such a text is plain, in NFC, and has as many bytes as characters; nearly all identifiers are. */
    private static boolean isVisibleAscii(String text, int from) {
        for (int at = from; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c <= ' ' || c >= 0x7F) {
                return false;
            }
        }
        return true;
    }

    /** Where the first combining mark too many in a row is, or -1. */
    private static int excessMark(String text) {
        int marks = 0;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            marks = isMark(c) ? marks + 1 : 0;
            if (marks > MARKS_IN_A_ROW) {
                return at;
            }
            at += Character.charCount(c);
        }
        return -1;
    }

    private static InvalidIdentifierException tooManyMarks(String text, int position) {
        return new InvalidIdentifierException(
                text,
                position,
                "too many marks",
                "at most " + MARKS_IN_A_ROW + " combining marks follow each other, in NFC too");
    }

    private static void requireSize(String text, int limit, String rule) {
        int bytes = 0;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            bytes += utf8Bytes(c);
            if (bytes > limit) {
                throw new InvalidIdentifierException(text, at, "too long", rule + limit + " bytes of UTF-8");
            }
            at += Character.charCount(c);
        }
    }

    /** Refuses a canonical text over the limit; {@code text} is what it was made from. */
    static String requireIdentifierSize(String text, String canonical) {
        return requireSize(text, canonical, Limits.IDENTIFIER_BYTES, "an identifier");
    }

    /** Refuses a canonical prefix over the limit; {@code text} is what it was made from. */
    static String requirePrefixSize(String text, String canonical) {
        return requireSize(text, canonical, Limits.PREFIX_BYTES, "a prefix");
    }

    private static String requireSize(String text, String canonical, int limit, String what) {
        int bytes = isVisibleAscii(canonical, 0)
                ? canonical.length()
                : canonical.codePoints().map(TextRules::utf8Bytes).sum();
        if (bytes > limit) {
            throw new InvalidIdentifierException(
                    text,
                    0,
                    what + " of " + bytes + " bytes in its canonical form, which starts",
                    what + " has at most " + limit + " bytes of UTF-8");
        }
        return canonical;
    }

    private static int utf8Bytes(int c) {
        return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }

    /**
     * True for a character that can be seen: neither control, format (such as the zero-width and the bidirectional ones),
     * unassigned, a surrogate by itself, the replacement character, nor any kind of space. "Unassigned" is as the running JDK
     * knows Unicode.
     */
    static boolean isPlain(int c) {
        if (c < 0x80) {
            return c > ' ' && c < 0x7F;
        }
        if (c == REPLACEMENT) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static boolean isMark(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
            default -> false;
        };
    }

    /** The suffix from {@code from} to the end, in NFC. The text was found plain before. */
    static String suffix(String text, int from) {
        if (from >= text.length()) {
            throw new InvalidIdentifierException(
                    text, text.length(), "empty suffix", "a suffix has at least one character");
        }
        if (isVisibleAscii(text, from)) {
            return text.substring(from);
        }
        String suffix = Normalizer.normalize(text.substring(from), Normalizer.Form.NFC);
        // Some marks become two, so there may be more of them than in the text as given.
        if (excessMark(suffix) >= 0) {
            throw tooManyMarks(text, from);
        }
        return suffix;
    }

    /** A character as messages name it: {@code 'x'}, or {@code U+00A0} where it is not printable ASCII. */
    static String name(int c) {
        return c > ' ' && c < 0x7F ? "'" + (char) c + "'" : String.format("U+%04X", c);
    }

    static InvalidIdentifierException unexpected(String text, int position, String rule) {
        String problem = position < text.length() ? name(text.codePointAt(position)) : "end of text";
        return new InvalidIdentifierException(text, position, "unexpected " + problem, rule);
    }

    static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    static boolean isLetterOrDigit(int c) {
        return isDigit(c) || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    }

    static boolean isDigits(String text, int from, int to) {
        for (int at = from; at < to; at++) {
            if (!isDigit(text.charAt(at))) {
                return false;
            }
        }
        return true;
    }

    /** Upper-cases ASCII letters and leaves all else alone. */
    static String upper(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int at = 0; at < text.length(); at++) {
            out.append(upper(text.charAt(at)));
        }
        return out.toString();
    }

    static char upper(char c) {
        return c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
    }

    /** True if {@code start} is at {@code from}, whatever the case of ASCII letters. */
    static boolean startsWith(String text, int from, String start) {
        if (text.length() - from < start.length()) {
            return false;
        }
        for (int i = 0; i < start.length(); i++) {
            if (upper(text.charAt(from + i)) != upper(start.charAt(i))) {
                return false;
            }
        }
        return true;
    }
}
