package org.waymark.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class KeySequenceTest {

    private static final int KEYS = 1_000;

    private static int[] counts(KeySequence sequence) {
        int[] counts = new int[KEYS];
        KeySequence.Cursor cursor = sequence.from(0);
        for (int i = 0; i < sequence.length(); i++) {
            counts[cursor.next()]++;
        }
        Arrays.sort(counts);
        return counts;
    }

    @Test
    void inOrderEachKeyComesOnceAndThenAgain() {
        KeySequence.Cursor cursor = KeySequence.inOrder(3).from(2);
        assertThat(new int[] {cursor.next(), cursor.next(), cursor.next(), cursor.next()})
                .containsExactly(2, 0, 1, 2);
    }

    @Test
    void uniformKeysAreAboutEquallyFrequent() {
        KeySequence sequence = KeySequence.uniform(KEYS, 7);
        int[] counts = counts(sequence);
        int average = sequence.length() / KEYS;
        assertThat(counts[0]).isGreaterThan(average * 9 / 10);
        assertThat(counts[KEYS - 1]).isLessThan(average * 11 / 10);
    }

    /** The most frequent of n keys has a share of 1 / (sum over r of r^-0.99), the second 2^-0.99 times that. */
    @Test
    void zipfKeysFollowTheirLaw() {
        KeySequence sequence = KeySequence.zipf(KEYS, 0.99, 7);
        double sum = 0;
        for (int rank = 1; rank <= KEYS; rank++) {
            sum += Math.pow(rank, -0.99);
        }
        int[] counts = counts(sequence);
        double first = sequence.length() / sum;
        assertThat(counts[KEYS - 1] / first).isBetween(0.98, 1.02);
        assertThat(counts[KEYS - 2] / first).isBetween(0.49, 0.52);
    }
}
