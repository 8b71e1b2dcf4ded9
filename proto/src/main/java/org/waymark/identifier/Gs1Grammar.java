package org.waymark.identifier;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * GS1 identification keys (GS1 General Specifications) with the qualifiers that tell single things apart: those of
 * {@link Gs1Key}. All forms of one key have one canonical text, {@code gs1:} and the path of a GS1 Digital Link:
 * {@code gs1:01/09506000164908/21/12345}, with GTINs of 14 digits, qualifiers in their standard order (22, 10, 21 for a GTIN),
 * and every character but the unreserved ones of RFC 3986 percent-encoded.
 *
 * <p>Forms: digits of a GTIN; {@linkplain Gs1ElementString element strings}; {@linkplain Gs1DigitalLink Digital Links};
 * {@linkplain EpcUrn EPC URNs}; the canonical form itself. A GTIN of 8, 12 or 13 digits is padded in each. Check digits must
 * be right.
 *
 * <p>A prefix is 4 digits or more of a company prefix, or the root {@code gs1}. The length of a company prefix is nowhere in
 * a key, so the ladder has all lengths. Numbers with 00000 at the start of these digits are GTIN-8s, which hold no company
 * prefix: above them is the root only.
 */
final class Gs1Grammar implements Grammar {

    static final Gs1Grammar INSTANCE = new Gs1Grammar();
    static final String ROOT = "gs1";
    static final String START = ROOT + ":";

    private static final int COMPANY_MIN = 4;
    private static final int COMPANY_MAX = 16;
    private static final String NO_COMPANY = "00000";
    private static final String HEX = "0123456789ABCDEF";

    private Gs1Grammar() {}

    /** True for a text that no other scheme's text looks like. */
    static boolean isGs1(String text) {
        return text.startsWith(START)
                || text.startsWith("(")
                || Gs1DigitalLink.isLink(text)
                || TextRules.startsWith(text, 0, EpcUrn.START)
                || TextRules.isDigits(text, 0, text.length());
    }

    @Override
    public Parts identifier(String text) {
        List<Gs1Element> elements = elements(text);
        Gs1Element primary = primary(text, elements);
        Gs1Key key = Gs1Key.ofAi(primary.ai());
        requireQualifiers(text, key, elements);

        String value = key.read(text, primary.value());
        StringBuilder out = new StringBuilder(START).append(key.ai()).append('/');
        appendEncoded(out, value);
        for (String qualifier : key.qualifiers()) {
            for (Gs1Element element : elements) {
                if (element.ai().equals(qualifier)) {
                    out.append('/').append(qualifier).append('/');
                    appendEncoded(out, Gs1Qualifier.read(text, element));
                }
            }
        }
        String company = key.companyDigits(value);
        String prefix = company.length() < COMPANY_MIN || company.startsWith(NO_COMPANY) ? ROOT : company;
        return new Parts(out.toString(), prefix, out.substring(START.length()));
    }

    private static List<Gs1Element> elements(String text) {
        if (text.startsWith(START)) {
            List<Gs1Element> elements = Gs1DigitalLink.parsePath(text, START.length(), text.length());
            if (elements.get(0).position() != START.length()) {
                throw new InvalidIdentifierException(
                        text, START.length(), "no identification key", "a key follows " + START + " at once");
            }
            return elements;
        }
        if (text.startsWith("(")) {
            return Gs1ElementString.parse(text);
        }
        if (Gs1DigitalLink.isLink(text)) {
            return Gs1DigitalLink.parse(text);
        }
        if (TextRules.startsWith(text, 0, EpcUrn.START)) {
            return EpcUrn.parse(text);
        }
        return List.of(new Gs1Element(Gs1Key.GTIN.ai(), 0, new Gs1Value(text, 0).addPlain(0, text.length())));
    }

    private static Gs1Element primary(String text, List<Gs1Element> elements) {
        Gs1Element primary = null;
        for (Gs1Element element : elements) {
            if (Gs1Key.ofAi(element.ai()) != null) {
                if (primary != null) {
                    throw new InvalidIdentifierException(
                            text, element.position(), "second key (" + element.ai() + ")", "an identifier has one key");
                }
                primary = element;
            }
        }
        if (primary == null) {
            throw new InvalidIdentifierException(text, 0, "no identification key", "known are" + Gs1Key.known());
        }
        return primary;
    }

    private static void requireQualifiers(String text, Gs1Key key, List<Gs1Element> elements) {
        for (int i = 0; i < elements.size(); i++) {
            Gs1Element element = elements.get(i);
            if (element.ai().equals(key.ai())) {
                continue;
            }
            String rule = key.qualifiers().isEmpty()
                    ? "(" + key.ai() + ") has no qualifiers, and attributes are not a part of an identifier"
                    : "qualifiers of (" + key.ai() + ") are " + key.qualifiers() + ", each at most once;"
                            + " attributes are not a part of an identifier";
            if (!key.qualifiers().contains(element.ai())) {
                throw new InvalidIdentifierException(
                        text, element.position(), "unexpected (" + element.ai() + ")", rule);
            }
            for (Gs1Element earlier : elements.subList(0, i)) {
                if (earlier.ai().equals(element.ai())) {
                    throw new InvalidIdentifierException(
                            text, element.position(), "second (" + element.ai() + ")", rule);
                }
                if (!earlier.ai().equals(key.ai()) && !key.allowsTogether(earlier.ai(), element.ai())) {
                    throw new InvalidIdentifierException(
                            text, element.position(), "(" + element.ai() + ") beside (" + earlier.ai() + ")", rule);
                }
            }
        }
    }

    private static void appendEncoded(StringBuilder out, String value) {
        for (int at = 0; at < value.length(); at++) {
            char c = value.charAt(at);
            if (TextRules.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_') {
                out.append(c);
            } else {
                out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xF));
            }
        }
    }

    @Override
    public String prefix(String text, int from) {
        if (text.substring(from).equals(ROOT)) {
            return ROOT;
        }
        String rule =
                "a GS1 prefix is " + COMPANY_MIN + " to " + COMPANY_MAX + " digits of a company prefix, or " + ROOT;
        for (int at = from; at < text.length(); at++) {
            if (!TextRules.isDigit(text.charAt(at))) {
                throw TextRules.unexpected(text, at, rule);
            }
            if (at - from == COMPANY_MAX) {
                throw new InvalidIdentifierException(text, at, "prefix too long", rule);
            }
        }
        if (text.length() - from < COMPANY_MIN) {
            throw TextRules.unexpected(text, text.length(), rule);
        }
        if (text.startsWith(NO_COMPANY, from)) {
            throw new InvalidIdentifierException(
                    text, from, "00000", "numbers that start with it are GTIN-8s and belong to the root, " + ROOT);
        }
        return text.substring(from);
    }

    @Override
    public Optional<String> parent(String prefix) {
        if (prefix.equals(ROOT)) {
            return Optional.empty();
        }
        return Optional.of(prefix.length() == COMPANY_MIN ? ROOT : prefix.substring(0, prefix.length() - 1));
    }

    @Override
    public List<String> startsOfIdentifiers(String prefix) {
        return prefix.equals(ROOT)
                ? List.of("")
                : Arrays.stream(Gs1Key.values())
                        .flatMap(key -> key.starts(prefix).map(start -> START + key.ai() + "/" + start))
                        .toList();
    }

    @Override
    public List<String> startsOfPrefixesBelow(String prefix) {
        return List.of(prefix.equals(ROOT) ? "" : prefix);
    }
}
