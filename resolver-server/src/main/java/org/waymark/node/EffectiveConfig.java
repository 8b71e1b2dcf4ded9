package org.waymark.node;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** A configuration, and where each part of it was set. Immutable. */
public final class EffectiveConfig {

    /** Texts that YAML reads as they stand. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9./][A-Za-z0-9._/-]*");

    private final NodeConfig config;
    private final Map<String, Setting> settings;

    EffectiveConfig(NodeConfig config, Map<String, Setting> settings) {
        this.config = config;
        this.settings = new LinkedHashMap<>(settings);
    }

    public NodeConfig config() {
        return config;
    }

    /** A YAML file with every key, and in a comment behind it where it was set. Credentials are masked. */
    public String toYaml() {
        StringBuilder yaml = new StringBuilder();
        String section = "";
        for (ConfigKey<?> key : ConfigKeys.ALL.values()) {
            if (!key.section().equals(section)) {
                section = key.section();
                yaml.append(section).append(":\n");
            }
            append(yaml, key, settings.get(key.path()));
        }
        return yaml.toString();
    }

    private static void append(StringBuilder yaml, ConfigKey<?> key, Setting setting) {
        yaml.append("  ").append(key.name()).append(':');
        if (!key.isList()) {
            yaml.append(' ').append(quoted(shown(key, setting.texts().get(0))));
        } else if (setting.texts().isEmpty()) {
            yaml.append(" []");
        }
        yaml.append("  # ").append(setting.origin()).append('\n');
        if (key.isList()) {
            for (String text : setting.texts()) {
                yaml.append("    - ").append(quoted(shown(key, text))).append('\n');
            }
        }
    }

    private static String shown(ConfigKey<?> key, String text) {
        return key.isSecret() ? ConfigKeys.maskCredentials(text) : text;
    }

    private static String quoted(String text) {
        boolean plain = PLAIN.matcher(text).matches() && !text.equalsIgnoreCase("null");
        return plain ? text : "'" + text.replace("'", "''") + "'";
    }
}
