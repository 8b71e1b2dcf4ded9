package org.waymark.identifier;

import java.util.List;
import java.util.Optional;

/**
 * {@code 88.segments/suffix}. Segments are of ASCII letters and digits (digits mostly, or a social credit code) and fold to
 * upper case; any number of them. The suffix is free text in NFC, case-sensitive, and may hold {@code :} and {@code /}.
 */
final class VaaGrammar implements Grammar {

    static final VaaGrammar INSTANCE = new VaaGrammar();
    static final String ROOT = "88";

    private static final String RULE = "a VAA identifier is 88.segments/suffix";

    private VaaGrammar() {}

    @Override
    public Parts identifier(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new InvalidIdentifierException(text, text.length(), "no '/' and suffix", RULE);
        }
        String prefix = prefix(text, 0, slash);
        String suffix = TextRules.suffix(text, slash + 1);
        return new Parts(TextRules.requireIdentifierSize(text, prefix + "/" + suffix), prefix, suffix);
    }

    @Override
    public String prefix(String text, int from) {
        return prefix(text, from, text.length());
    }

    private static String prefix(String text, int from, int to) {
        if (!DottedPrefix.isUnder(text, from, to, ROOT)) {
            throw new InvalidIdentifierException(text, from, "first segment other than 88", RULE);
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
