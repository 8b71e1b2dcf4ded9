package org.waymark.client.cli;

import java.io.IOException;
import java.io.OutputStream;
import org.waymark.client.HistoryVersion;
import org.waymark.export.BinaryExportWriter;

/** The binary form, which only programs read. */
final class BinarySink implements ExportSink {

    private final BinaryExportWriter writer;

    BinarySink(OutputStream out) throws IOException {
        this.writer = new BinaryExportWriter(out);
    }

    @Override
    public void add(HistoryVersion version) throws IOException {
        writer.add(version.record().encoded());
    }

    @Override
    public void finish() throws IOException {
        writer.finish();
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
