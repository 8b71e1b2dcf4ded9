package org.waymark.bench.data;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.RecordDraft;

/**
 * A part of the sample files. It is the shape of any number of parts that differ from it in their number.
 *
 * @param owner the manufacturer's prefix
 * @param suffix of the part's identifier
 * @param values texts by type, in the order of the file
 */
public record SampleRow(Prefix owner, String suffix, Map<String, String> values) {

    private static final List<String> FILES = List.of("construction-machinery.csv", "steel.csv", "power.jsonl");
    static final String IDENTIFIER = "identifier";
    /** The type of a value to which the node redirects browsers. */
    public static final String LINK = "URL";

    private static final int STEM_CHARS = 6;
    /** Where the values of metadata templates start. */
    private static final long FIRST_INDEX = 2_000;

    /** The parts of all sample files, those of the sectors by turns. */
    public static List<SampleRow> read(Path samples) throws IOException {
        List<List<SampleRow>> files = new ArrayList<>();
        for (String file : FILES) {
            files.add(readFile(samples.resolve(file)));
        }
        List<SampleRow> rows = new ArrayList<>();
        int most = files.stream().mapToInt(List::size).max().orElseThrow();
        for (int i = 0; i < most; i++) {
            for (List<SampleRow> file : files) {
                if (i < file.size()) {
                    rows.add(file.get(i));
                }
            }
        }
        return rows;
    }

    private static List<SampleRow> readFile(Path file) throws IOException {
        ObjectReader reader = file.toString().endsWith(".csv")
                ? new CsvMapper()
                        .readerForMapOf(String.class)
                        .with(CsvSchema.emptySchema().withHeader())
                : new ObjectMapper().readerForMapOf(String.class);
        List<SampleRow> rows = new ArrayList<>();
        try (MappingIterator<Map<String, String>> lines = reader.readValues(file.toFile())) {
            while (lines.hasNext()) {
                rows.add(of(lines.next()));
            }
        }
        return rows;
    }

    private static SampleRow of(Map<String, String> columns) {
        Map<String, String> values = new LinkedHashMap<>(columns);
        Identifier identifier = Identifier.parse(values.remove(IDENTIFIER));
        values.values().removeIf(String::isEmpty);
        return new SampleRow(identifier.prefix(), identifier.suffix(), values);
    }

    /** The columns of a part like this one, with its identifier. Its number takes the place of the sample's own, wherever that stands. */
    Map<String, String> columns(long number) {
        String newSuffix = newSuffix(number);
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put(IDENTIFIER, owner.canonical() + "/" + newSuffix);
        values.forEach((type, text) -> columns.put(type, text.replace(suffix, newSuffix)));
        return columns;
    }

    /** The same with a link to its page on the web: a value of the type URL, which ends with the part's number. */
    public SampleRow withLink(String base) {
        Map<String, String> more = new LinkedHashMap<>(values);
        more.put(LINK, base + suffix);
        return new SampleRow(owner, suffix, more);
    }

    private String newSuffix(long number) {
        return suffix.substring(0, Math.min(STEM_CHARS, suffix.length())) + String.format("%09d", number);
    }

    /** The first version of a part like this one. */
    public RecordDraft draft(long number) {
        Map<String, String> columns = columns(number);
        RecordDraft.Builder draft = RecordDraft.item(Identifier.parse(columns.remove(IDENTIFIER)), owner);
        long index = FIRST_INDEX;
        for (Map.Entry<String, String> value : columns.entrySet()) {
            draft.value(index++, value.getKey(), value.getValue());
        }
        return draft.build();
    }
}
