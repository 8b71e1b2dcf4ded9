package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.cache.Answers.PUMP;
import static org.waymark.node.cache.Answers.item;

import org.junit.jupiter.api.Test;

class SequenceFloorsTest {

    private final SequenceFloors floors = new SequenceFloors(0);

    @Test
    void whatIsBelowTheFloorIsNotAdmittedBeforeItHasBeenPublished() {
        floors.raise(PUMP, 10);

        assertThat(floors.admits(PUMP, 9, 9)).isFalse();
        assertThat(floors.admits(PUMP, 10, 0)).isTrue();
        assertThat(floors.admits(PUMP, 1, 10)).isTrue();
    }

    @Test
    void aFloorNeverFalls() {
        floors.raise(PUMP, 10);
        floors.raise(PUMP, 5);

        assertThat(floors.admits(PUMP, 9, 9)).isFalse();
    }

    @Test
    void aFloorConcernsItsKey() {
        floors.raise(PUMP, 10);

        assertThat(floors.admits(item("88.118.8/crane"), 1, 0)).isTrue();
    }

    @Test
    void allFloorsStartWhereTheyAreTold() {
        SequenceFloors afterRestart = new SequenceFloors(100);

        assertThat(afterRestart.admits(PUMP, 99, 99)).isFalse();
        assertThat(afterRestart.admits(PUMP, 99, 100)).isTrue();
    }
}
