package org.waymark.identifier;

import java.util.List;
import java.util.Optional;

/**
 * Object identifiers in dotted notation (ITU-T X.660, ISO/IEC 9834-1); {@code urn:oid:} (RFC 3061) may stand in front. The
 * suffix is the last arc, the prefix the arcs above it: an identifier has two arcs at least, a prefix one.
 */
final class OidGrammar implements Grammar {

    static final OidGrammar INSTANCE = new OidGrammar();
    static final String URN = "urn:oid:";

    private static final String RULE = "arcs are decimal numbers without leading zeros, separated by dots;"
            + " the first is 0, 1 or 2, and below 0 and 1 the second is at most 39";

    private OidGrammar() {}

    @Override
    public Parts identifier(String text) {
        int from = TextRules.startsWith(text, 0, URN) ? URN.length() : 0;
        requireArcs(text, from);
        int dot = text.lastIndexOf('.');
        if (dot < from) {
            throw new InvalidIdentifierException(text, text.length(), "only one arc", "an OID has at least two arcs");
        }
        String prefix = TextRules.requirePrefixSize(text, text.substring(from, dot));
        return new Parts(text.substring(from), prefix, text.substring(dot + 1));
    }

    @Override
    public String prefix(String text, int from) {
        requireArcs(text, from);
        return TextRules.requirePrefixSize(text, text.substring(from));
    }

    private static void requireArcs(String text, int from) {
        int arc = 0;
        int start = from;
        for (int at = from; at <= text.length(); at++) {
            if (at < text.length() && text.charAt(at) != '.') {
                if (!TextRules.isDigit(text.charAt(at))) {
                    throw TextRules.unexpected(text, at, RULE);
                }
                continue;
            }
            if (at == start) {
                throw new InvalidIdentifierException(text, at, "empty arc", RULE);
            }
            if (text.charAt(start) == '0' && at - start > 1) {
                throw new InvalidIdentifierException(text, start, "leading zero", RULE);
            }
            if (arc == 0 && (at - start > 1 || text.charAt(start) > '2')) {
                throw new InvalidIdentifierException(text, start, "first arc over 2", RULE);
            }
            if (arc == 1 && text.charAt(from) < '2' && isOver39(text, start, at)) {
                throw new InvalidIdentifierException(text, start, "second arc over 39", RULE);
            }
            arc++;
            start = at + 1;
        }
    }

    private static boolean isOver39(String text, int start, int end) {
        return end - start > 2 || end - start == 2 && text.charAt(start) > '3';
    }

    @Override
    public Optional<String> parent(String prefix) {
        return DottedPrefix.parent(prefix);
    }

    @Override
    public List<String> startsOfIdentifiers(String prefix) {
        return List.of(prefix + ".");
    }

    @Override
    public List<String> startsOfPrefixesBelow(String prefix) {
        return List.of(prefix + ".");
    }
}
