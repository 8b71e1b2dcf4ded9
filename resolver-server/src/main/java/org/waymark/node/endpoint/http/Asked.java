package org.waymark.node.endpoint.http;

import java.util.Optional;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.node.web.PercentEncoding;
import org.waymark.node.web.Problem;
import org.waymark.node.web.WebRequest;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * What a path asks for: the text after its first slash, percent-decoded once, is an identifier in any form that its grammar knows,
 * else a prefix ({@code 88.118.8}, {@code oid:1.2.156}). The parameter {@code kind} decides where a text is both, such as {@code
 * 88.118} of an OID-like scheme.
 *
 * @param key of the canonical text
 * @param text the canonical text as a path has it: a prefix with its scheme's tag
 * @param isCanonical the path had that text
 */
record Asked(RecordKey key, String text, boolean isCanonical) {

    /**
     * @throws org.waymark.node.web.ProblemException (400) if it is no identifier and no prefix
     */
    static Asked of(WebRequest request) {
        Optional<String> kind = request.query("kind");
        return of(request.rest(), kind.orElse(""));
    }

    static Asked of(String rawText, String kind) {
        String text;
        try {
            text = PercentEncoding.decode(rawText);
        } catch (PercentEncoding.MalformedException e) {
            throw Problem.of(400, "The path can't be read")
                    .detail(e.getMessage())
                    .at("path", e.offset() + 1L)
                    .exception();
        }
        try {
            return switch (kind) {
                case "" -> either(text);
                case "item" -> item(Identifier.parse(text), text);
                case "prefix" -> prefix(Prefix.parse(text), text);
                default ->
                    throw Problem.of(400, "The parameter kind is unknown")
                            .detail("It is item or prefix.")
                            .with("field", "kind")
                            .exception();
            };
        } catch (InvalidIdentifierException e) {
            throw notAnIdentifier(e);
        }
    }

    private static Asked either(String text) {
        try {
            return item(Identifier.parse(text), text);
        } catch (InvalidIdentifierException noItem) {
            try {
                return prefix(Prefix.parse(text), text);
            } catch (InvalidIdentifierException noPrefix) {
                throw noItem;
            }
        }
    }

    private static Asked item(Identifier identifier, String text) {
        RecordKey key = RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical());
        return new Asked(key, identifier.canonical(), identifier.canonical().equals(text));
    }

    private static Asked prefix(Prefix prefix, String text) {
        RecordKey key = RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
        return new Asked(key, prefix.text(), prefix.text().equals(text));
    }

    private static RuntimeException notAnIdentifier(InvalidIdentifierException e) {
        return Problem.of(400, "This is no identifier")
                .detail(e.getMessage())
                .at("identifier", e.position())
                .exception();
    }

    /** The canonical path, with {@code kind} where it would be read as an item otherwise. */
    String path() {
        String path = "/" + PercentEncoding.encodePath(text);
        return key.kind() == RecordKind.PREFIX ? path + "?kind=prefix" : path;
    }
}
