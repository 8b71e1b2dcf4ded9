package org.waymark.identifier;

import java.util.List;
import java.util.Optional;

/**
 * {@code MA.segments/suffix}, or {@code MA.segments} where the last segment is the suffix (ISO/IEC 15459 with the issuing
 * agency code MA). Segments of the prefix are of ASCII letters and digits and fold to upper case; the suffix is kept.
 */
final class MaGrammar implements Grammar {

    static final MaGrammar INSTANCE = new MaGrammar();
    static final String ROOT = "MA";

    private static final String RULE = "an MA identifier is MA.segments/suffix or MA.segments";

    private MaGrammar() {}

    @Override
    public Parts identifier(String text) {
        int slash = text.indexOf('/');
        int separator = slash < 0 ? text.lastIndexOf('.') : slash;
        if (separator < 0) {
            throw new InvalidIdentifierException(text, text.length(), "no '.' and segment", RULE);
        }
        String prefix = prefix(text, 0, separator);
        if (slash >= 0 && prefix.equals(ROOT)) {
            throw new InvalidIdentifierException(text, slash, "suffix right under MA", RULE);
        }
        String suffix = TextRules.suffix(text, separator + 1);
        return new Parts(
                TextRules.requireIdentifierSize(text, prefix + text.charAt(separator) + suffix), prefix, suffix);
    }

    @Override
    public String prefix(String text, int from) {
        return prefix(text, from, text.length());
    }

    private static String prefix(String text, int from, int to) {
        if (!DottedPrefix.isUnder(text, from, to, ROOT)) {
            throw new InvalidIdentifierException(text, from, "first segment other than MA", RULE);
        }
        return DottedPrefix.parse(text, from, to, "");
    }

    @Override
    public Optional<String> parent(String prefix) {
        return DottedPrefix.parent(prefix);
    }

    @Override
    public List<String> startsOfIdentifiers(String prefix) {
        return List.of(prefix + ".", prefix + "/");
    }

    @Override
    public List<String> startsOfPrefixesBelow(String prefix) {
        return List.of(prefix + ".");
    }
}
