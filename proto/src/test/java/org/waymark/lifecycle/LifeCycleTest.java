package org.waymark.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.waymark.v1.Decision.Kind;
import org.waymark.v1.PrefixCase.State;

class LifeCycleTest {

    private static final List<Kind> KINDS =
            List.of(Kind.REVIEW, Kind.APPROVE, Kind.REJECT, Kind.DISABLE, Kind.ENABLE, Kind.DELETE);

    /** State, step and what it leads to; all that is not here is refused. */
    private static final Object[][] TABLE = {
        {State.AWAITING_REVIEW, Kind.REVIEW, State.IN_REVIEW},
        {State.AWAITING_REVIEW, Kind.REJECT, State.REJECTED},
        {State.IN_REVIEW, Kind.APPROVE, State.ENABLED},
        {State.IN_REVIEW, Kind.REJECT, State.REJECTED},
        {State.ENABLED, Kind.DISABLE, State.DISABLED},
        {State.ENABLED, Kind.DELETE, State.DELETING},
        {State.DISABLED, Kind.ENABLE, State.ENABLED},
        {State.DISABLED, Kind.DELETE, State.DELETING},
    };

    @Example
    void onlyTheStepsOfTheTableAreAllowed() {
        for (State state : State.values()) {
            for (Kind kind : Kind.values()) {
                Optional<Object> expected = Arrays.stream(TABLE)
                        .filter(row -> row[0] == state && row[1] == kind)
                        .map(row -> row[2])
                        .findAny();
                assertThat(LifeCycle.after(state, kind).map(Object.class::cast))
                        .as("%s %s", state, kind)
                        .isEqualTo(expected);
                assertThat(LifeCycle.allowed(state).contains(kind)).isEqualTo(expected.isPresent());
            }
        }
    }

    /** However the steps come, a prefix is enabled only after it was approved, and nothing comes after an end. */
    @Property
    void noWayLeadsPastTheReviewOrBackFromAnEnd(@ForAll List<@From("kinds") Kind> steps) {
        State state = State.AWAITING_REVIEW;
        boolean reviewed = false;
        boolean approved = false;
        boolean ended = false;
        for (Kind step : steps) {
            Optional<State> next = LifeCycle.after(state, step);
            if (next.isEmpty()) {
                assertThat(LifeCycle.refusal(state, step))
                        .contains(LifeCycle.text(state))
                        .contains(LifeCycle.text(step));
                continue;
            }
            assertThat(ended).isFalse();
            reviewed |= step == Kind.REVIEW;
            approved |= step == Kind.APPROVE;
            state = next.get();
            ended = state == State.REJECTED || state == State.DELETING;
            if (state == State.ENABLED || state == State.DISABLED || state == State.DELETING) {
                assertThat(approved && reviewed).isTrue();
            }
        }
    }

    @Provide
    Arbitrary<Kind> kinds() {
        return Arbitraries.of(KINDS);
    }

    @Example
    void aRefusalSaysWhatIsAllowed() {
        assertThat(LifeCycle.refusal(State.ENABLED, Kind.APPROVE))
                .isEqualTo("the state is enabled, in which approve is not allowed; allowed: disable, delete");
        assertThat(LifeCycle.refusal(State.REJECTED, Kind.REVIEW))
                .isEqualTo("the state is rejected, in which review is not allowed; it is final");
    }
}
