package org.waymark.client.cli;

import com.google.protobuf.ByteString;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.waymark.client.HistoryVersion;
import org.waymark.export.BinaryExportReader;
import org.waymark.export.BinaryExportWriter;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;
import org.waymark.v1.RecordKind;

/**
 * CSV (RFC 4180) of the items, as the import reads it: a column {@code identifier}, one for each type of values in the order of their
 * indexes, and those whose names start with {@code waymark.}, which the import leaves out. What the columns are is known at the end
 * only, so records wait in a file beside the output until then.
 */
final class CsvSink implements ExportSink {

    private static final String OWN = "waymark.";
    private static final int BUFFER_BYTES = 1 << 16;

    private final HashedLines lines;
    private final Path spool;
    private final BinaryExportWriter waiting;
    /** The lowest index of each type. */
    private final Map<String, Long> types = new HashMap<>();

    private long count;

    /**
     * @param directory where records wait
     */
    CsvSink(OutputStream out, Path directory) throws IOException {
        this.lines = new HashedLines(out);
        this.spool = Files.createTempFile(directory, "waymark-export", ".spool");
        this.waiting = new BinaryExportWriter(new BufferedOutputStream(Files.newOutputStream(spool), BUFFER_BYTES));
    }

    @Override
    public void add(HistoryVersion version) throws IOException {
        IdentifierRecord record = version.record();
        if (record.kind() == RecordKind.ITEM) {
            record.values().stream()
                    .filter(CsvSink::isCell)
                    .forEach(value -> types.merge(value.type(), value.index(), Math::min));
            waiting.add(record.encoded());
            count++;
        }
    }

    /** Others are in the record's own bytes only. */
    private static boolean isCell(RecordValue value) {
        return value.data().isValidUtf8()
                && !value.type().equals(ItemMapping.IDENTIFIER)
                && !value.type().startsWith(OWN);
    }

    @Override
    public void finish() throws IOException {
        waiting.finish();
        waiting.close();
        List<String> columns = types.keySet().stream()
                .sorted(Comparator.<String, Long>comparing(types::get).thenComparing(type -> type))
                .toList();
        List<String> head = new ArrayList<>();
        head.add(ItemMapping.IDENTIFIER);
        head.addAll(columns);
        head.addAll(List.of(OWN + "suffix", OWN + "version", OWN + "status", OWN + "record", OWN + "end"));
        lines.add(row(head));
        try (BinaryExportReader records = new BinaryExportReader(
                spool.toString(), new BufferedInputStream(Files.newInputStream(spool), BUFFER_BYTES))) {
            for (long left = count; left > 0; left--) {
                IdentifierRecord record = IdentifierRecord.parse(ByteString.copyFrom(records.next()));
                List<String> cells = cells(record, columns);
                // The last row says how many there are, and the digest of all lines before it.
                cells.add(left > 1 ? "" : count + " sha256:" + lines.digest());
                lines.add(row(cells));
            }
        }
        lines.flush();
    }

    private static List<String> cells(IdentifierRecord record, List<String> columns) {
        Map<String, String> texts = new HashMap<>();
        record.values().stream()
                .filter(CsvSink::isCell)
                .forEach(value -> texts.putIfAbsent(value.type(), value.data().toStringUtf8()));
        Identifier identifier = Identifier.parse(record.scheme(), record.key().identifier());
        List<String> cells = new ArrayList<>();
        cells.add(identifier.canonical());
        columns.forEach(column -> cells.add(texts.getOrDefault(column, "")));
        cells.add(identifier.suffix());
        cells.add(Long.toString(record.version()));
        cells.add(record.isRevoked() ? "REVOKED" : "ACTIVE");
        cells.add(Base64.getEncoder().encodeToString(record.encoded().toByteArray()));
        return cells;
    }

    private static String row(List<String> cells) {
        StringBuilder row = new StringBuilder();
        for (String cell : cells) {
            row.append(row.length() == 0 ? "" : ",");
            boolean isQuoted = cell.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                    || cell.startsWith(" ")
                    || cell.endsWith(" ");
            row.append(isQuoted ? '"' + cell.replace("\"", "\"\"") + '"' : cell);
        }
        return row.toString();
    }

    @Override
    public void close() throws IOException {
        waiting.close();
        Files.deleteIfExists(spool);
        lines.close();
    }
}
