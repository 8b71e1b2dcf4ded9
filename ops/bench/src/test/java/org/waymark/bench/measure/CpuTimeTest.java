package org.waymark.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuTimeTest {

    @Test
    void aProcessMayHaveSpacesAndParenthesesInItsName() {
        String stat = "4242 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 9 0 1\n";
        assertThat(CpuTime.parseProcess(stat)).isEqualTo(3);
    }

    @Test
    void childrenThatHaveEndedAreCountedApart() {
        String stat = "4242 (java) S 1 2 3 4 5 6 7 8 9 10 250 50 120 30 20 0 9 0 1\n";
        assertThat(CpuTime.parseEndedChildren(stat)).isEqualTo(1.5);
    }

    @Test
    void residentMemoryIsInKibibytes() {
        assertThat(ResidentMemory.parse("Name:\tjava\nVmHWM:\t 200 kB\nVmRSS:\t   100 kB\n"))
                .isEqualTo(102_400);
    }

    @Test
    void aMachineIsNotBusyWhileItIdlesOrWaitsForDisks() {
        String stat = "cpu  100 10 50 9999 8888 1 2 3 7 7\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assertThat(CpuTime.parseMachine(stat)).isEqualTo(1.66);
    }
}
