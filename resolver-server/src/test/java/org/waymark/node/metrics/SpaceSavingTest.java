package org.waymark.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SpaceSavingTest {

    @Property
    void countsAreExactUpToTheCapacity(@ForAll @Size(max = 300) List<@IntRange(min = 0, max = 7) Integer> items) {
        SpaceSaving<Integer> sketch = new SpaceSaving<>(8);
        items.forEach(item -> sketch.add(item, 1));

        assertThat(sketch.top(8)).allSatisfy(count -> {
            assertThat(count.count()).isEqualTo(trueCounts(items).get(count.item()));
            assertThat(count.error()).isZero();
        });
        assertThat(sketch.size()).isEqualTo(trueCounts(items).size());
    }

    @Property
    void aCountIsNeverTooLowAndTooHighByItsErrorAtMost(
            @ForAll @Size(max = 500) List<@IntRange(min = 0, max = 40) Integer> items) {
        SpaceSaving<Integer> sketch = new SpaceSaving<>(8);
        items.forEach(item -> sketch.add(item, 1));

        Map<Integer, Long> counts = trueCounts(items);
        assertThat(sketch.top(8))
                .allSatisfy(count -> assertThat(counts.getOrDefault(count.item(), 0L))
                        .isBetween(count.count() - count.error(), count.count()));
        assertThat(sketch.size()).isLessThanOrEqualTo(8);
    }

    @Property
    void whateverIsMoreThanAnEighthIsHeld(@ForAll @Size(max = 500) List<@IntRange(min = 0, max = 40) Integer> items) {
        SpaceSaving<Integer> sketch = new SpaceSaving<>(8);
        items.forEach(item -> sketch.add(item, 1));

        List<Integer> held = sketch.top(8).stream().map(SpaceSaving.Count::item).toList();
        trueCounts(items).forEach((item, count) -> {
            if (count > items.size() / 8.0) {
                assertThat(held).contains(item);
            }
        });
    }

    private static Map<Integer, Long> trueCounts(List<Integer> items) {
        Map<Integer, Long> counts = new HashMap<>();
        items.forEach(item -> counts.merge(item, 1L, Long::sum));
        return counts;
    }
}
