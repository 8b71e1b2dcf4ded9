package org.waymark.lifecycle;

import org.waymark.record.InvalidRecordException;

/**
 * A unified social credit code (GB 32100-2015): 18 characters, the last one a check character, so that no single wrong character
 * passes. Immutable.
 */
public record CreditCode(String text) {

    private static final int LENGTH = 18;
    /** The digits, and the capital letters without I, O, S, V and Z; a character's place is its value. */
    private static final String ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    private static final int BASE = ALPHABET.length();
    private static final int FACTOR = 3;
    /** The administrative division (GB/T 2260), places counted from 0. */
    private static final int DIVISION_FROM = 2;

    private static final int DIVISION_TO = 8;

    /**
     * @throws InvalidRecordException if it is none; the rule says which character is wrong and why
     */
    public CreditCode {
        String fault = fault(text);
        if (fault != null) {
            throw new InvalidRecordException("credit_code", fault);
        }
    }

    private static String fault(String text) {
        if (text.length() != LENGTH) {
            return "has " + text.length() + " characters; a unified social credit code has " + LENGTH;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            if (ALPHABET.indexOf(c) < 0) {
                return "has " + named(c) + " as character " + (i + 1)
                        + "; allowed are digits and the capital letters but I, O, S, V and Z";
            }
            if (i >= DIVISION_FROM && i < DIVISION_TO && c > '9') {
                return "has '" + c + "' as character " + (i + 1)
                        + "; characters 3 to 8 are the administrative division, six digits";
            }
        }
        char expected = checkCharacter(text);
        if (text.charAt(LENGTH - 1) != expected) {
            return "has '" + text.charAt(LENGTH - 1) + "' as character " + LENGTH
                    + ", the check character; by the 17 before it, it would be '" + expected
                    + "', so one of the " + LENGTH + " is wrong";
        }
        return null;
    }

    private static String named(char c) {
        return c > ' ' && c < 0x7F ? "'" + c + "'" : "U+%04X".formatted((int) c);
    }

    /** The check character (modulus 31, weights 3^i) for the first 17 characters, all of the alphabet. */
    static char checkCharacter(String text) {
        int sum = 0;
        int weight = 1;
        for (int i = 0; i < LENGTH - 1; i++) {
            sum += ALPHABET.indexOf(text.charAt(i)) * weight;
            weight = weight * FACTOR % BASE;
        }
        return ALPHABET.charAt((BASE - sum % BASE) % BASE);
    }

    @Override
    public String toString() {
        return text;
    }
}
