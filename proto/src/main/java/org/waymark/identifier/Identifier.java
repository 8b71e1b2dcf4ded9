package org.waymark.identifier;

import java.util.List;

/**
 * An identifier of one of the schemes, in canonical form. Equal when scheme and canonical text are. Immutable.
 *
 * <p>A canonical text belongs to one scheme only. {@link #parse(String)} tells the scheme in this order:
 *
 * <ol>
 *   <li>{@code did:bid:} in front: BID
 *   <li>{@code gs1:}, {@code urn:epc:}, {@code http://}, {@code https://} or {@code (} in front, or digits only: GS1
 *   <li>{@code urn:oid:} in front: OID
 *   <li>{@code hdl:} or {@code doi:} in front: Handle
 *   <li>{@code MA.} in front: MA
 *   <li>{@code 88.} or {@code 88/} in front: VAA, always
 *   <li>a {@code |} before the first {@code /}: Ecode
 *   <li>a {@code /}: Handle
 *   <li>digits and dots: OID
 * </ol>
 *
 * <p>In all schemes, control, format and unassigned characters, lone surrogates, the replacement character U+FFFD and every kind
 * of white space are refused, also inside a suffix: none can be told apart by eye, and some get lost on the way. So are more than 30 combining marks in a
 * row. Case folds in the prefixes of VAA, Handle and MA, and in DOI names; suffixes are normalised to NFC. Neither the text as
 * it is given nor the canonical one may have more than {@link org.waymark.Limits#IDENTIFIER_BYTES} bytes of UTF-8.
 */
public final class Identifier {

    private final Scheme scheme;
    private final String canonical;
    private final Prefix prefix;
    private final String suffix;

    private Identifier(Scheme scheme, Grammar.Parts parts) {
        this.scheme = scheme;
        this.canonical = parts.canonical();
        this.prefix = new Prefix(scheme, parts.prefix());
        this.suffix = parts.suffix();
    }

    /**
     * Reads an identifier of any scheme, in any form that its grammar knows.
     *
     * @throws InvalidIdentifierException if no scheme fits, or the text breaks the rules of the one that does
     */
    public static Identifier parse(String text) {
        TextRules.requirePlain(text);
        Scheme scheme = schemeOf(text);
        return new Identifier(scheme, Grammar.of(scheme).identifier(text));
    }

    /**
     * Reads an identifier of this scheme, in any form that its grammar knows.
     *
     * @throws InvalidIdentifierException if it is not one
     */
    public static Identifier parse(Scheme scheme, String text) {
        TextRules.requirePlain(text);
        return new Identifier(scheme, Grammar.of(scheme).identifier(text));
    }

    /** True if the text is an identifier of this scheme in canonical form, byte for byte. */
    public static boolean isCanonical(Scheme scheme, String text) {
        try {
            return parse(scheme, text).canonical.equals(text);
        } catch (InvalidIdentifierException e) {
            return false;
        }
    }

    private static Scheme schemeOf(String text) {
        if (text.startsWith(BidGrammar.START)) {
            return Scheme.BID;
        }
        if (Gs1Grammar.isGs1(text)) {
            return Scheme.GS1;
        }
        if (TextRules.startsWith(text, 0, OidGrammar.URN)) {
            return Scheme.OID;
        }
        if (TextRules.startsWith(text, 0, HandleGrammar.HDL) || TextRules.startsWith(text, 0, HandleGrammar.DOI)) {
            return Scheme.HANDLE;
        }
        if (TextRules.startsWith(text, 0, MaGrammar.ROOT + ".")) {
            return Scheme.MA;
        }
        if (text.startsWith(VaaGrammar.ROOT + ".") || text.startsWith(VaaGrammar.ROOT + "/")) {
            return Scheme.VAA;
        }
        int slash = text.indexOf('/');
        int bar = text.indexOf('|');
        if (bar >= 0 && (slash < 0 || bar < slash)) {
            return Scheme.ECODE;
        }
        if (slash >= 0) {
            return Scheme.HANDLE;
        }
        if (text.indexOf('.') > 0 && TextRules.isDigit(text.charAt(0))) {
            return Scheme.OID;
        }
        throw new InvalidIdentifierException(
                text,
                0,
                "no known scheme",
                "known are VAA (88.118.8/x), Handle (20.500/x), GS1, OID, Ecode, MA and BID");
    }

    public Scheme scheme() {
        return scheme;
    }

    /** The longest possible prefix, first of the ladder. */
    public Prefix prefix() {
        return prefix;
    }

    /**
     * What the prefix does not say: the text after {@code /} (VAA, Handle, MA), the last arc (OID) or segment (MA without
     * {@code /}), the master data code (Ecode), what follows the AC code (BID). A GS1 key has its prefix among its digits, so
     * its suffix is the whole key with its qualifiers, without {@code gs1:}.
     */
    public String suffix() {
        return suffix;
    }

    /** The one text that stands for this identifier in records, requests and caches. */
    public String canonical() {
        return canonical;
    }

    /** All prefixes that may own this identifier, longest first, the scheme's root last. */
    public List<Prefix> ladder() {
        return prefix.ladder();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Identifier identifier
                && scheme == identifier.scheme
                && canonical.equals(identifier.canonical);
    }

    @Override
    public int hashCode() {
        return 31 * scheme.code() + canonical.hashCode();
    }

    /** The canonical text. */
    @Override
    public String toString() {
        return canonical;
    }
}
