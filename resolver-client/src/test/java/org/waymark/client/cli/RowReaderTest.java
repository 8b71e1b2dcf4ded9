package org.waymark.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RowReaderTest {

    /** Gives one byte at a time, as a stream may. */
    private static InputStream dripping(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(length, 1));
            }
        };
    }

    private static List<RowReader.RawRow> read(String text, boolean isCsv) throws IOException {
        List<RowReader.RawRow> rows = new ArrayList<>();
        try (RowReader reader = new RowReader(dripping(text), isCsv)) {
            RowReader.RawRow row = reader.next();
            while (row != null) {
                rows.add(row);
                row = reader.next();
            }
        }
        return rows;
    }

    @Provide
    Arbitrary<List<List<String>>> cells() {
        Arbitrary<String> cell = Arbitraries.strings()
                .withChars('a', '泵', ' ', ',', '"', '\n', '\r')
                .ofMaxLength(6);
        return cell.list().ofMinSize(1).ofMaxSize(4).list().ofMaxSize(6);
    }

    @Property(tries = 300)
    void quotedRowsComeAsTheyAreWithTheLineWhereTheyStart(
            @ForAll("cells") List<List<String>> table, @ForAll boolean mark, @ForAll boolean endsWithCarriageReturn)
            throws IOException {
        StringBuilder text = new StringBuilder(mark ? "\uFEFF" : "");
        List<RowReader.RawRow> expected = new ArrayList<>();
        long line = 1;
        for (List<String> cells : table) {
            List<String> quoted = cells.stream()
                    .map(cell -> '"' + cell.replace("\"", "\"\"") + '"')
                    .toList();
            String row = String.join(",", quoted);
            expected.add(new RowReader.RawRow(line, row, null));
            text.append(row).append(endsWithCarriageReturn ? "\r\n" : "\n");
            line += 1
                    + row.replace("\r\n", "\n")
                            .chars()
                            .filter(c -> c == '\n' || c == '\r')
                            .count();
        }

        assertThat(read(text.toString(), true)).isEqualTo(expected);
    }

    @Property
    void aQuoteInsideAFieldIsALetter(@ForAll boolean isCsv) throws IOException {
        assertThat(read("a 5\" pipe,x\nsecond", isCsv))
                .extracting(RowReader.RawRow::text)
                .containsExactly("a 5\" pipe,x", "second");
    }

    @Property
    void emptyLinesCountButAreNoRows(@ForAll boolean isCsv) throws IOException {
        assertThat(read("\n  \r\na\r\rb\n", isCsv))
                .containsExactly(new RowReader.RawRow(3, "a", null), new RowReader.RawRow(5, "b", null));
    }
}
