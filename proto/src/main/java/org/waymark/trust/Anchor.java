package org.waymark.trust;

import org.waymark.identifier.Prefix;

/**
 * Where trust starts: a prefix and the id of a key in its self-signed prefix record. As text
 * {@code vaa:88.118#<64 hexadecimal digits>}. Immutable.
 */
public record Anchor(Prefix prefix, KeyId keyId) {

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException if it is not {@code scheme:prefix#key-id}; the message says which part is wrong
     */
    public static Anchor parse(String text) {
        int hash = text.indexOf('#');
        if (hash < 0) {
            throw new IllegalArgumentException(
                    "an anchor is written PREFIX#KEY-ID, as in vaa:88.118#9f86...; there is no #");
        }
        return new Anchor(Prefix.parse(text.substring(0, hash)), KeyId.parse(text.substring(hash + 1)));
    }

    @Override
    public String toString() {
        return prefix.text() + "#" + keyId;
    }
}
