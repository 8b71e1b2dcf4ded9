package org.waymark.identifier;

import java.util.List;
import java.util.Optional;

/**
 * {@code did:bid:[AC:]suffix}, the method {@code bid} of decentralised identifiers. The AC code (of a chain) is 4 ASCII
 * letters and digits. The suffix starts with the type of key ({@code e} Ed25519, {@code z} SM2, {@code s} secp256k1) and the
 * encoding ({@code f} Base58, {@code s} Base64, {@code t} Bech32), whose alphabet the rest keeps. Everything is
 * case-sensitive, and nothing is folded. Under {@code did:bid}, the AC code is the only step of the ladder.
 */
final class BidGrammar implements Grammar {

    static final BidGrammar INSTANCE = new BidGrammar();
    static final String ROOT = "did:bid";
    static final String START = ROOT + ":";

    private static final int MIN_CHARS = 32;
    private static final int MAX_CHARS = 57;
    private static final int AC_CHARS = 4;
    private static final String KEY_TYPES = "ezs";
    private static final String ENCODINGS = "fst";
    private static final String BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    private static final String BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l1";
    private static final String RULE =
            "a BID is did:bid:, an optional AC code of 4 letters and digits with ':', the type of key"
                    + " (e, z or s), the encoding (f, s or t) and the encoded rest, " + MIN_CHARS + " to " + MAX_CHARS
                    + " characters in all";

    private BidGrammar() {}

    @Override
    public Parts identifier(String text) {
        if (text.length() > MAX_CHARS) {
            throw new InvalidIdentifierException(text, MAX_CHARS, "too long", RULE);
        }
        if (!text.startsWith(START)) {
            throw new InvalidIdentifierException(text, 0, "other start than did:bid:", RULE);
        }
        int from = START.length();
        String prefix = ROOT;
        int colon = text.indexOf(':', from);
        if (colon >= 0) {
            requireAcCode(text, from, colon);
            prefix = text.substring(0, colon);
            from = colon + 1;
        }
        requireOneOf(text, from, KEY_TYPES, "the type of key is e, z or s");
        requireOneOf(text, from + 1, ENCODINGS, "the encoding is f, s or t");
        requireAlphabet(text, from + 1);
        if (text.length() < MIN_CHARS) {
            throw new InvalidIdentifierException(text, text.length(), "too short, end", RULE);
        }
        return new Parts(text, prefix, text.substring(from));
    }

    private static void requireAlphabet(String text, int encodingAt) {
        char encoding = text.charAt(encodingAt);
        String alphabet = encoding == 'f' ? BASE58 : encoding == 's' ? BASE64 : BECH32;
        String name = encoding == 'f' ? "Base58" : encoding == 's' ? "Base64" : "Bech32";
        for (int at = encodingAt + 1; at < text.length(); at++) {
            requireOneOf(
                    text, at, alphabet, "the encoding " + encoding + " is " + name + ", whose alphabet is " + alphabet);
            if (text.charAt(at) == '=' && !(text.length() - at == 1 || text.length() - at == 2 && text.endsWith("="))) {
                throw new InvalidIdentifierException(
                        text, at, "'=' inside", "padding of Base64 is at the end, at most 2");
            }
        }
    }

    private static void requireOneOf(String text, int at, String allowed, String rule) {
        if (at >= text.length() || allowed.indexOf(text.charAt(at)) < 0) {
            throw TextRules.unexpected(text, at, rule);
        }
    }

    private static void requireAcCode(String text, int from, int to) {
        String rule = "an AC code is " + AC_CHARS + " ASCII letters and digits";
        for (int at = from; at < to; at++) {
            if (!TextRules.isLetterOrDigit(text.charAt(at))) {
                throw TextRules.unexpected(text, at, rule);
            }
        }
        if (to - from != AC_CHARS) {
            throw new InvalidIdentifierException(text, from, "AC code of " + (to - from) + " characters", rule);
        }
    }

    @Override
    public String prefix(String text, int from) {
        String prefix = text.substring(from);
        if (!prefix.equals(ROOT)) {
            if (!prefix.startsWith(START)) {
                throw new InvalidIdentifierException(
                        text, from, "other start than did:bid:", "a BID prefix is did:bid or did:bid: and an AC code");
            }
            requireAcCode(text, from + START.length(), text.length());
        }
        return prefix;
    }

    @Override
    public Optional<String> parent(String prefix) {
        return prefix.equals(ROOT) ? Optional.empty() : Optional.of(ROOT);
    }

    @Override
    public List<String> startsOfIdentifiers(String prefix) {
        return List.of(prefix + ":");
    }

    @Override
    public List<String> startsOfPrefixesBelow(String prefix) {
        return prefix.equals(ROOT) ? List.of(START) : List.of();
    }
}
