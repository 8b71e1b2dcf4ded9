package org.waymark.lifecycle;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.waymark.v1.Decision.Kind;
import org.waymark.v1.PrefixCase.State;

/** Which step leads from which state to which; the table is that of lifecycle.proto. */
public final class LifeCycle {

    /** How long an application awaits review; after that it has lapsed, and counts as rejected. */
    public static final Duration AWAITS_REVIEW = Duration.ofDays(30);

    private static final Map<State, Map<Kind, State>> TRANSITIONS = new EnumMap<>(State.class);

    static {
        put(State.AWAITING_REVIEW, Kind.REVIEW, State.IN_REVIEW);
        put(State.AWAITING_REVIEW, Kind.REJECT, State.REJECTED);
        put(State.IN_REVIEW, Kind.APPROVE, State.ENABLED);
        put(State.IN_REVIEW, Kind.REJECT, State.REJECTED);
        put(State.ENABLED, Kind.DISABLE, State.DISABLED);
        put(State.ENABLED, Kind.DELETE, State.DELETING);
        put(State.DISABLED, Kind.ENABLE, State.ENABLED);
        put(State.DISABLED, Kind.DELETE, State.DELETING);
    }

    private LifeCycle() {}

    private static void put(State from, Kind step, State to) {
        TRANSITIONS.computeIfAbsent(from, state -> new EnumMap<>(Kind.class)).put(step, to);
    }

    /** The state that a step leads to; empty where it is not allowed in this state. */
    public static Optional<State> after(State state, Kind step) {
        return Optional.ofNullable(TRANSITIONS.getOrDefault(state, Map.of()).get(step));
    }

    /** The steps that are allowed in a state. */
    public static Set<Kind> allowed(State state) {
        return Collections.unmodifiableSet(
                TRANSITIONS.getOrDefault(state, Map.of()).keySet());
    }

    /** True while nothing is decided, so that the application takes up room. */
    public static boolean isPending(State state) {
        return state == State.AWAITING_REVIEW || state == State.IN_REVIEW;
    }

    /** True for the steps that come with a version of the prefix record. */
    public static boolean publishes(Kind step) {
        return step != Kind.REVIEW && step != Kind.REJECT;
    }

    /** Why a step can't be taken, and what can. */
    public static String refusal(State state, Kind step) {
        String allowed = allowed(state).stream().map(LifeCycle::text).collect(Collectors.joining(", "));
        return "the state is " + text(state) + ", in which " + text(step) + " is not allowed; "
                + (allowed.isEmpty() ? "it is final" : "allowed: " + allowed);
    }

    /** For people: {@code awaiting review}. */
    public static String text(State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** For people: {@code approve}. */
    public static String text(Kind step) {
        return step.name().toLowerCase(Locale.ROOT);
    }
}
