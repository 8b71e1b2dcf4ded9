package org.waymark.node;

import java.util.List;

/**
 * What was set for a key, before it is read. Immutable.
 *
 * @param texts one, or any number for a list
 * @param origin where it was set, for people, such as {@code file waymark.yaml:3}
 */
record Setting(List<String> texts, String origin) {

    static final String DEFAULT = "default";

    Setting {
        texts = List.copyOf(texts);
    }

    /** From a text in which commas part the entries of a list. */
    static Setting ofText(ConfigKey<?> key, String text, String origin) {
        if (!key.isList()) {
            return new Setting(List.of(text.strip()), origin);
        }
        return new Setting(text.isBlank() ? List.of() : List.of(text.strip().split("\\s*,\\s*")), origin);
    }
}
