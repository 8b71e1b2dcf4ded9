package org.waymark.node;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Says which known key an unknown one is nearest to. */
final class KnownKeys {

    private static final Set<String> SECTIONS =
            ConfigKeys.ALL.values().stream().map(ConfigKey::section).collect(Collectors.toUnmodifiableSet());

    private KnownKeys() {}

    static boolean isSection(String name) {
        return SECTIONS.contains(name);
    }

    static List<String> namesIn(String section) {
        return ConfigKeys.ALL.values().stream()
                .filter(key -> key.section().equals(section))
                .map(ConfigKey::name)
                .toList();
    }

    static String unknown(String path) {
        return "unknown key " + path + "; the nearest known one is " + nearest(path, ConfigKeys.ALL.keySet());
    }

    static String unknownSection(String name) {
        return "unknown section " + name + "; the nearest known one is " + nearest(name, SECTIONS);
    }

    static String unknownVariable(String name) {
        List<String> variables =
                ConfigKeys.ALL.values().stream().map(ConfigKey::variable).toList();
        return "unknown variable " + name + "; the nearest known one is " + nearest(name, variables);
    }

    private static String nearest(String text, Collection<String> known) {
        String folded = text.toLowerCase(Locale.ROOT);
        return known.stream()
                .min(Comparator.comparingInt((String name) -> distance(folded, name.toLowerCase(Locale.ROOT)))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    /** Characters to insert, delete or replace to get from one text to the other (Levenshtein). */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
