package org.waymark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TileTest {

    @ParameterizedTest
    @CsvSource({
        "0, 1234067, 256, tile/0/x001/x234/067",
        "1, 0, 17, tile/1/000.p/17",
        "-1, 1000, 255, tile/entries/x001/000.p/255",
        "2, 999, 256, tile/2/999"
    })
    void aPathIsThatOfTheSpecification(int level, long index, int width, String path) {
        assertThat(new Tile(level, index, width).path()).isEqualTo(path);
        assertThat(Tile.parse(path)).isEqualTo(new Tile(level, index, width));
    }

    @Property
    void everyPathCanBeReadBack(
            @ForAll @IntRange(min = -1, max = Tile.MAX_LEVEL) int level,
            @ForAll @LongRange(max = 126) long small,
            @ForAll @LongRange(max = (1L << 54) - 2) long large,
            @ForAll @IntRange(min = 1, max = 256) int width) {
        Tile tile = new Tile(level, level < 1 ? large : small, width);

        assertThat(Tile.parse(tile.path())).isEqualTo(tile);
        assertThat(tile.leaves()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile",
                "tile/0",
                "tile/0/",
                "tile/00/000",
                "tile/7/000",
                "tile/64/000",
                "tile/0/0",
                "tile/0/0000",
                "tile/0/x000/000",
                "tile/0/001/000",
                "tile/0/000.p/0",
                "tile/0/000.p/01",
                "tile/0/000.p/256",
                "tile/0/000.p/",
                "tile/0/x999/x999/x999/x999/x999/x999/999",
                "tile/data/000",
                "tile/0/000/",
                "/tile/0/000",
                "tile/0/\u0660\u0660\u0660"
            })
    void anythingElseIsRefused(String path) {
        assertThatThrownBy(() -> Tile.parse(path)).isInstanceOf(LogFormatException.class);
    }

    @Property
    void anyTextIsReadOrRefused(@ForAll @Size(max = 60) String text) {
        assertThatThrownBy(() -> Tile.parse(text)).isInstanceOf(LogFormatException.class);
    }

    @Test
    void aTreeOf70000HasTheTilesOfTheSpecification() {
        assertThat(Tile.in(0, 272, 70_000).width()).isEqualTo(256);
        assertThat(Tile.in(0, 273, 70_000).width()).isEqualTo(112);
        assertThat(Tile.in(1, 0, 70_000).width()).isEqualTo(256);
        assertThat(Tile.in(1, 1, 70_000).width()).isEqualTo(17);
        assertThat(Tile.in(2, 0, 70_000).width()).isEqualTo(1);
        assertThatThrownBy(() -> Tile.in(0, 274, 70_000)).isInstanceOf(LogFormatException.class);
        assertThatThrownBy(() -> Tile.in(3, 0, 70_000)).isInstanceOf(LogFormatException.class);
        assertThat(new Tile(1, 1, 17).leaves()).isEqualTo(273 * 256);
    }

    @Property
    void aBundleCanBeReadBack(@ForAll @Size(min = 1, max = 256) List<@Size(max = 300) byte[]> entries) {
        assertThat(EntryBundle.decode(EntryBundle.encode(entries), entries.size()))
                .containsExactlyElementsOf(entries);
    }

    @Property
    void anyBytesAreABundleOrRefused(@ForAll @Size(max = 400) byte[] bytes, @ForAll @IntRange(min = 1, max = 4) int n) {
        List<byte[]> entries;
        try {
            entries = EntryBundle.decode(bytes, n);
        } catch (LogFormatException e) {
            return;
        }
        assertThat(EntryBundle.encode(entries)).isEqualTo(bytes);
    }

    @Test
    void whatFollowsABundleIsRefused() {
        assertThatThrownBy(() -> EntryBundle.decode(new byte[] {0, 1, 7, 9}, 1))
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("1 bytes after its 1 entries");
    }
}
