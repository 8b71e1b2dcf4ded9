package org.waymark.identifier;

import java.util.Arrays;
import java.util.List;

/**
 * The identification keys of GS1 that name one thing, with the application identifiers that may qualify them, in the order of
 * the canonical form. A key is a number of digits, the last one a check digit, and then perhaps free characters.
 */
enum Gs1Key {
    SSCC("00", 18, 1, 17, 0),
    GTIN("01", 14, 1, 13, 0, "22", "10", "21"),
    GDTI("253", 13, 0, 12, 17),
    GLN("414", 13, 0, 12, 0, "254"),
    GRAI("8003", 14, 1, 13, 16),
    /** Without check digit; the company prefix is at the start of the free characters. */
    GIAI("8004", 0, 0, 12, 30);

    private static final int QUALIFIER_CHARS = 20;

    private final String ai;
    private final int digits;
    private final int companyFrom;
    private final int companyTo;
    private final int freeChars;
    private final List<String> qualifiers;

    Gs1Key(String ai, int digits, int companyFrom, int companyTo, int freeChars, String... qualifiers) {
        this.ai = ai;
        this.digits = digits;
        this.companyFrom = companyFrom;
        this.companyTo = companyTo;
        this.freeChars = freeChars;
        this.qualifiers = List.of(qualifiers);
    }

    /** The key with this application identifier, or null. */
    static Gs1Key ofAi(String ai) {
        for (Gs1Key key : values()) {
            if (key.ai.equals(ai)) {
                return key;
            }
        }
        return null;
    }

    static boolean isQualifier(String ai) {
        return Arrays.stream(values()).anyMatch(key -> key.qualifiers.contains(ai));
    }

    String ai() {
        return ai;
    }

    /** The application identifiers that may follow, in canonical order. */
    List<String> qualifiers() {
        return qualifiers;
    }

    /** The longest digits that may be a company's, of a value that {@link #read} gave. Fewer than 4: it has none. */
    String companyDigits(String value) {
        int to = companyFrom;
        while (to < Math.min(companyTo, value.length()) && TextRules.isDigit(value.charAt(to))) {
            to++;
        }
        return value.substring(companyFrom, to);
    }

    /** Checks a value of this key and gives it in full length. */
    String read(String text, Gs1Value value) {
        String padded = this == GTIN ? paddedGtin(text, value) : value.characters();
        int padding = padded.length() - value.length();
        int least = digits == 0 ? 1 : digits;
        if (padded.length() < least || padded.length() > digits + freeChars) {
            int at = Math.min(padded.length(), digits + freeChars) - padding;
            throw new InvalidIdentifierException(
                    text, value.position(at), name() + " of " + value.length() + " characters", rule());
        }
        for (int i = 0; i < digits; i++) {
            if (!TextRules.isDigit(padded.charAt(i))) {
                throw TextRules.unexpected(text, value.position(i - padding), rule());
            }
        }
        if (this == GRAI && padded.charAt(0) != '0') {
            throw new InvalidIdentifierException(text, value.position(0), "first digit other than 0", rule());
        }
        if (digits > 0) {
            char right = Gs1CheckDigit.of(padded.substring(0, digits - 1));
            if (padded.charAt(digits - 1) != right) {
                throw new InvalidIdentifierException(
                        text,
                        value.position(digits - 1 - padding),
                        "wrong check digit " + padded.charAt(digits - 1),
                        "the check digit of these digits is " + right);
            }
        }
        return padded;
    }

    private String paddedGtin(String text, Gs1Value value) {
        int length = value.length();
        if (length != 8 && length != 12 && length != 13 && length != 14) {
            throw new InvalidIdentifierException(text, value.position(0), "GTIN of " + length + " characters", rule());
        }
        return "0".repeat(digits - length) + value.characters();
    }

    /** Checks a qualifier's value. */
    static String readQualifier(String text, Gs1Element element) {
        Gs1Value value = element.value();
        String rule = "the value of (" + element.ai() + ") has 1 to " + QUALIFIER_CHARS + " characters";
        if (value.length() == 0) {
            throw new InvalidIdentifierException(text, value.position(0), "empty value", rule);
        }
        if (value.length() > QUALIFIER_CHARS) {
            throw new InvalidIdentifierException(text, value.position(QUALIFIER_CHARS), "value too long", rule);
        }
        return value.characters();
    }

    private String rule() {
        return switch (this) {
            case SSCC -> "an SSCC has 18 digits";
            case GTIN -> "a GTIN has 8, 12, 13 or 14 digits";
            case GDTI -> "a GDTI has 13 digits and up to 17 further characters";
            case GLN -> "a GLN has 13 digits";
            case GRAI -> "a GRAI has a 0, 13 digits and up to 16 further characters";
            case GIAI -> "a GIAI has 1 to 30 characters";
        };
    }
}
