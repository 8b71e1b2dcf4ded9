package org.waymark.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ItemFileTest {

    @Provide
    Arbitrary<String> rows() {
        return Arbitraries.strings()
                .withChars('a', '泵', ' ', ',', '"', '\t', '#', '\\')
                .ofMinLength(1)
                .ofMaxLength(12);
    }

    /** Rows that a parser refuses are left to it, so that it can say why. */
    @Property(tries = 5_000)
    void cellsThatAreSplitHereAreThoseThatAParserFinds(@ForAll("rows") String row) throws IOException {
        List<String> cells = ItemFile.plainCells(row);
        if (cells == null || row.isBlank()) {
            return;
        }
        List<String> parsed;
        try {
            parsed = ItemFile.parsedCells(row);
        } catch (JsonProcessingException e) {
            parsed = null;
        }
        assertThat(cells).isEqualTo(parsed);
    }

    @Test
    void quotedCellsAreSplitWithoutAParserWhereTheyHoldNoFurtherQuotes() {
        assertThat(ItemFile.plainCells("a,\"b, c\",,\"\",d")).containsExactly("a", "b, c", "", "", "d");
        assertThat(ItemFile.plainCells("a,\"b \"\"c\"\"\"")).isNull();
        assertThat(ItemFile.plainCells("a 5\" pipe,b")).isNull();
    }
}
