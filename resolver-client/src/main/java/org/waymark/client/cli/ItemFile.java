package org.waymark.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Rows of a file of items, read one after the other: CSV (RFC 4180) with a header line, or JSON Lines. The column
 * {@code identifier} names the item, each other column is a value whose type is the column's name. A column keeps its index,
 * from 2000 on, in the order of the columns (JSON: in which they first occur), also where some rows leave it empty.
 */
final class ItemFile implements AutoCloseable {

    /** Where the values of metadata templates start. */
    static final long FIRST_INDEX = 2_000;

    private static final String IDENTIFIER = "identifier";

    /** Numbers stay as they are written. */
    private static final ObjectReader JSON = new ObjectMapper()
            .readerFor(JsonNode.class)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);

    /** One field of a row. */
    record Field(long index, String type, String text) {}

    /**
     * One row.
     *
     * @param problem why the row can't be used, or null
     */
    record Row(long line, String identifier, List<Field> fields, String problem) {

        static Row broken(long line, String problem) {
            return new Row(line, "", List.of(), problem);
        }
    }

    private interface Rows {
        /** The next row, or null at the end. */
        Row next() throws IOException;
    }

    private final Path file;
    private final BufferedReader reader;
    private final Rows rows;
    private final Map<String, Long> indexes = new HashMap<>();
    private long line;

    /**
     * Opens a file; its name ends with {@code .csv}, or with {@code .jsonl} or {@code .ndjson}.
     *
     * @throws IOException if it can't be read, or is a CSV file without a column {@code identifier}
     */
    ItemFile(Path file) throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean isCsv = name.endsWith(".csv");
        if (!isCsv && !name.endsWith(".jsonl") && !name.endsWith(".ndjson")) {
            throw new UsageException(file + " must be named .csv or .jsonl");
        }
        this.file = file;
        reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        try {
            rows = isCsv ? csv() : this::nextJson;
        } catch (CharacterCodingException e) {
            reader.close();
            throw notUtf8(e);
        } catch (IOException | RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** All types that the values of a file have. Reads it to its end. */
    static Set<String> types(Path file) throws IOException {
        try (ItemFile items = new ItemFile(file)) {
            while (items.next() != null) {
                // The indexes say which columns there are.
            }
            return Set.copyOf(items.indexes.keySet());
        }
    }

    /**
     * The next row, or null at the end.
     *
     * @throws IOException if what follows can't be read; the message says in which file
     */
    Row next() throws IOException {
        try {
            return rows.next();
        } catch (CharacterCodingException e) {
            throw notUtf8(e);
        }
    }

    private IOException notUtf8(CharacterCodingException cause) {
        return new IOException(file + " is not UTF-8", cause);
    }

    private Rows csv() throws IOException {
        MappingIterator<String[]> lines = new CsvMapper()
                .readerFor(String[].class)
                .with(CsvParser.Feature.WRAP_AS_ARRAY)
                .with(CsvParser.Feature.SKIP_EMPTY_LINES)
                .readValues(reader);
        if (!lines.hasNextValue()) {
            throw new IOException(file + " is empty; a header line is needed");
        }
        List<String> columns = new ArrayList<>();
        for (String column : lines.nextValue()) {
            columns.add(columns.isEmpty() && column.startsWith("\uFEFF") ? column.substring(1) : column);
        }
        if (!columns.contains(IDENTIFIER)) {
            throw new IOException(file + " has no column \"" + IDENTIFIER + "\"; its columns are " + columns);
        }
        columns.stream().filter(column -> !column.equals(IDENTIFIER)).forEach(this::index);
        return () -> nextCsv(lines, columns);
    }

    private Row nextCsv(MappingIterator<String[]> lines, List<String> columns) throws IOException {
        long at;
        String[] cells;
        try {
            if (!lines.hasNextValue()) {
                return null;
            }
            at = lines.getCurrentLocation().getLineNr();
            cells = lines.nextValue();
        } catch (JsonProcessingException e) {
            // What follows a broken quotation can't be told apart any more.
            throw new IOException("line " + e.getLocation().getLineNr() + " is not CSV: " + e.getOriginalMessage(), e);
        }
        if (cells.length > columns.size()) {
            return Row.broken(at, "has " + cells.length + " fields; the header names " + columns.size());
        }
        String identifier = "";
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < cells.length; i++) {
            if (columns.get(i).equals(IDENTIFIER)) {
                identifier = cells[i];
            } else if (!cells[i].isEmpty()) {
                fields.add(new Field(index(columns.get(i)), columns.get(i), cells[i]));
            }
        }
        return row(at, identifier, fields);
    }

    private Row nextJson() throws IOException {
        String text = reader.readLine();
        line++;
        while (text != null && text.isBlank()) {
            text = reader.readLine();
            line++;
        }
        if (text == null) {
            return null;
        }
        JsonNode object;
        try {
            object = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return Row.broken(line, "is not JSON: " + e.getOriginalMessage());
        }
        if (!object.isObject()) {
            return Row.broken(line, "is not a JSON object");
        }
        String identifier = "";
        List<Field> fields = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (member.getValue().isContainerNode()) {
                return Row.broken(line, "has the member \"" + member.getKey() + "\", which is neither text nor number");
            }
            String value = member.getValue().isNull() ? "" : member.getValue().asText();
            if (member.getKey().equals(IDENTIFIER)) {
                identifier = value;
            } else if (!value.isEmpty()) {
                fields.add(new Field(index(member.getKey()), member.getKey(), value));
            }
        }
        return row(line, identifier, fields);
    }

    private static Row row(long line, String identifier, List<Field> fields) {
        return identifier.isEmpty()
                ? Row.broken(line, "has no " + IDENTIFIER)
                : new Row(line, identifier, List.copyOf(fields), null);
    }

    private long index(String column) {
        return indexes.computeIfAbsent(column, name -> FIRST_INDEX + indexes.size());
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
