package org.waymark.bench.measure;

import java.util.OptionalDouble;

/**
 * What a number should come to.
 *
 * @param gate has to be reached; empty where the number is only reported
 * @param goal to fight for
 * @param isCeiling less is better
 */
public record Target(OptionalDouble gate, OptionalDouble goal, boolean isCeiling) {

    /** The number is only reported. */
    public static final Target REPORTED = new Target(OptionalDouble.empty(), OptionalDouble.empty(), false);

    /** More is better. */
    public static Target atLeast(double gate, double goal) {
        return new Target(OptionalDouble.of(gate), OptionalDouble.of(goal), false);
    }

    /** Less is better. */
    public static Target atMost(double gate, double goal) {
        return new Target(OptionalDouble.of(gate), OptionalDouble.of(goal), true);
    }

    /** {@code below gate} ({@code above gate} where less is better), {@code gate}, {@code goal}, or {@code reported}. */
    public String verdict(double value) {
        if (gate.isEmpty()) {
            return "reported";
        }
        if (reaches(value, goal.orElseThrow())) {
            return "goal";
        }
        if (reaches(value, gate.orElseThrow())) {
            return "gate";
        }
        return isCeiling ? "above gate" : "below gate";
    }

    private boolean reaches(double value, double bound) {
        return isCeiling ? value <= bound : value >= bound;
    }
}
