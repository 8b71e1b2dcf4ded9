package org.waymark.identifier;

import java.text.Normalizer;
import java.util.List;
import java.util.Optional;

/**
 * {@code naming-authority/local-name} (RFC 3651), DOI names (ISO 26324) among them; {@code hdl:} or {@code doi:} may stand in
 * front. The naming authority is of segments of ASCII letters, digits, hyphens and underscores, and folds to upper case. The
 * local name is case-sensitive, save under {@code 10}: DOI names that differ only in the case of ASCII letters are one name,
 * so theirs fold to upper case.
 *
 * <p>Naming authorities under {@code 88} and {@code MA} are refused: texts like these are VAA and MA.
 */
final class HandleGrammar implements Grammar {

    static final HandleGrammar INSTANCE = new HandleGrammar();
    static final String HDL = "hdl:";
    static final String DOI = "doi:";

    private static final String DOI_ROOT = "10";
    private static final String RULE = "a handle is naming-authority/local-name";

    private HandleGrammar() {}

    @Override
    public Parts identifier(String text) {
        boolean doi = TextRules.startsWith(text, 0, DOI);
        int from = doi ? DOI.length() : TextRules.startsWith(text, 0, HDL) ? HDL.length() : 0;
        int slash = text.indexOf('/', from);
        if (slash < 0) {
            throw new InvalidIdentifierException(text, text.length(), "no '/' and local name", RULE);
        }
        String prefix = prefix(text, from, slash);
        boolean foldsCase = DottedPrefix.isUnder(prefix, 0, prefix.length(), DOI_ROOT);
        if (doi && !foldsCase) {
            throw new InvalidIdentifierException(text, from, "first segment other than 10", "DOI names start with 10.");
        }
        String suffix = TextRules.suffix(text, slash + 1);
        if (foldsCase) {
            // Upper case may compose with a mark where lower case did not: i and U+0307 give U+0130.
            suffix = Normalizer.normalize(TextRules.upper(suffix), Normalizer.Form.NFC);
        }
        return new Parts(TextRules.requireIdentifierSize(text, prefix + "/" + suffix), prefix, suffix);
    }

    @Override
    public String prefix(String text, int from) {
        return prefix(text, from, text.length());
    }

    private static String prefix(String text, int from, int to) {
        if (DottedPrefix.isUnder(text, from, to, VaaGrammar.ROOT)
                || DottedPrefix.isUnder(text, from, to, MaGrammar.ROOT)) {
            throw new InvalidIdentifierException(
                    text, from, "naming authority of another scheme", "88 belongs to VAA, and MA to MA identifiers");
        }
        return DottedPrefix.parse(text, from, to, "-_");
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
