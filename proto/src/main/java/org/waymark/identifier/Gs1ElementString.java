package org.waymark.identifier;

import java.util.ArrayList;
import java.util.List;

/**
 * Element strings as people read them: {@code (01)09506000164908(21)12345}, in any order. A parenthesis that opens inside a
 * value is written {@code \(}.
 */
final class Gs1ElementString {

    private static final String RULE =
            "an element string is made of application identifiers of 2 to 4 digits in parentheses,"
                    + " each followed by its value";

    private Gs1ElementString() {}

    static List<Gs1Element> parse(String text) {
        List<Gs1Element> elements = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int open = at;
            int close = open + 1;
            while (close < text.length() && TextRules.isDigit(text.charAt(close))) {
                close++;
            }
            if (close == text.length() || text.charAt(close) != ')' || close - open < 3 || close - open > 5) {
                throw TextRules.unexpected(text, close, RULE);
            }
            Gs1Value value = new Gs1Value(text, close + 1);
            at = readValue(text, close + 1, value);
            elements.add(new Gs1Element(text.substring(open + 1, close), open, value));
        }
        return elements;
    }

    private static int readValue(String text, int from, Gs1Value value) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '(') {
            boolean escape = text.startsWith("\\(", at);
            int next = escape ? at + 2 : at + 1;
            value.addPlain(escape ? at + 1 : at, next);
            at = next;
        }
        return at;
    }
}
