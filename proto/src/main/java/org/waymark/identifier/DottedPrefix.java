package org.waymark.identifier;

import java.util.Optional;

/** Prefixes of segments between dots, whose ladder goes up by leaving the last segment out. */
final class DottedPrefix {

    private static final int SEGMENT_CHARS = 64;

    private DottedPrefix() {}

    /**
     * Reads segments of ASCII letters and digits, in upper case. Leading zeros stay.
     *
     * @param alsoAllowed further characters of a segment
     */
    static String parse(String text, int from, int to, String alsoAllowed) {
        String rule = "segments are 1 to " + SEGMENT_CHARS + " ASCII letters and digits"
                + (alsoAllowed.isEmpty() ? "" : " (or one of " + alsoAllowed + ")") + ", separated by dots";
        StringBuilder out = new StringBuilder(to - from);
        int start = from;
        for (int at = from; at <= to; at++) {
            if (at == to || text.charAt(at) == '.') {
                if (at == start) {
                    throw new InvalidIdentifierException(text, at, "empty segment", rule);
                }
                start = at + 1;
            } else if (at - start >= SEGMENT_CHARS) {
                throw new InvalidIdentifierException(text, at, "segment too long", rule);
            } else if (!TextRules.isLetterOrDigit(text.charAt(at)) && alsoAllowed.indexOf(text.charAt(at)) < 0) {
                throw TextRules.unexpected(text, at, rule);
            }
            if (at < to) {
                out.append(TextRules.upper(text.charAt(at)));
            }
        }
        return TextRules.requirePrefixSize(text, out.toString());
    }

    static Optional<String> parent(String prefix) {
        int dot = prefix.lastIndexOf('.');
        return dot < 0 ? Optional.empty() : Optional.of(prefix.substring(0, dot));
    }

    /** True if the first segment, from {@code from} to before {@code to}, is {@code root}, whatever its case. */
    static boolean isUnder(String text, int from, int to, String root) {
        int end = from + root.length();
        return end <= to && TextRules.startsWith(text, from, root) && (end == to || text.charAt(end) == '.');
    }
}
