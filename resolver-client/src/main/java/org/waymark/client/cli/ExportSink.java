package org.waymark.client.cli;

import java.io.Closeable;
import java.io.IOException;
import org.waymark.client.HistoryVersion;

/** Writes an export in one form. */
interface ExportSink extends Closeable {

    /** Writes a version; prefix records come before what hangs on them. */
    void add(HistoryVersion version) throws IOException;

    /** Writes the end, which says that the export is whole. */
    void finish() throws IOException;
}
