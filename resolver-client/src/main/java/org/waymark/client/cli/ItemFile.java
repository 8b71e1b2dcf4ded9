package org.waymark.client.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.waymark.client.bulk.RowFault;
import org.waymark.identifier.Prefix;

/**
 * Rows of a file of items, read one after the other: CSV (RFC 4180) with a header line, or JSON Lines, also compressed with gzip. An
 * {@link ItemMapping} says what the columns are. A column keeps its index also where some rows leave it empty; without one in the
 * mapping, indexes are given from 2000 on, in the order of the columns (JSON: in which they first occur).
 */
final class ItemFile implements AutoCloseable {

    /** Numbers stay as they are written. */
    private static final ObjectReader JSON = new ObjectMapper()
            .readerFor(JsonNode.class)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);

    private static final CsvFactory CSV =
            CsvFactory.builder().enable(CsvParser.Feature.WRAP_AS_ARRAY).build();

    /**
     * One value of a row.
     *
     * @param readers prefixes that may read it beside the owner; empty: everybody
     */
    record Field(long index, String type, String text, List<Prefix> readers) {}

    /**
     * One row.
     *
     * @param text the row as it is in the file
     * @param identifierColumn name of the column that names the item
     * @param fault why the row can't be used, or null
     */
    record Row(
            long line, String text, String identifier, String identifierColumn, List<Field> fields, RowFault fault) {}

    /** The texts of a row, by the places of their columns. */
    private record Texts(List<String> columns, List<String> texts, RowFault fault) {

        static Texts broken(String column, String reason) {
            return new Texts(List.of(), List.of(), new RowFault(column, reason));
        }

        String of(String column) {
            int place = columns.indexOf(column);
            return place < 0 || place >= texts.size() ? "" : texts.get(place);
        }
    }

    private interface Cells {
        Texts read(String row) throws IOException;
    }

    private final CountingStream file;
    private final RowReader reader;
    private final ItemMapping mapping;
    private final String identifierColumn;
    private final Cells cells;

    /**
     * Opens a file; its name ends with {@code .csv}, or with {@code .jsonl} or {@code .ndjson}, and with {@code .gz} after that where
     * it is compressed.
     *
     * @throws IOException if it can't be read, or is a CSV file without the columns that the mapping names
     */
    ItemFile(Path path, ItemMapping mapping) throws IOException {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean isGzip = name.endsWith(".gz");
        name = isGzip ? name.substring(0, name.length() - 3) : name;
        boolean isCsv = name.endsWith(".csv");
        if (!isCsv && !name.endsWith(".jsonl") && !name.endsWith(".ndjson")) {
            throw new UsageException(path + " must be named .csv or .jsonl, with .gz after it where it is compressed");
        }
        this.mapping = mapping;
        this.identifierColumn =
                mapping.identifierColumns().get(mapping.identifierColumns().size() - 1);
        this.file = new CountingStream(Files.newInputStream(path));
        try {
            reader = new RowReader(isGzip ? new GZIPInputStream(file, 1 << 16) : file, isCsv);
            cells = isCsv ? csv(path) : ItemFile::json;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** All types that the values of a file have, whose columns are types by their names. Reads it to its end. */
    static Set<String> types(Path path) throws IOException {
        ItemMapping mapping = ItemMapping.byNames();
        try (ItemFile items = new ItemFile(path, mapping)) {
            while (items.next() != null) {
                // The mapping gathers the columns.
            }
        }
        return mapping.types();
    }

    /** Bytes of the file, as it is on the disk, that were read so far. */
    long bytesRead() {
        return file.count;
    }

    /** The next row, or null at the end. */
    Row next() throws IOException {
        RowReader.RawRow raw = reader.next();
        if (raw == null) {
            return null;
        }
        if (raw.problem() != null) {
            return broken(raw, new RowFault("", raw.problem()));
        }
        Texts texts = cells.read(raw.text());
        return texts.fault() == null ? row(raw, texts) : broken(raw, texts.fault());
    }

    private Row broken(RowReader.RawRow raw, RowFault fault) {
        return new Row(raw.line(), raw.text(), "", identifierColumn, List.of(), fault);
    }

    private Row row(RowReader.RawRow raw, Texts texts) {
        for (String column : mapping.identifierColumns()) {
            if (texts.of(column).isEmpty()) {
                return broken(raw, new RowFault("", "has no " + column));
            }
        }
        List<Field> fields = new ArrayList<>(texts.texts().size());
        for (int i = 0; i < texts.texts().size(); i++) {
            ItemMapping.Target target = mapping.target(texts.columns().get(i));
            String text = texts.texts().get(i);
            if (target.isValue() && !text.isEmpty()) {
                fields.add(new Field(target.index(), target.type(), text, target.readers()));
            }
        }
        String identifier = mapping.identifier(texts::of);
        return new Row(raw.line(), raw.text(), identifier, identifierColumn, fields, null);
    }

    private Cells csv(Path path) throws IOException {
        RowReader.RawRow header = reader.next();
        if (header == null) {
            throw new IOException(path + " is empty; a header line is needed");
        }
        if (header.problem() != null) {
            throw new IOException(path + ": the header line " + header.problem());
        }
        List<String> columns;
        try {
            columns = csvCells(header.text());
        } catch (JsonProcessingException e) {
            throw new IOException(path + ": the header line is not CSV: " + e.getOriginalMessage(), e);
        }
        Set<String> distinct = new HashSet<>();
        for (String column : columns) {
            if (!distinct.add(column)) {
                throw new IOException(path + " has two columns \"" + column + "\"");
            }
        }
        for (String column : mapping.named()) {
            if (!distinct.contains(column)) {
                throw new IOException(path + " has no column \"" + column + "\"; its columns are " + columns);
            }
        }
        columns.forEach(mapping::target);
        return row -> {
            List<String> texts;
            try {
                texts = csvCells(row);
            } catch (JsonProcessingException e) {
                return Texts.broken("", "is not CSV: " + e.getOriginalMessage());
            }
            if (texts.size() > columns.size()) {
                return Texts.broken("", "has " + texts.size() + " fields; the header names " + columns.size());
            }
            return new Texts(columns, texts, null);
        };
    }

    private static List<String> csvCells(String row) throws IOException {
        List<String> cells = plainCells(row);
        return cells == null ? parsedCells(row) : cells;
    }

    /**
     * Splits a row whose cells are either without quotation marks, or in quotation marks as a whole and without further ones; null
     * where it is another one. A parser for each row costs more than all else that is done to read it.
     */
    static List<String> plainCells(String row) {
        List<String> cells = new ArrayList<>();
        int start = 0;
        while (start <= row.length()) {
            boolean isQuoted = start < row.length() && row.charAt(start) == '"';
            int from = isQuoted ? start + 1 : start;
            int end = row.indexOf(isQuoted ? '"' : ',', from);
            if (end < 0) {
                end = row.length();
            }
            int next = isQuoted ? end + 1 : end;
            if (next > row.length() || next < row.length() && row.charAt(next) != ',') {
                return null;
            }
            String cell = row.substring(from, end);
            if (!isQuoted && cell.indexOf('"') >= 0) {
                return null;
            }
            cells.add(cell);
            start = next + 1;
        }
        return cells;
    }

    static List<String> parsedCells(String row) throws IOException {
        List<String> cells = new ArrayList<>();
        try (CsvParser parser = CSV.createParser(row)) {
            JsonToken token = parser.nextToken();
            while (token != null) {
                if (token == JsonToken.VALUE_STRING) {
                    cells.add(parser.getText());
                }
                token = parser.nextToken();
            }
        }
        return cells;
    }

    private static Texts json(String row) throws IOException {
        JsonNode object;
        try {
            object = JSON.readTree(row);
        } catch (JsonProcessingException e) {
            return Texts.broken("", "is not JSON: " + e.getOriginalMessage());
        }
        if (!object.isObject()) {
            return Texts.broken("", "is not a JSON object");
        }
        List<String> columns = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (member.getValue().isContainerNode()) {
                return Texts.broken(member.getKey(), "is neither text nor number");
            }
            String text = member.getValue().isNull() ? "" : member.getValue().asText();
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                return Texts.broken(member.getKey(), "must be well-formed Unicode, without lone surrogates");
            }
            columns.add(member.getKey());
            texts.add(text);
        }
        return new Texts(columns, texts, null);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private static final class CountingStream extends FilterInputStream {

        private volatile long count;

        CountingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int next = super.read();
            add(next < 0 ? 0 : 1);
            return next;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            add(Math.max(read, 0));
            return read;
        }

        /** One thread writes, others see it. */
        private void add(int bytes) {
            count = count + bytes;
        }
    }
}
