package org.waymark.client.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.waymark.identifier.Prefix;

/**
 * How the columns of a file become an identifier and values; {@code resolver-client/README.md} documents the file that says so.
 * Without one, the column {@code identifier} names the item, and each other column is a value of the column's name.
 */
final class ItemMapping {

    /** Where the values of metadata templates start. */
    static final long FIRST_INDEX = 2_000;

    static final String IDENTIFIER = "identifier";
    /** Columns of an export that say what a record is; values can't be of such types. */
    private static final String RESERVED = "waymark.";

    private static final long LAST_INDEX = 0xFFFF_FFFFL;
    private static final long FILE_BYTES = 1 << 20;
    private static final Pattern PLACE = Pattern.compile("\\{([^{}]+)}");

    private static final ObjectReader READER = new ObjectMapper(new YAMLFactory())
            .readerFor(Document.class)
            .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    /** The mapping file. YAML reads JSON too. */
    private record Document(String identifier, Map<String, Column> columns, Boolean others) {}

    /** What a mapping file says about one column. */
    private record Column(String type, Long index, Boolean skip, List<String> restrict) {}

    /**
     * What becomes of a column.
     *
     * @param isIdentifier its text is the identifier, or a part of it
     * @param isValue its text is a value
     * @param readers prefixes that may read the value beside the owner; empty: everybody
     */
    record Target(boolean isIdentifier, boolean isValue, long index, String type, List<Prefix> readers) {}

    private final String template;
    /** The identifier is a column's text, with nothing around it. */
    private final boolean isOneColumn;

    private final List<String> identifierColumns = new ArrayList<>();
    private final Map<String, Column> columns;
    private final boolean keepsOthers;
    private final Set<Long> taken = new HashSet<>();
    private final Map<String, Target> targets = new HashMap<>();
    private final Map<String, List<Prefix>> readers = new HashMap<>();
    private long nextIndex = FIRST_INDEX;

    private ItemMapping(Document document) {
        String identifier = document.identifier() == null ? IDENTIFIER : document.identifier();
        this.template = identifier.indexOf('{') < 0 ? "{" + identifier + "}" : identifier;
        this.columns = document.columns() == null ? Map.of() : new LinkedHashMap<>(document.columns());
        this.keepsOthers = document.others() == null || document.others();
        Matcher places = PLACE.matcher(template);
        while (places.find()) {
            identifierColumns.add(places.group(1));
        }
        if (PLACE.matcher(template).replaceAll("").chars().anyMatch(c -> c == '{' || c == '}')
                || identifierColumns.isEmpty()) {
            throw new IllegalArgumentException("identifier: must be a column's name, or a text with column names in"
                    + " braces such as 88.118.8/{serial}, not \"" + identifier + "\"");
        }
        isOneColumn = template.equals("{" + identifierColumns.get(0) + "}");
        columns.forEach(this::check);
    }

    private void check(String name, Column column) {
        if (column == null) {
            throw new IllegalArgumentException(
                    "columns." + name + ": says nothing; give type, index, restrict or skip");
        }
        if (column.index() != null) {
            if (column.index() < 1 || column.index() > LAST_INDEX) {
                throw new IllegalArgumentException(
                        "columns." + name + ".index: must be 1 to " + LAST_INDEX + ", not " + column.index());
            }
            if (!taken.add(column.index())) {
                throw new IllegalArgumentException(
                        "columns." + name + ".index: " + column.index() + " is another column's already");
            }
        }
        List<Prefix> allowed = new ArrayList<>();
        for (String prefix : column.restrict() == null ? List.<String>of() : column.restrict()) {
            try {
                allowed.add(Prefix.parse(prefix));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("columns." + name + ".restrict: " + e.getMessage(), e);
            }
        }
        if (column.restrict() != null && allowed.isEmpty()) {
            throw new IllegalArgumentException("columns." + name + ".restrict: must name at least one prefix");
        }
        readers.put(name, allowed);
    }

    /** By the names of the columns alone. */
    static ItemMapping byNames() {
        return new ItemMapping(new Document(null, null, null));
    }

    /**
     * Reads a mapping file, YAML or JSON.
     *
     * @throws IOException if it can't be read
     * @throws UsageException if it says something that can't be; the message says where
     */
    static ItemMapping read(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES) {
            throw new UsageException(file + " has more than " + FILE_BYTES + " bytes; that is no mapping");
        }
        try {
            Document document = READER.readValue(Files.readAllBytes(file));
            if (document == null) {
                throw new UsageException(file + " is empty");
            }
            return new ItemMapping(document);
        } catch (JsonProcessingException e) {
            String place =
                    e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
            throw new UsageException(file + place + ": " + e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            throw new UsageException(file + ": " + e.getMessage());
        }
    }

    /**
     * What becomes of this column. A value keeps its index; without one in the mapping it gets the next free one from 2000 on when
     * its column is first asked for.
     */
    Target target(String name) {
        Target known = targets.get(name);
        if (known == null) {
            known = newTarget(name);
            targets.put(name, known);
        }
        return known;
    }

    private Target newTarget(String name) {
        boolean isIdentifier = identifierColumns.contains(name);
        Column column = columns.get(name);
        boolean isValue = column == null
                ? keepsOthers && !isIdentifier && !name.startsWith(RESERVED)
                : column.skip() == null || !column.skip();
        if (!isValue) {
            return new Target(isIdentifier, false, 0, "", List.of());
        }
        String type = column == null || column.type() == null ? name : column.type();
        long index = column == null || column.index() == null ? freeIndex() : column.index();
        return new Target(isIdentifier, true, index, type, readers.getOrDefault(name, List.of()));
    }

    private long freeIndex() {
        while (!taken.add(nextIndex)) {
            nextIndex++;
        }
        return nextIndex++;
    }

    /** The columns that the identifier is made of. */
    List<String> identifierColumns() {
        return identifierColumns;
    }

    /** The columns that the mapping speaks of. */
    Set<String> named() {
        Set<String> named = new LinkedHashSet<>(identifierColumns);
        named.addAll(columns.keySet());
        return named;
    }

    /** The identifier, made of the texts of its columns. */
    String identifier(UnaryOperator<String> text) {
        if (isOneColumn) {
            return text.apply(identifierColumns.get(0));
        }
        return PLACE.matcher(template).replaceAll(place -> Matcher.quoteReplacement(text.apply(place.group(1))));
    }

    /** The types of the columns that {@link #target} was asked for so far. */
    Set<String> types() {
        return targets.values().stream()
                .filter(Target::isValue)
                .map(Target::type)
                .collect(Collectors.toSet());
    }
}
