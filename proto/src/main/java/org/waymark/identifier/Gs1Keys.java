package org.waymark.identifier;

import java.util.List;
import java.util.stream.Stream;

/** Which application identifiers may stand in the path of a GS1 Digital Link (GS1 Digital Link: URI Syntax). */
public final class Gs1Keys {

    private static final List<String> KEYS =
            Stream.of(Gs1Key.values()).map(Gs1Key::ai).toList();

    private Gs1Keys() {}

    /** The application identifiers of all keys that a link may start with, such as {@code 01}, in ascending order of their texts. */
    public static List<String> keys() {
        return KEYS;
    }

    /** True for the application identifier of a key. */
    public static boolean isKey(String ai) {
        return KEYS.contains(ai);
    }

    /** True for an application identifier that may follow a key. */
    public static boolean isQualifier(String ai) {
        return Gs1Key.isQualifier(ai);
    }
}
