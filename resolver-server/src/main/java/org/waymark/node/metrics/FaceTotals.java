package org.waymark.node.metrics;

import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/**
 * What one face counted since the node started. Nobody changes the arrays.
 *
 * @param answers by ordinal of the outcome, then of the source
 * @param registrations by ordinal of the result's code
 */
public record FaceTotals(
        Face face,
        long[][] answers,
        long[] registrations,
        Latencies latencies,
        Latencies registrationLatencies,
        long malformed,
        long refused,
        long slow,
        int connections) {

    /** None of anything. */
    static FaceTotals none(Face face) {
        return new FaceTotals(
                face,
                new long[Outcome.values().length][AnswerSource.values().length],
                new long[RegisterResult.Code.values().length],
                Latencies.NONE,
                Latencies.NONE,
                0,
                0,
                0,
                0);
    }

    /** All answers to look-ups. */
    public long answered() {
        long sum = 0;
        for (long[] bySource : answers) {
            for (long count : bySource) {
                sum += count;
            }
        }
        return sum;
    }

    /** This without what was counted before; the connections are those of now. */
    FaceTotals since(FaceTotals before) {
        long[][] more = new long[answers.length][];
        for (int i = 0; i < more.length; i++) {
            more[i] = minus(answers[i], before.answers[i]);
        }
        return new FaceTotals(
                face,
                more,
                minus(registrations, before.registrations),
                latencies.since(before.latencies),
                registrationLatencies.since(before.registrationLatencies),
                malformed - before.malformed,
                refused - before.refused,
                slow - before.slow,
                connections);
    }

    private static long[] minus(long[] from, long[] less) {
        long[] rest = new long[from.length];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = from[i] - less[i];
        }
        return rest;
    }
}
