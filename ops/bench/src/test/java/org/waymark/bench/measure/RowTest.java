package org.waymark.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.waymark.bench.measure.Row.Measure;
import org.waymark.bench.measure.Row.Question;

class RowTest {

    /** Ratios of 2, 3 and 1 by turns. */
    private static Row row(Target target) {
        return new Row(
                new Question("row", Measure.PER_CPU_SECOND, target),
                "node",
                List.of(window(200), window(600), window(100)),
                "peer",
                List.of(window(100), window(200), window(100)));
    }

    private static Window window(long answers) {
        return new Window(answers, 2, 1, 0.5);
    }

    @Test
    void theRatioIsTheMedianOfThoseOfTheTurns() {
        Series ratios = row(Target.REPORTED).ratios();
        assertThat(ratios.median()).isEqualTo(2);
        assertThat(ratios.spread()).isEqualTo(1);
    }

    @Test
    void theVerdictNamesTheHighestMarkThatWasReached() {
        assertThat(row(Target.REPORTED).verdict()).isEqualTo("reported");
        assertThat(row(Target.atLeast(2.1, 3)).verdict()).isEqualTo("below gate");
        assertThat(row(Target.atLeast(1.5, 3)).verdict()).isEqualTo("gate");
        assertThat(row(Target.atLeast(1.5, 2)).verdict()).isEqualTo("goal");
        assertThat(Target.atMost(1.5, 1).verdict(1.6)).isEqualTo("above gate");
        assertThat(Target.atMost(1.5, 1).verdict(1.5)).isEqualTo("gate");
        assertThat(Target.atMost(1.5, 1).verdict(0.9)).isEqualTo("goal");
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(new Series(List.of(4.0, 1.0, 3.0, 2.0)).median()).isEqualTo(2.5);
    }

    @Test
    void bothFilesOfResultsHoldTheRow() {
        Machine machine = new Machine("a processor", 2, 8L << 30, "Linux", "Java");
        Results results = new Results(
                "ops/bench/run",
                "2026-01-01T00:00:00Z",
                machine,
                Map.of(),
                List.of(row(Target.atLeast(1.5, 3))),
                List.of(new Figure(
                        "start", "s", new Series(List.of(1.0, 1.25, 1.1)), Target.atMost(1.5, 1), "with all of it")),
                List.of(
                        new Missing("import", Target.atLeast(4, 8), true, "it broke"),
                        new Missing("peer", Target.REPORTED, false, "no such program")),
                List.of());
        assertThat(results.markdown()).contains("| row | 2.00 | 100 % | 1.50 | 3.00 | gate |");
        assertThat(results.json().at("/rows/0/ratio").asDouble()).isEqualTo(2);
        assertThat(results.json().at("/rows/0/gate").asDouble()).isEqualTo(1.5);
        assertThat(results.json().at("/rows/0/measured/perSecond").asLong()).isEqualTo(100);
        assertThat(results.markdown())
                .contains("| start | 1.10 | s | 23 % | 1.50 | 1.00 | gate | with all of it |")
                .contains("| import | failed | it broke |")
                .contains("| peer | not measured | no such program |");
        assertThat(results.json().at("/rows/1/value").asDouble()).isEqualTo(1.1);
        assertThat(results.json().at("/rows/1/gate").asDouble()).isEqualTo(1.5);
        assertThat(results.json().at("/rows/2/verdict").asText()).isEqualTo("failed");
        assertThat(results.json().at("/rows/2/value").isNull()).isTrue();
        assertThat(results.json().at("/rows/2/gate").asDouble()).isEqualTo(4);
        assertThat(results.json().at("/rows/3/verdict").asText()).isEqualTo("not measured");
    }
}
