package org.waymark.bench.measure;

import java.util.Arrays;
import java.util.List;

/** Numbers that were measured one after the other. Immutable. */
public record Series(List<Double> values) {

    public Series {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a series has at least one value");
        }
        values = List.copyOf(values);
    }

    public double median() {
        double[] sorted = sorted();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** From the least to the greatest value, as a part of the median. */
    public double spread() {
        double[] sorted = sorted();
        return (sorted[sorted.length - 1] - sorted[0]) / median();
    }

    private double[] sorted() {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
