package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;
import java.util.Locale;
import org.waymark.client.HistoryVersion;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;

/** JSON Lines: a head, a line a version with what it says and its signed bytes in Base64, and an end with count and digest. */
final class JsonLinesSink implements ExportSink {

    private static final String FORMAT = "waymark-export/1";

    private final HashedLines lines;
    private long count;

    JsonLinesSink(OutputStream out, Prefix prefix, boolean withHistory) throws IOException {
        this.lines = new HashedLines(out);
        lines.add(JsonNodeFactory.instance
                .objectNode()
                .put("format", FORMAT)
                .put("prefix", prefix.text())
                .put("history", withHistory)
                .toString());
    }

    @Override
    public void add(HistoryVersion version) throws IOException {
        IdentifierRecord record = version.record();
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("identifier", record.key().identifier())
                .put("scheme", record.scheme().tag())
                .put("kind", record.kind().name().toLowerCase(Locale.ROOT));
        node.setAll(RecordView.json(record));
        node.put("sequence", version.sequence());
        node.put("committedAt", version.committedAt().toString());
        node.put("record", Base64.getEncoder().encodeToString(record.encoded().toByteArray()));
        lines.add(node.toString());
        count++;
    }

    @Override
    public void finish() throws IOException {
        ObjectNode end = JsonNodeFactory.instance.objectNode();
        end.putObject("end").put("records", count).put("sha256", lines.digest());
        lines.add(end.toString());
        lines.flush();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
