package org.waymark.identifier;

import java.util.List;
import java.util.Optional;

/**
 * One scheme's rules. Texts come in whole and plain (see {@link TextRules#requirePlain}), so that positions in errors are
 * positions in what the user wrote. Implementations have no state.
 */
interface Grammar {

    /** An identifier, taken apart: canonical text, the longest possible prefix in canonical form, and the suffix. */
    record Parts(String canonical, String prefix, String suffix) {}

    /** Reads an identifier in any form that the scheme knows. */
    Parts identifier(String text);

    /** Reads the prefix that starts at {@code from} and goes to the end; gives its canonical text. */
    String prefix(String text, int from);

    /** The next shorter prefix of the ladder, or nothing above the root. Takes a canonical prefix. */
    Optional<String> parent(String prefix);

    /** See {@link Prefix#startsOfIdentifiers()}. Takes a canonical prefix. */
    List<String> startsOfIdentifiers(String prefix);

    /** See {@link Prefix#startsOfPrefixesBelow()}. Takes a canonical prefix. */
    List<String> startsOfPrefixesBelow(String prefix);

    static Grammar of(Scheme scheme) {
        return switch (scheme) {
            case VAA -> VaaGrammar.INSTANCE;
            case HANDLE -> HandleGrammar.INSTANCE;
            case GS1 -> Gs1Grammar.INSTANCE;
            case OID -> OidGrammar.INSTANCE;
            case ECODE -> EcodeGrammar.INSTANCE;
            case MA -> MaGrammar.INSTANCE;
            case BID -> BidGrammar.INSTANCE;
        };
    }
}
