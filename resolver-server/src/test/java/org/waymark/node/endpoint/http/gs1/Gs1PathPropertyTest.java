package org.waymark.node.endpoint.http.gs1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.waymark.identifier.Identifier;

class Gs1PathPropertyTest {

    @Property
    void aPathIsALinkOrNoneOrWrongAtAPlaceInIt(@ForAll @From("paths") String path) {
        Optional<Gs1Path> link;
        try {
            link = Gs1Path.parse(path);
        } catch (Gs1Path.MalformedException e) {
            assertThat(e.offset()).isBetween(0, path.length());
            return;
        }
        link.ifPresent(found -> {
            assertThat(found.levels()).isNotEmpty();
            for (Identifier level : found.levels()) {
                assertThat(found.identifier().canonical()).startsWith(level.canonical());
                assertThat(reread(found.pathOf(level))).isEqualTo(level);
            }
        });
    }

    private static Identifier reread(String path) {
        try {
            return Gs1Path.parse(path).orElseThrow().identifier();
        } catch (Gs1Path.MalformedException e) {
            throw new AssertionError(path, e);
        }
    }

    @Provide
    Arbitrary<String> paths() {
        Arbitrary<String> segments = Arbitraries.frequencyOf(
                Tuple.of(
                        6,
                        Arbitraries.of(
                                "01", "00", "414", "8006", "8010", "10", "21", "22", "235", "254", "7040", "17")),
                Tuple.of(
                        4,
                        Arbitraries.of(
                                "09521321000018",
                                "9521321000018",
                                "106141412345678908",
                                "095213210000180102",
                                "1ABC",
                                "a%2Fb")),
                Tuple.of(1, Arbitraries.of("", "stem", "88.118.8", "%", "%2", "%00")),
                Tuple.of(1, Arbitraries.strings().ascii().ofMaxLength(6)));
        return segments.list().ofMaxSize(9).map(list -> "/" + String.join("/", list));
    }
}
