package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.waymark.client.bulk.RejectedRow;
import org.waymark.client.bulk.RejectedRows;

/**
 * Keeps the rows that were not registered: JSON Lines with {@code line}, {@code column}, {@code reason} and {@code row}, the row as it
 * was. There is no file while there is no such row.
 */
final class ErrorFile implements RejectedRows, Closeable {

    private final Path file;
    private FileChannel channel;
    private long length;

    ErrorFile(Path file) {
        this.file = file;
    }

    static ObjectNode json(RejectedRow row) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("line", row.line());
        if (!row.fault().column().isEmpty()) {
            json.put("column", row.fault().column());
        }
        return json.put("reason", row.fault().reason()).put("row", row.text());
    }

    @Override
    public long add(List<RejectedRow> rows) throws IOException {
        if (channel == null) {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(length);
            channel.position(length);
        }
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> text.append(json(row)).append('\n'));
        ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        length += bytes.remaining();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(false);
        return length;
    }

    @Override
    public void continueAt(long mark) throws IOException {
        length = mark;
        if (mark == 0) {
            Files.deleteIfExists(file);
        } else if (!Files.exists(file) || Files.size(file) < mark) {
            throw new IOException(
                    file + " is not what it was when the import was interrupted: rows that were rejected then"
                            + " are missing in it");
        } else {
            try (FileChannel begun = FileChannel.open(file, StandardOpenOption.WRITE)) {
                begun.truncate(mark);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
