package org.waymark.identifier;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The identification keys of GS1 that stand in front in a Digital Link, with the application identifiers that may qualify them,
 * in the order of the canonical form. A key is a number of digits, of which one is a check digit, and then perhaps free
 * characters.
 */
enum Gs1Key {
    SSCC("00", 18, 1, 17, 0),
    GTIN("01", 14, 1, 13, 0, "22,10,21", "235"),
    GDTI("253", 13, 0, 12, 17),
    /** What follows the digits is digits too: a serial component. */
    GCN("255", 13, 0, 12, 12),
    /** Without check digit; the company prefix is at the start of the free characters. */
    GINC("401", 0, 0, 12, 30),
    GSIN("402", 17, 0, 16, 0),
    SHIP_TO("410", 13, 0, 12, 0),
    BILL_TO("411", 13, 0, 12, 0),
    PURCHASED_FROM("412", 13, 0, 12, 0),
    SHIP_FOR("413", 13, 0, 12, 0),
    GLN("414", 13, 0, 12, 0, "254", "7040"),
    PAY_TO("415", 13, 0, 12, 0, "8020"),
    PARTY("417", 13, 0, 12, 0, "7040"),
    GRAI("8003", 14, 1, 13, 16),
    /** Without check digit; the company prefix is at the start of the free characters. */
    GIAI("8004", 0, 0, 12, 30, "7040"),
    /** The digits of a GTIN, then which piece it is, and of how many. */
    ITIP("8006", 18, 1, 13, 0, "22,10,21"),
    /** Without check digit; of the GS1 AI encodable character set 39. */
    CPID("8010", 0, 0, 12, 30, "8011"),
    /** Ends with a pair of check characters; the company prefix is at the start. */
    GMN("8013", 0, 0, 12, 25),
    GSRN_PROVIDER("8017", 18, 0, 16, 0, "8019"),
    GSRN_RECIPIENT("8018", 18, 0, 16, 0, "8019");

    /** Digits of the GTIN that an ITIP starts with. */
    private static final int ITIP_GTIN = 14;

    private static final String CHARACTER_SET_39 = "#-/";

    private final String ai;
    private final int digits;
    private final int companyFrom;
    private final int companyTo;
    private final int freeChars;
    private final List<List<String>> alternatives;
    private final List<String> qualifiers;

