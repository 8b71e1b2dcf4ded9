package org.waymark.node.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HyperLogLogTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100, 1_000, 5_000, 100_000})
    void theEstimateIsWithinAFewStandardErrors(int different) {
        HyperLogLog sketch = new HyperLogLog();
        for (int i = 0; i < different; i++) {
            sketch.add("10.0." + i / 256 + "." + i % 256);
            sketch.add("10.0." + i / 256 + "." + i % 256);
        }

        assertThat(sketch.estimate()).isCloseTo(different, withinPercentage(8));
    }

    @Test
    void sketchesOfTwoDaysCountWhatIsInBothOnce() {
        HyperLogLog one = new HyperLogLog();
        HyperLogLog other = new HyperLogLog();
        for (int i = 0; i < 20; i++) {
            one.add("a" + i);
            other.add("a" + (i + 10));
        }
        one.addAll(new HyperLogLog(other.registers()));

        assertThat(one.estimate()).isEqualTo(30);
    }
}
