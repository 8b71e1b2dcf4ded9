package org.waymark.bench.measure;

/**
 * One side of a comparison.
 *
 * @param name such as {@code Redis GET}
 * @param run measures it once
 */
public record Contender(String name, Run run) {

    /** One measurement. */
    public interface Run {
        Window measure() throws Exception;
    }
}
