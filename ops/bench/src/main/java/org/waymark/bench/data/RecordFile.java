package org.waymark.bench.data;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Encoded records one after the other, each behind its length of 4 bytes. */
final class RecordFile {

    private static final int BUFFER_BYTES = 1 << 20;

    private RecordFile() {}

    static DataOutputStream create(Path file) throws IOException {
        return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES));
    }

    static void append(DataOutputStream out, byte[] record) throws IOException {
        out.writeInt(record.length);
        out.write(record);
    }

    /** What is given each record. */
    interface Reader<E extends Exception> {
        void read(byte[] record) throws E;
    }

    static <E extends Exception> void forEach(Path file, int count, Reader<E> reader) throws IOException, E {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES))) {
            for (int i = 0; i < count; i++) {
                byte[] record = new byte[in.readInt()];
                in.readFully(record);
                reader.read(record);
            }
        }
    }
}
