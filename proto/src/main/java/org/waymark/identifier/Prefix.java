package org.waymark.identifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a party is, and what owns identifiers: the front part of identifiers of one scheme, in canonical form. Equal when
 * scheme and canonical text are. Immutable.
 */
public final class Prefix {

    private final Scheme scheme;
    private final String canonical;

    /** Takes a canonical prefix. */
    Prefix(Scheme scheme, String canonical) {
        this.scheme = scheme;
        this.canonical = canonical;
    }

    /**
     * Reads a prefix with its scheme's tag in front, such as {@code vaa:88.118.8}, {@code hdl:20.500}, {@code
     * gs1:950600016490}, {@code oid:1.2.156}, {@code ecode:0|0001}, {@code ma:MA.156} or {@code bid:did:bid:ac01}. Without a
     * tag, VAA prefixes ({@code 88.118.8}) and the roots {@code gs1} and {@code ecode} are understood.
     *
     * @throws InvalidIdentifierException if it is not a prefix
     */
    public static Prefix parse(String text) {
        TextRules.requirePlain(text);
        if (text.equals(Gs1Grammar.ROOT)) {
            return new Prefix(Scheme.GS1, text);
        }
        if (text.equals(EcodeGrammar.ROOT)) {
            return new Prefix(Scheme.ECODE, text);
        }
        if (text.startsWith(VaaGrammar.ROOT)) {
            return new Prefix(Scheme.VAA, Grammar.of(Scheme.VAA).prefix(text, 0));
        }
        for (Scheme scheme : Scheme.values()) {
            if (text.startsWith(scheme.tag() + ":")) {
                return new Prefix(
                        scheme, Grammar.of(scheme).prefix(text, scheme.tag().length() + 1));
            }
        }
        throw new InvalidIdentifierException(
                text,
                0,
                "no scheme",
                "a prefix is written as scheme:prefix, where the scheme is one of vaa, hdl, gs1, oid, ecode, ma, bid");
    }

    /**
     * Reads a prefix of this scheme, without tag.
     *
     * @throws InvalidIdentifierException if it is not one
     */
    public static Prefix of(Scheme scheme, String text) {
        TextRules.requirePlain(text);
        return new Prefix(scheme, Grammar.of(scheme).prefix(text, 0));
    }

    public Scheme scheme() {
        return scheme;
    }

    /** The canonical text without tag: {@code 88.118.8}. This is what a record's key carries. */
    public String canonical() {
        return canonical;
    }

    /** The canonical text with its scheme's tag: {@code vaa:88.118.8}. */
    public String text() {
        return scheme.tag() + ":" + canonical;
    }

    /** The next shorter prefix that may own this one; nothing above the root. */
    public Optional<Prefix> parent() {
        return Grammar.of(scheme).parent(canonical).map(parent -> new Prefix(scheme, parent));
    }

    /** True where no prefix is above this one. */
    public boolean isRoot() {
        return Grammar.of(scheme).parent(canonical).isEmpty();
    }

    /** This prefix and all above it, longest first, the root last. */
    public List<Prefix> ladder() {
        List<Prefix> ladder = new ArrayList<>();
        Optional<Prefix> rung = Optional.of(this);
        while (rung.isPresent()) {
            ladder.add(rung.get());
            rung = rung.get().parent();
        }
        return List.copyOf(ladder);
    }

    /** True if the other one is this prefix, or lies below it. */
    public boolean covers(Prefix other) {
        if (scheme != other.scheme) {
            return false;
        }
        Grammar grammar = Grammar.of(scheme);
        Optional<String> rung = Optional.of(other.canonical);
        while (rung.isPresent() && !rung.get().equals(canonical)) {
            rung = grammar.parent(rung.get());
        }
        return rung.isPresent();
    }

    /** True if this prefix is on the identifier's ladder. */
    public boolean covers(Identifier identifier) {
        return covers(identifier.prefix());
    }

    /**
     * Where the identifiers that this prefix covers stand among all identifiers of its scheme: each of them starts, in canonical form,
     * with one of these texts. Few others do; {@link #covers(Identifier)} tells. The texts are in the order of their bytes, and none
     * starts with another. An empty text stands for all.
     */
    public List<String> startsOfIdentifiers() {
        return Grammar.of(scheme).startsOfIdentifiers(canonical);
    }

    /** The same for the prefixes below this one. This one itself may start so too. */
    public List<String> startsOfPrefixesBelow() {
        return Grammar.of(scheme).startsOfPrefixesBelow(canonical);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Prefix prefix && scheme == prefix.scheme && canonical.equals(prefix.canonical);
    }

    @Override
    public int hashCode() {
        return 31 * scheme.code() + canonical.hashCode();
    }

    /** The same as {@link #text()}. */
    @Override
    public String toString() {
        return text();
    }
}
