package org.waymark.identifier;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * GS1 Digital Link URIs: {@code https://any.host/any/path/01/09506000164908/21/12345}. Host and leading path say where the
 * link goes, and the query ({@code ?17=261231&linkType=...}) and fragment what is wanted or known of the thing: neither is a
 * part of the identifier, so both are left out. Compressed links are not read.
 */
final class Gs1DigitalLink {

    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";
    private static final String RULE = "a GS1 Digital Link ends with pairs of an application identifier and its value,"
            + " such as /01/09506000164908/21/12345";

    private Gs1DigitalLink() {}

    static boolean isLink(String text) {
        return TextRules.startsWith(text, 0, HTTPS) || TextRules.startsWith(text, 0, HTTP);
    }

    static List<Gs1Element> parse(String text) {
        int authority = TextRules.startsWith(text, 0, HTTPS) ? HTTPS.length() : HTTP.length();
        int end = authority;
        while (end < text.length() && text.charAt(end) != '?' && text.charAt(end) != '#') {
            end++;
        }
        int path = text.indexOf('/', authority);
        if (path == authority) {
            throw new InvalidIdentifierException(text, path, "no host", "a GS1 Digital Link has a host");
        }
        if (path < 0 || path > end) {
            throw new InvalidIdentifierException(text, end, "no path", RULE);
        }
        return parsePath(text, path + 1, end);
    }

    /**
     * Reads pairs from the end of a path until one is an identification key. So a leading path may hold anything, even what
     * looks like a key.
     */
    static List<Gs1Element> parsePath(String text, int from, int to) {
        List<Gs1Element> elements = new ArrayList<>();
        int end = to;
        while (true) {
            int valueFrom = Math.max(from, text.lastIndexOf('/', end - 1) + 1);
            int aiFrom = Math.max(from, text.lastIndexOf('/', valueFrom - 2) + 1);
            if (valueFrom == from) {
                throw new InvalidIdentifierException(text, from, "no identification key", RULE);
            }
            if (valueFrom == end) {
                throw new InvalidIdentifierException(text, end, "empty value", RULE);
            }
            String ai = text.substring(aiFrom, valueFrom - 1);
            boolean isKey = Gs1Key.ofAi(ai) != null;
            if (!isKey && !Gs1Key.isQualifier(ai)) {
                throw new InvalidIdentifierException(
                        text, aiFrom, "no application identifier of a key or a qualifier", RULE);
            }
            Gs1Value value = new Gs1Value(text, valueFrom).addPercentEncoded(valueFrom, end);
            elements.add(new Gs1Element(ai, aiFrom, value));
            if (isKey) {
                Collections.reverse(elements);
                return elements;
            }
            end = aiFrom - 1;
        }
    }
}
