package org.waymark.node;

import java.util.List;
import java.util.Locale;

/**
 * One thing that can be configured. Immutable.
 *
 * @param path its section and its name, such as {@code nearCache.maxBytes}
 * @param defaults the texts that hold where nothing is set: one, or any number for a list
 * @param isList written as a YAML list, or with commas
 * @param isSecret may hold a password
 * @param parser reads the texts
 */
record ConfigKey<T>(
        String path, List<String> defaults, boolean isList, boolean isSecret, Parser<List<String>, T> parser) {

    /** Reads a value. */
    @FunctionalInterface
    interface Parser<F, T> {
        /**
         * @throws IllegalArgumentException whose message says what is allowed
         */
        T parse(F from);
    }

    static <T> ConfigKey<T> of(String path, String defaultText, Parser<String, T> parser) {
        return new ConfigKey<>(path, List.of(defaultText), false, false, texts -> parser.parse(texts.get(0)));
    }

    static <T> ConfigKey<T> secret(String path, String defaultText, Parser<String, T> parser) {
        return new ConfigKey<>(path, List.of(defaultText), false, true, texts -> parser.parse(texts.get(0)));
    }

    /** A list that is empty by default. */
    static <T> ConfigKey<List<T>> list(String path, Parser<String, T> parser) {
        return list(path, List.of(), parser);
    }

    /** A list of at most so many that is empty by default. */
    static <T> ConfigKey<List<T>> list(String path, int most, Parser<String, T> parser) {
        return new ConfigKey<>(path, List.of(), true, false, texts -> {
            if (texts.size() > most) {
                throw new IllegalArgumentException("at most " + most + " are allowed, not " + texts.size());
            }
            return texts.stream().map(parser::parse).toList();
        });
    }

    static <T> ConfigKey<List<T>> list(String path, List<String> defaults, Parser<String, T> parser) {
        return new ConfigKey<>(
                path,
                defaults,
                true,
                false,
                texts -> texts.stream().map(parser::parse).toList());
    }

    /** {@code nearCache} for {@code nearCache.maxBytes}. */
    String section() {
        return path.substring(0, path.indexOf('.'));
    }

    /** {@code maxBytes} for {@code nearCache.maxBytes}. */
    String name() {
        return path.substring(path.indexOf('.') + 1);
    }

    /** {@code WAYMARK_NEARCACHE_MAXBYTES} for {@code nearCache.maxBytes}. */
    String variable() {
        return ConfigKeys.VARIABLE_PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }
}
