package org.waymark.export;

import java.io.Closeable;
import java.io.IOException;

/** Reads the records of an export, one after the other. Not safe for use by many threads. */
public interface ExportReader extends Closeable {

    /**
     * The next encoded {@code SignedRecord}, as it is in the file: nothing of it is checked but its size. Null at the end, which is
     * where the file says that it ends: one that was cut off never gets there.
     *
     * @throws ExportFormatException if the file is no export, is cut off or was changed
     */
    byte[] next() throws IOException;

    /** Where the record that {@link #next} gave last is; {@link #describe} says it to people. */
    long position();

    /** For people: {@code parts.wmx, offset 1234}. */
    String describe(long position);
}
