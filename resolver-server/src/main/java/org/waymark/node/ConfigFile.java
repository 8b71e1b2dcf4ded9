package org.waymark.node;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the settings in a YAML file of sections with keys, and refuses what it doesn't know. For one file, once. */
final class ConfigFile {

    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final Map<String, Setting> settings = new LinkedHashMap<>();

    private ConfigFile(Path file) {
        this.file = file;
    }

    /** The settings in the file, by the paths of their keys. */
    static Map<String, Setting> read(Path file) throws ConfigException {
        ConfigFile reader = new ConfigFile(file);
        try (Reader text = Files.newBufferedReader(file);
                YAMLParser parser = YAML.createParser(text)) {
            reader.readSections(parser);
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no file " + file);
        } catch (AccessDeniedException e) {
            throw new ConfigException("cannot read " + file + ": access denied");
        } catch (JacksonException e) {
            if (hasCause(e, CharacterCodingException.class)) {
                throw new ConfigException(file + " is not UTF-8");
            }
            throw new ConfigException(reader.at(e.getLocation()) + ": " + firstLine(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new ConfigException("cannot read " + file + ": " + e.getMessage());
        }
        return reader.settings;
    }

    private static boolean hasCause(Throwable thrown, Class<? extends Throwable> type) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("not YAML");
    }

    private void readSections(YAMLParser parser) throws IOException, ConfigException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return;
        }
        if (first != JsonToken.START_OBJECT) {
            throw new ConfigException(
                    here(parser) + ": the file must be sections with keys, such as \"protobuf: {port: 2640}\"");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String section = parser.currentName();
            if (!KnownKeys.isSection(section)) {
                throw new ConfigException(here(parser) + ": " + KnownKeys.unknownSection(section));
            }
            String where = here(parser);
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT) {
                readKeys(parser, section);
            } else if (!value.isScalarValue() || !text(parser).isEmpty()) {
                throw new ConfigException(where + ": " + section + " is a section; its keys are "
                        + String.join(", ", KnownKeys.namesIn(section)));
            }
        }
    }

    private void readKeys(YAMLParser parser, String section) throws IOException, ConfigException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String path = section + "." + parser.currentName();
            String where = here(parser);
            ConfigKey<?> key = ConfigKeys.ALL.get(path);
            if (key == null) {
                throw new ConfigException(where + ": " + KnownKeys.unknown(path));
            }
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_ARRAY && key.isList()) {
                settings.put(path, new Setting(readList(parser, path), "file " + where));
            } else if (value.isScalarValue()) {
                settings.put(path, Setting.ofText(key, text(parser), "file " + where));
            } else {
                throw new ConfigException(
                        where + ": " + path + " must be " + (key.isList() ? "a list of values" : "one value"));
            }
        }
    }

    private List<String> readList(YAMLParser parser, String path) throws IOException, ConfigException {
        List<String> texts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (!parser.currentToken().isScalarValue()) {
                throw new ConfigException(here(parser) + ": an entry of " + path + " must be one value");
            }
            texts.add(text(parser));
        }
        return texts;
    }

    private static String text(YAMLParser parser) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NULL ? "" : parser.getText();
    }

    private String here(YAMLParser parser) {
        return at(parser.currentTokenLocation());
    }

    private String at(JsonLocation location) {
        return location == null ? file.toString() : file + ":" + location.getLineNr();
    }
}
