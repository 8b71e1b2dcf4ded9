package org.waymark.identifier;

import java.util.Arrays;

/**
 * The value of one application identifier while it is read: its characters, and where in the user's text each of them
 * stood. Takes characters of the GS1 AI encodable character sets 82 and 39 only; the number sign is the one that is in the second
 * but not in the first.
 */
final class Gs1Value {

    private static final String PUNCTUATION = "!\"%&'()*+,-./:;<=>?_";

    private final String text;
    private final StringBuilder characters = new StringBuilder();
    private int[] positions = new int[32];
    private int end;

    /**
     * @param text what the user wrote
     * @param start where the value starts in it
     */
    Gs1Value(String text, int start) {
        this.text = text;
        this.end = start;
    }

    /** Adds the characters between two offsets as they are. */
    Gs1Value addPlain(int from, int to) {
        for (int at = from; at < to; at++) {
            add(text.charAt(at), at);
        }
        end = to;
        return this;
    }

    /** Adds the characters between two offsets, with {@code %} and two hexadecimal digits for one (RFC 3986). */
    Gs1Value addPercentEncoded(int from, int to) {
        int at = from;
        while (at < to) {
            if (text.charAt(at) == '%') {
                int high = at + 1 < to ? hex(text.charAt(at + 1)) : -1;
                int low = at + 2 < to ? hex(text.charAt(at + 2)) : -1;
                if (high < 0 || low < 0) {
                    throw new InvalidIdentifierException(
                            text, at, "incomplete escape", "'%' is followed by two hexadecimal digits");
                }
                add((char) (high << 4 | low), at);
                at += 3;
            } else {
                add(text.charAt(at), at);
                at++;
            }
        }
        end = to;
        return this;
    }

    /** Adds a character that the user's text does not have but that follows from it. */
    Gs1Value addDerived(char c) {
        add(c, end);
        return this;
    }

    /** True for a character of the GS1 AI encodable character set 82. */
    static boolean isOfSet82(char c) {
        return TextRules.isLetterOrDigit(c) || PUNCTUATION.indexOf(c) >= 0;
    }

    private void add(char c, int position) {
        if (!isOfSet82(c) && c != '#') {
            throw new InvalidIdentifierException(
                    text,
                    position,
                    "unexpected " + TextRules.name(c),
                    "GS1 values are of ASCII letters, digits and " + PUNCTUATION);
        }
        if (characters.length() == positions.length) {
            positions = Arrays.copyOf(positions, 2 * positions.length);
        }
        positions[characters.length()] = position;
        characters.append(c);
    }

    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    /** The characters, decoded. */
    String characters() {
        return characters.toString();
    }

    int length() {
        return characters.length();
    }

    /** Where a character stood in the user's text; past the last one, where the value ends. */
    int position(int index) {
        return index < characters.length() ? positions[index] : end;
    }
}
