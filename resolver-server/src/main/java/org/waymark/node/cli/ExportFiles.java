package org.waymark.node.cli;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.waymark.export.BinaryExportReader;
import org.waymark.export.ExportFormatException;
import org.waymark.export.ExportReader;

/** Opens exports of either form, compressed or not, by what they begin with and not by their names. */
final class ExportFiles {

    private static final int BUFFER_BYTES = 1 << 18;
    private static final int HEAD_BYTES = 8;

    private ExportFiles() {}

    static ExportReader open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        try {
            byte[] head = head(in);
            if (head.length >= 2 && (head[0] & 0xFF) == 0x1F && (head[1] & 0xFF) == 0x8B) {
                in = new BufferedInputStream(new Unzipped(file, in), BUFFER_BYTES);
                head = head(in);
            }
            if (BinaryExportReader.startsWithMagic(head)) {
                return new BinaryExportReader(file.toString(), in);
            }
            if (head.length > 0 && head[0] == '{') {
                return new JsonLinesReader(file.toString(), in);
            }
            throw new ExportFormatException(file
                    + " is no export that can be loaded: neither JSON Lines nor the binary form of \"waymark export\"");
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static byte[] head(InputStream in) throws IOException {
        in.mark(HEAD_BYTES);
        byte[] head = in.readNBytes(HEAD_BYTES);
        in.reset();
        return head;
    }

    /** Says of which file it is that the compressed data ends early or is damaged. */
    private static final class Unzipped extends FilterInputStream {

        private final Path file;

        Unzipped(Path file, InputStream in) throws IOException {
            super(unzip(file, in));
            this.file = file;
        }

        private static InputStream unzip(Path file, InputStream in) throws IOException {
            try {
                return new GZIPInputStream(in, BUFFER_BYTES);
            } catch (EOFException e) {
                throw cutOff(file, e);
            }
        }

        private static ExportFormatException cutOff(Path file, EOFException e) {
            return new ExportFormatException(file + ": the compressed data ends early; the file was cut off", e);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (EOFException e) {
                throw cutOff(file, e);
            } catch (ZipException e) {
                throw new ExportFormatException(file + ": the compressed data is damaged: " + e.getMessage(), e);
            }
        }
    }
}
