package org.waymark.node.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/**
 * What the node counted since it started, or between two looks. Immutable.
 *
 * @param faces one for each face, in their order
 * @param effects how long records took to reach every node, by way of Redis
 */
public record Totals(
        List<FaceTotals> faces, Latencies effects, long redisFaults, long redisRecoveries, long redisLookUpFaults) {

    public Totals {
        faces = List.copyOf(faces);
    }

    /** These without those that were counted before. */
    public Totals since(Totals before) {
        List<FaceTotals> more = new ArrayList<>();
        for (int i = 0; i < faces.size(); i++) {
            more.add(faces.get(i).since(before.faces.get(i)));
        }
        return new Totals(
                more,
                effects.since(before.effects),
                redisFaults - before.redisFaults,
                redisRecoveries - before.redisRecoveries,
                redisLookUpFaults - before.redisLookUpFaults);
    }

    private long sum(ToLongFunction<FaceTotals> part) {
        return faces.stream().mapToLong(part).sum();
    }

    /** All answers to look-ups. */
    public long answered() {
        return sum(FaceTotals::answered);
    }

    public long answered(Outcome outcome) {
        return sum(face -> {
            long sum = 0;
            for (long count : face.answers()[outcome.ordinal()]) {
                sum += count;
            }
            return sum;
        });
    }

    public long answered(AnswerSource source) {
        return sum(face -> {
            long sum = 0;
            for (long[] bySource : face.answers()) {
                sum += bySource[source.ordinal()];
            }
            return sum;
        });
    }

    /** Answers that were not what was asked for: ERROR and BUSY. */
    public long failed() {
        return answered(Outcome.ERROR) + answered(Outcome.BUSY);
    }

    public long registered(RegisterResult.Code code) {
        return sum(face -> face.registrations()[code.ordinal()]);
    }

    public Latencies latencies() {
        return faces.stream().map(FaceTotals::latencies).reduce(Latencies.NONE, Latencies::plus);
    }

    public Latencies registrationLatencies() {
        return faces.stream().map(FaceTotals::registrationLatencies).reduce(Latencies.NONE, Latencies::plus);
    }

    public long malformed() {
        return sum(FaceTotals::malformed);
    }

    /** Connections over the limit. */
    public long refused() {
        return sum(FaceTotals::refused);
    }

    /** Connections whose clients took nothing. */
    public long slow() {
        return sum(FaceTotals::slow);
    }

    public long connections() {
        return sum(FaceTotals::connections);
    }
}
