package org.waymark.identifier;

import java.util.List;
import java.util.Optional;

/**
 * {@code version|NSI|MD} (GB/T 31866): one digit of version, the number system identifier of 4 or 5 digits, and the master
 * data code, which the number system defines and which is therefore kept as it is. The prefix is {@code version|NSI}.
 */
final class EcodeGrammar implements Grammar {

    static final EcodeGrammar INSTANCE = new EcodeGrammar();
    static final String ROOT = "ecode";

    private static final int NSI_FROM = 2;
    private static final String RULE =
            "an Ecode is version|NSI|MD: a version of one digit, an NSI of 4 or 5 digits, and the master data code";

    private EcodeGrammar() {}

    @Override
    public Parts identifier(String text) {
        int end = prefixEnd(text, 0);
        if (end == text.length() || text.charAt(end) != '|') {
            throw TextRules.unexpected(text, end, RULE);
        }
        String prefix = text.substring(0, end);
        String suffix = TextRules.suffix(text, end + 1);
        return new Parts(TextRules.requireIdentifierSize(text, prefix + "|" + suffix), prefix, suffix);
    }

    @Override
    public String prefix(String text, int from) {
        if (text.substring(from).equals(ROOT)) {
            return ROOT;
        }
        int end = prefixEnd(text, from);
        if (end < text.length()) {
            throw TextRules.unexpected(text, end, "an Ecode prefix is version|NSI, or " + ROOT + " for the root");
        }
        return text.substring(from);
    }

    /** Where {@code version|NSI} ends: at the text's end, or at the first character that does not belong to it. */
    private static int prefixEnd(String text, int from) {
        if (from == text.length() || !TextRules.isDigit(text.charAt(from))) {
            throw TextRules.unexpected(text, from, RULE);
        }
        if (from + 1 == text.length() || text.charAt(from + 1) != '|') {
            throw TextRules.unexpected(text, from + 1, RULE);
        }
        int at = from + NSI_FROM;
        while (at < text.length() && at < from + NSI_FROM + 5 && TextRules.isDigit(text.charAt(at))) {
            at++;
        }
        if (at < from + NSI_FROM + 4) {
            throw TextRules.unexpected(text, at, RULE);
        }
        return at;
    }

    @Override
    public Optional<String> parent(String prefix) {
        return prefix.equals(ROOT) ? Optional.empty() : Optional.of(ROOT);
    }

    @Override
    public List<String> startsOfIdentifiers(String prefix) {
        return List.of(prefix.equals(ROOT) ? "" : prefix + "|");
    }

    @Override
    public List<String> startsOfPrefixesBelow(String prefix) {
        return prefix.equals(ROOT) ? List.of("") : List.of();
    }
}