    /**
     * @param qualifiers which application identifiers may go together, in canonical order and separated by commas
     */
    Gs1Key(String ai, int digits, int companyFrom, int companyTo, int freeChars, String... qualifiers) {
        this.ai = ai;
        this.digits = digits;
        this.companyFrom = companyFrom;
        this.companyTo = companyTo;
        this.freeChars = freeChars;
        this.alternatives = Stream.of(qualifiers)
                .map(together -> List.of(together.split(",")))
                .toList();
        this.qualifiers = alternatives.stream().flatMap(List::stream).toList();
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

    /** The application identifiers of all keys, for messages. */
    static String known() {
        return Stream.of(values()).map(key -> "(" + key.ai + ")").reduce("", (all, one) -> all + " " + one);
    }

    String ai() {
        return ai;
    }

    /** The application identifiers that may follow, in canonical order. */
    List<String> qualifiers() {
        return qualifiers;
    }

    /** True if these two qualifiers of this key may stand in one identifier. */
    boolean allowsTogether(String one, String other) {
        return alternatives.stream().anyMatch(together -> together.contains(one) && together.contains(other));
    }

    /** The longest digits that may be a company's, of a value that {@link #read} gave. Fewer than 4: it has none. */
    String companyDigits(String value) {
        int to = companyFrom;
        while (to < Math.min(companyTo, value.length()) && TextRules.isDigit(value.charAt(to))) {
            to++;
        }
        return value.substring(companyFrom, to);
    }

    /** What the values start with that may hold a company prefix which starts with these digits, in ascending order. */
    Stream<String> starts(String company) {
        if (company.length() > companyTo - companyFrom) {
            return Stream.empty();
        }
        return companyFrom == 0
                ? Stream.of(company)
                : IntStream.rangeClosed(0, 9).mapToObj(extension -> extension + company);
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
        for (int i = 0; i < padded.length(); i++) {
            char c = padded.charAt(i);
            boolean isRight = i < digits || this == GCN ? TextRules.isDigit(c) : isFree(c);
            if (!isRight) {
                throw TextRules.unexpected(text, value.position(i - padding), rule());
            }
        }
        if (this == GRAI && padded.charAt(0) != '0') {
            throw new InvalidIdentifierException(text, value.position(0), "first digit other than 0", rule());
        }
        requireChecked(text, value, padded, padding);
        return padded;
    }

    private boolean isFree(char c) {
        return this == CPID
                ? TextRules.isDigit(c) || c >= 'A' && c <= 'Z' || CHARACTER_SET_39.indexOf(c) >= 0
                : Gs1Value.isOfSet82(c);
    }

    private void requireChecked(String text, Gs1Value value, String padded, int padding) {
        if (this == GMN) {
            requireCheckPair(text, value, padded);
            return;
        }
        if (digits == 0) {
            return;
        }
        int at = (this == ITIP ? ITIP_GTIN : digits) - 1;
        char right = Gs1CheckDigit.of(padded.substring(0, at));
        if (padded.charAt(at) != right) {
            throw new InvalidIdentifierException(
                    text,
                    value.position(at - padding),
                    "wrong check digit " + padded.charAt(at),
                    "the check digit of these digits is " + right);
        }
        if (this == ITIP) {
            int piece = Integer.parseInt(padded.substring(ITIP_GTIN, ITIP_GTIN + 2));
            int total = Integer.parseInt(padded.substring(ITIP_GTIN + 2));
            if (piece < 1 || piece > total) {
                throw new InvalidIdentifierException(
                        text, value.position(ITIP_GTIN), "piece " + piece + " of " + total, rule());
            }
        }
    }

    private void requireCheckPair(String text, Gs1Value value, String gmn) {
        if (gmn.length() <= Gs1CheckDigit.PAIR) {
            throw new InvalidIdentifierException(text, value.position(0), "GMN of two characters", rule());
        }
        int at = gmn.length() - Gs1CheckDigit.PAIR;
        String right = Gs1CheckDigit.pairOf(gmn.substring(0, at));
        if (!gmn.endsWith(right)) {
            throw new InvalidIdentifierException(
                    text,
                    value.position(at),
                    "wrong check characters " + gmn.substring(at),
                    "the check characters of this model number are " + right);
        }
    }

    private String paddedGtin(String text, Gs1Value value) {
        int length = value.length();
        if (length != 8 && length != 12 && length != 13 && length != 14) {
            throw new InvalidIdentifierException(text, value.position(0), "GTIN of " + length + " characters", rule());
        }
        return "0".repeat(digits - length) + value.characters();
    }

    private String rule() {
        return switch (this) {
            case SSCC -> "an SSCC has 18 digits";
            case GTIN -> "a GTIN has 8, 12, 13 or 14 digits";
            case GDTI -> "a GDTI has 13 digits and up to 17 further characters";
            case GCN -> "a GCN has 13 digits and up to 12 digits of a serial component";
            case GINC -> "a GINC has 1 to 30 characters";
            case GSIN -> "a GSIN has 17 digits";
            case SHIP_TO, BILL_TO, PURCHASED_FROM, SHIP_FOR, GLN, PAY_TO, PARTY -> "a GLN has 13 digits";
            case GRAI -> "a GRAI has a 0, 13 digits and up to 16 further characters";
            case GIAI -> "a GIAI has 1 to 30 characters";
            case ITIP -> "an ITIP has 14 digits of a GTIN, 2 of the piece, from 01, and 2 of how many there are";
            case CPID -> "a CPID has 1 to 30 digits, capital letters and " + CHARACTER_SET_39;
            case GMN -> "a GMN has 3 to 25 characters, the last two of them check characters";
            case GSRN_PROVIDER, GSRN_RECIPIENT -> "a GSRN has 18 digits";
        };
    }
}
