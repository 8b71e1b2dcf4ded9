package org.waymark.node.endpoint.http.gs1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.waymark.identifier.Gs1Keys;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Scheme;

/**
 * The path of a GS1 Digital Link (GS1 Digital Link: URI Syntax), uncompressed: {@code /01/09506000164908/21/12345}, with or without a
 * stem in front and a slash at the end. Immutable.
 *
 * @param stem what stands in front of the key, as it was sent: empty, or a slash and segments
 * @param levels the identifier itself, then with one qualifier less each, down to the key alone
 */
public record Gs1Path(String stem, List<Identifier> levels) {

    /** Makes a link of a path for the grammar; what positions in its errors are counted from. */
    private static final String ANY_HOST = "https://h";

    /** A first segment like these is the prefix of another scheme's identifier, whose suffix may look like a key. */
    private static final Pattern OTHER_SCHEME = Pattern.compile("[0-9]+|.*[.:|%].*");

    public Gs1Path {
        levels = List.copyOf(levels);
    }

    /** A path that is a Digital Link's, but a wrong one. */
    public static final class MalformedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final int offset;

        private MalformedException(String message, int offset) {
            super(message);
            this.offset = offset;
        }

        /** Where in the path, from 0. */
        public int offset() {
            return offset;
        }
    }

    /**
     * Reads a path.
     *
     * @param rawPath as it was sent: it begins with a slash, and is percent-encoded
     * @return empty: it is no Digital Link's
     * @throws MalformedException if it names a key, but breaks the rules of it or of its qualifiers
     */
    public static Optional<Gs1Path> parse(String rawPath) throws MalformedException {
        String path =
                rawPath.length() > 1 && rawPath.endsWith("/") ? rawPath.substring(0, rawPath.length() - 1) : rawPath;
        int keyAt = keyAt(path);
        if (keyAt < 0) {
            return Optional.empty();
        }
        try {
            Identifier identifier = Identifier.parse(Scheme.GS1, ANY_HOST + path);
            requireOrder(path, keyAt, identifier);
            return Optional.of(new Gs1Path(path.substring(0, keyAt), levels(identifier)));
        } catch (InvalidIdentifierException e) {
            int offset = Math.max(0, e.position() - ANY_HOST.length());
            throw new MalformedException(e.problem() + " at offset " + offset + "; " + e.rule(), offset);
        }
    }

    /** Where the slash before the key is; negative where the path has none. */
    private static int keyAt(String path) {
        int firstEnd = path.indexOf('/', 1);
        if (firstEnd < 0) {
            return -1;
        }
        String first = path.substring(1, firstEnd);
        if (Gs1Keys.isKey(first)) {
            // Also where something in between is wrong: nothing else begins like this.
            int inner = lastPairs(path);
            return inner < 0 ? 0 : inner;
        }
        return OTHER_SCHEME.matcher(first).matches() ? -1 : lastPairs(path);
    }

    /** The slash before the key that the pairs at the end of the path lead to. */
    private static int lastPairs(String path) {
        int end = path.length();
        while (true) {
            int valueAt = path.lastIndexOf('/', end - 1);
            int aiAt = valueAt <= 0 ? -1 : path.lastIndexOf('/', valueAt - 1);
            if (aiAt < 0) {
                return -1;
            }
            String ai = path.substring(aiAt + 1, valueAt);
            if (Gs1Keys.isKey(ai)) {
                return aiAt;
            }
            if (!Gs1Keys.isQualifier(ai)) {
                return -1;
            }
            end = aiAt;
        }
    }

    /** The grammar takes qualifiers in any order; in a link it is part of the syntax. */
    private static void requireOrder(String path, int keyAt, Identifier identifier) throws MalformedException {
        String[] sent = path.substring(keyAt + 1).split("/");
        String[] right = identifier.suffix().split("/");
        int at = keyAt + 1;
        for (int i = 0; i < sent.length; i++) {
            if (i % 2 == 0 && !sent[i].equals(right[i])) {
                throw new MalformedException(
                        "(" + sent[i] + ") at offset " + at + " out of order; here comes (" + right[i] + ")", at);
            }
            at += sent[i].length() + 1;
        }
    }

    private static List<Identifier> levels(Identifier identifier) {
        List<Identifier> levels = new ArrayList<>();
        String text = identifier.canonical();
        while (true) {
            levels.add(Identifier.parse(Scheme.GS1, text));
            int valueAt = text.lastIndexOf('/');
            int aiAt = text.lastIndexOf('/', valueAt - 1);
            if (aiAt < 0) {
                return levels;
            }
            text = text.substring(0, aiAt);
        }
    }

    /** What the link names. */
    public Identifier identifier() {
        return levels.get(0);
    }

    /** The link of one of the levels in its canonical form, as a path. */
    String pathOf(Identifier level) {
        return stem + "/" + level.suffix();
    }
}
