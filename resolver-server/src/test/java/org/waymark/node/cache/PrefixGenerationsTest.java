package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.cache.Answers.prefix;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.identifier.Scheme;
import org.waymark.node.cache.PrefixGenerations.Generation;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

class PrefixGenerationsTest {

    private final PrefixGenerations generations = new PrefixGenerations();

    @Test
    void withoutChangesEveryAnswerIsCovered() {
        assertThat(generations.of(prefix("88.118.8")).covers(0)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"88.118.8", "88.118", "88"})
    void aChangeVoidsOlderAnswersOfThePrefixAndThoseBelow(String changed) {
        Generation before = generations.of(prefix("88.118.8"));
        generations.changed(prefix(changed), 7);

        for (Generation generation : List.of(before, generations.of(prefix("88.118.8")))) {
            assertThat(generation.covers(6)).isFalse();
            assertThat(generation.covers(7)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"88.118.9", "88.118.81", "88.119", "87"})
    void aChangeElsewhereVoidsNothing(String changed) {
        Generation before = generations.of(prefix("88.118.8"));
        RecordKey elsewhere =
                changed.equals("87") ? RecordKey.of(RecordKind.PREFIX, Scheme.HANDLE, "20.500") : prefix(changed);
        generations.changed(elsewhere, 7);

        assertThat(before.covers(6)).isTrue();
    }

    @Test
    void aNewPrefixVoidsOlderAnswersOfThePrefixThatAnsweredInItsPlace() {
        Generation above = generations.of(prefix("88.118"));
        generations.changed(prefix("88.118.8"), 7);

        assertThat(above.covers(6)).isFalse();
    }

    @Test
    void aNewPrefixVoidsOlderAnswersOfAPrefixThatIsFirstAskedForLater() {
        generations.changed(prefix("88.118.8"), 7);

        assertThat(generations.of(prefix("88.118")).covers(6)).isFalse();
        assertThat(generations.of(prefix("88")).covers(6)).isFalse();
        assertThat(generations.of(prefix("88.118.8.1")).covers(6)).isFalse();
        assertThat(generations.of(prefix("88.118.9")).covers(6)).isTrue();
    }

    @Test
    void anOlderChangeThatIsHeardOfLaterVoidsNoMore() {
        Generation generation = generations.of(prefix("88.118.8"));
        generations.changed(prefix("88.118.8"), 7);
        generations.changed(prefix("88.118.8"), 5);

        assertThat(generation.covers(6)).isFalse();
        assertThat(generation.covers(7)).isTrue();
    }

    @Test
    void aPrefixHasOneGeneration() {
        assertThat(generations.of(prefix("88.118.8"))).isSameAs(generations.of(prefix("88.118.8")));
    }

    @Test
    void theCountRisesWithEveryChangeAndOnlyThen() {
        generations.changed(prefix("88.118.8"), 7);
        long once = generations.count();
        generations.changed(prefix("88.118.8"), 7);
        assertThat(generations.count()).isEqualTo(once);
        generations.changed(prefix("88.118.8"), 8);
        assertThat(generations.count()).isGreaterThan(once);
    }

    @Test
    void aGenerationMadeWhileItsPrefixChangesKnowsTheChange() throws Exception {
        for (int round = 1; round <= 500; round++) {
            RecordKey maker = prefix("88.118." + round);
            int change = round;
            CyclicBarrier together = new CyclicBarrier(3);
            List<CompletableFuture<Generation>> made = new ArrayList<>();
            for (RecordKey asked : List.of(maker, prefix("88.118." + round + ".1"))) {
                made.add(CompletableFuture.supplyAsync(() -> {
                    await(together);
                    return generations.of(asked);
                }));
            }
            await(together);
            generations.changed(maker, change);

            for (CompletableFuture<Generation> generation : made) {
                assertThat(generation.get().covers(change - 1)).isFalse();
            }
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
