package org.waymark.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void wideCharactersTakeTwoColumns() {
        TextTable table = new TextTable("A", "B");
        table.row("轴向", "x");
        table.row("abc", "y");

        List<String> lines = table.lines("");

        assertThat(lines).containsExactly("A     B", "轴向  x", "abc   y");
    }

    @Test
    void marksThatCombineTakeNone() {
        assertThat(TextTable.width("e\u0301")).isEqualTo(1);
        assertThat(TextTable.width("\u2163\uFF1A\uFF08")).isEqualTo(5);
    }

    @Test
    void whatWouldSteerTheTerminalIsShownAsItsCode() {
        assertThat(TextTable.printable("a\u001B[31m\nb\u202Ec")).isEqualTo("a\\u{1B}[31m\\nb\\u{202E}c");
    }
}
