package org.waymark.bench.measure;

/**
 * A row without a number.
 *
 * @param isFailure it should have one; else the machine lacks what it is compared with
 * @param why for people
 */
public record Missing(String name, Target target, boolean isFailure, String why) {

    /** {@code failed} or {@code not measured}. */
    public String verdict() {
        return isFailure ? "failed" : "not measured";
    }
}
