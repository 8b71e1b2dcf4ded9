package org.waymark.node.web;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Header fields of an answer, encoded once and written as they are. Immutable, so that an answer's usual fields may be made when
 * the node starts.
 */
public final class Headers {

    /** No fields. */
    public static final Headers NONE = new Headers(List.of());

    /** Name, value, name, value ... */
    private final List<String> fields;

    private final byte[] encoded;

    private Headers(List<String> fields) {
        this.fields = fields;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < fields.size(); i += 2) {
            text.append(fields.get(i)).append(": ").append(fields.get(i + 1)).append("\r\n");
        }
        this.encoded = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * These fields.
     *
     * @param namesAndValues name, value, name, value ...
     * @throws IllegalArgumentException if a name is not a token, or a value has anything but visible ASCII, spaces and tabs, so that
     *     no text from outside can start another field
     */
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a header field has a name and a value");
        }
        for (int i = 0; i < namesAndValues.length; i += 2) {
            require(namesAndValues[i], namesAndValues[i + 1]);
        }
        return namesAndValues.length == 0 ? NONE : new Headers(List.of(namesAndValues));
    }

    /** These fields and one more. */
    public Headers with(String name, String value) {
        require(name, value);
        List<String> more = new ArrayList<>(fields);
        more.add(name);
        more.add(value);
        return new Headers(List.copyOf(more));
    }

    /** The value of the first field of this name, in any case. */
    public Optional<String> first(String name) {
        for (int i = 0; i < fields.size(); i += 2) {
            if (fields.get(i).equalsIgnoreCase(name)) {
                return Optional.of(fields.get(i + 1));
            }
        }
        return Optional.empty();
    }

    /** The fields as they go out, each with its line end. Not to be changed. */
    byte[] encoded() {
        return encoded;
    }

    private static void require(String name, String value) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a header field has a name");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isTokenChar(name.charAt(i))) {
                throw new IllegalArgumentException("not the name of a header field: " + name);
            }
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c > '~') {
                throw new IllegalArgumentException("the header field " + name + " has the character U+"
                        + Integer.toHexString(c) + " at " + i + "; visible ASCII, spaces and tabs are allowed");
            }
        }
    }

    /** RFC 9110, section 5.6.2. */
    static boolean isTokenChar(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /** For people: one field after the other. */
    @Override
    public String toString() {
        return new String(encoded, StandardCharsets.ISO_8859_1);
    }
}
