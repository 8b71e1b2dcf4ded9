package org.waymark.identifier;

import java.util.List;

/**
 * EPC pure identity URIs (EPC Tag Data Standard, 6): {@code urn:epc:id:sgtin:0614141.112345.400} and its like for SSCC, GLN,
 * GRAI and GIAI, and the class {@code urn:epc:class:lgtin}. They leave the check digit out and have the company prefix apart.
 */
final class EpcUrn {

    static final String START = "urn:epc:";

    private static final String RULE =
            "known are urn:epc:id: with sgtin, sscc, sgln, grai or giai, and urn:epc:class:lgtin:";
    private static final int COMPANY_MIN = 6;
    private static final int COMPANY_MAX = 12;

    private final String text;
    /** Where the company prefix starts. */
    private final int company;
    /** The dot after it. */
    private final int firstDot;

    private EpcUrn(String text, int company) {
        this.text = text;
        this.company = company;
        this.firstDot = dotAfter(company);
        requireDigits(company, firstDot);
        int length = firstDot - company;
        if (length < COMPANY_MIN || length > COMPANY_MAX) {
            throw new InvalidIdentifierException(
                    text,
                    company,
                    "company prefix of " + length + " digits",
                    "it has " + COMPANY_MIN + " to " + COMPANY_MAX + " digits in an EPC");
        }
    }

    static List<Gs1Element> parse(String text) {
        for (String type : List.of("id:sgtin:", "id:sscc:", "id:sgln:", "id:grai:", "id:giai:", "class:lgtin:")) {
            if (TextRules.startsWith(text, START.length(), type)) {
                EpcUrn urn = new EpcUrn(text, START.length() + type.length());
                return switch (type) {
                    case "id:sgtin:" -> urn.gtin("21");
                    case "class:lgtin:" -> urn.gtin("10");
                    case "id:sscc:" -> urn.sscc();
                    case "id:sgln:" -> urn.sgln();
                    case "id:grai:" -> urn.grai();
                    default -> urn.giai();
                };
            }
        }
        throw new InvalidIdentifierException(text, START.length(), "unknown type of EPC", RULE);
    }

    private List<Gs1Element> gtin(String qualifier) {
        int secondDot = dotAfter(firstDot + 1);
        requireReference(secondDot, 13 - (firstDot - company), 1);
        Gs1Value gtin = new Gs1Value(text, company)
                .addPlain(firstDot + 1, firstDot + 2)
                .addPlain(company, firstDot)
                .addPlain(firstDot + 2, secondDot);
        return List.of(
                new Gs1Element("01", company, withCheckDigit(gtin)),
                new Gs1Element(qualifier, secondDot + 1, rest(secondDot + 1)));
    }

    private List<Gs1Element> sscc() {
        requireReference(text.length(), 17 - (firstDot - company), 1);
        Gs1Value sscc = new Gs1Value(text, company)
                .addPlain(firstDot + 1, firstDot + 2)
                .addPlain(company, firstDot)
                .addPlain(firstDot + 2, text.length());
        return List.of(new Gs1Element("00", company, withCheckDigit(sscc)));
    }

    private List<Gs1Element> sgln() {
        int secondDot = dotAfter(firstDot + 1);
        requireReference(secondDot, 12 - (firstDot - company), 0);
        Gs1Value gln = new Gs1Value(text, company).addPlain(company, firstDot).addPlain(firstDot + 1, secondDot);
        Gs1Element key = new Gs1Element("414", company, withCheckDigit(gln));
        Gs1Value extension = rest(secondDot + 1);
        // A single 0 stands for a GLN without extension.
        return extension.characters().equals("0")
                ? List.of(key)
                : List.of(key, new Gs1Element("254", secondDot + 1, extension));
    }

    private List<Gs1Element> grai() {
        int secondDot = dotAfter(firstDot + 1);
        requireReference(secondDot, 12 - (firstDot - company), 0);
        Gs1Value grai = new Gs1Value(text, company)
                .addDerived('0')
                .addPlain(company, firstDot)
                .addPlain(firstDot + 1, secondDot);
        return List.of(
                new Gs1Element("8003", company, withCheckDigit(grai).addPercentEncoded(secondDot + 1, text.length())));
    }

    private List<Gs1Element> giai() {
        Gs1Value giai = new Gs1Value(text, company).addPlain(company, firstDot);
        if (firstDot + 1 == text.length()) {
            throw TextRules.unexpected(text, text.length(), "an asset reference has at least one character");
        }
        return List.of(new Gs1Element("8004", company, giai.addPercentEncoded(firstDot + 1, text.length())));
    }

    private static Gs1Value withCheckDigit(Gs1Value digits) {
        return digits.addDerived(Gs1CheckDigit.of(digits.characters()));
    }

    private Gs1Value rest(int from) {
        return new Gs1Value(text, from).addPercentEncoded(from, text.length());
    }

    private int dotAfter(int from) {
        int dot = text.indexOf('.', from);
        if (dot < 0) {
            throw TextRules.unexpected(text, text.length(), "parts of an EPC are separated by dots");
        }
        return dot;
    }

    /** What follows the company prefix, up to {@code end}, has as many digits as make the key complete. */
    private void requireReference(int end, int digits, int least) {
        requireDigits(firstDot + 1, end);
        if (end - firstDot - 1 != digits || digits < least) {
            throw new InvalidIdentifierException(
                    text,
                    firstDot + 1,
                    "reference of " + (end - firstDot - 1) + " digits",
                    "after a company prefix of " + (firstDot - company) + " digits it has " + digits);
        }
    }

    private void requireDigits(int from, int to) {
        for (int at = from; at < to; at++) {
            if (!TextRules.isDigit(text.charAt(at))) {
                throw TextRules.unexpected(text, at, "this part of an EPC is of digits");
            }
        }
    }
}
