package org.waymark.bench.data;

import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rows of parts as a manufacturer's own system writes them out. */
public final class ImportFile {

    private ImportFile() {}

    /**
     * Writes a CSV file with a header line.
     *
     * @param shapes of one manufacturer's parts
     * @param from the number of the first part
     */
    public static void write(Path file, List<SampleRow> shapes, long from, int rows) throws IOException {
        Set<String> columns = new LinkedHashSet<>(Set.of(SampleRow.IDENTIFIER));
        shapes.forEach(shape -> columns.addAll(shape.values().keySet()));
        CsvSchema.Builder schema = CsvSchema.builder().setUseHeader(true);
        columns.forEach(schema::addColumn);
        try (SequenceWriter out =
                new CsvMapper().writerFor(Map.class).with(schema.build()).writeValues(file.toFile())) {
            for (long number = from; number < from + rows; number++) {
                out.write(shapes.get((int) (number % shapes.size())).columns(number));
            }
        }
    }
}
