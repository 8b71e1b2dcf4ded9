package org.waymark.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.waymark.bench.measure.Row.Measure;
import org.waymark.bench.measure.Row.Question;
import org.waymark.bench.measure.Row.Target;

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
        assertThat(row(Target.of(2.1, 3)).verdict()).isEqualTo("below gate");
        assertThat(row(Target.of(1.5, 3)).verdict()).isEqualTo("gate");
        assertThat(row(Target.of(1.5, 2)).verdict()).isEqualTo("goal");
    }

    @Test
    void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
        assertThat(new Series(List.of(4.0, 1.0, 3.0, 2.0)).median()).isEqualTo(2.5);
    }

    @Test
    void bothFilesOfResultsHoldTheRow() {
        Machine machine = new Machine("a processor", 2, 8L << 30, "Linux", "Java");
        Results results = new Results(
                "ops/bench/run", "2026-01-01T00:00:00Z", machine, Map.of(), List.of(row(Target.of(1.5, 3))), List.of());
        assertThat(results.markdown()).contains("| row | 2.00 | 100 % | 1.50 | 3.00 | gate |");
        assertThat(results.json().at("/rows/0/ratio").asDouble()).isEqualTo(2);
        assertThat(results.json().at("/rows/0/gate").asDouble()).isEqualTo(1.5);
        assertThat(results.json().at("/rows/0/measured/perSecond").asLong()).isEqualTo(100);
    }
}
