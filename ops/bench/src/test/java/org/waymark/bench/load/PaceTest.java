package org.waymark.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {

    @Test
    void callsOfAnOpenLoopKeepTheTimesAtWhichTheyWereDue() {
        Pace pace = Pace.open(1e6, 0);
        long first = firstDue(pace);
        for (int i = 1; i <= 1_000; i++) {
            long due = firstDue(pace);
            assertThat(due - first).isEqualTo(i * 1_000L);
        }
    }

    @Test
    void aCallOfAnOpenLoopIsNotDueBeforeItsTime() {
        Pace pace = Pace.open(0.001, 0.5);
        assertThat(pace.next()).isEqualTo(Pace.LATER);
        assertThat(pace.nanosUntilNext()).isPositive();
    }

    private static long firstDue(Pace pace) {
        long due = pace.next();
        while (due == Pace.LATER) {
            due = pace.next();
        }
        return due;
    }
}
