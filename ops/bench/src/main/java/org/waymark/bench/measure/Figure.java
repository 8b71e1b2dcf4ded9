package org.waymark.bench.measure;

/**
 * A number that stands by itself, measured one time or more.
 *
 * @param name of what was measured
 * @param unit such as {@code rows/s}
 * @param detail what else was counted meanwhile; may be empty
 */
public record Figure(String name, String unit, Series values, Target target, String detail) {

    /** What {@link Target#verdict} says of the median. */
    public String verdict() {
        return target.verdict(values.median());
    }
}
