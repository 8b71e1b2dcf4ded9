package org.waymark.node.operations;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.waymark.node.metrics.FaceTotals;
import org.waymark.node.metrics.Latencies;
import org.waymark.node.metrics.Totals;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/** What happened in one second, or since the start, in the form that the console's page reads. */
final class ConsoleSample {

    private static final double NANOS_A_MILLI = 1e6;

    private ConsoleSample() {}

    static ObjectNode of(Totals totals, long at) {
        ObjectNode sample = JsonNodeFactory.instance.objectNode().put("at", at);
        ObjectNode outcomes = sample.putObject("outcomes");
        for (Outcome outcome : Outcome.values()) {
            put(outcomes, outcome.name(), totals.answered(outcome));
        }
        ObjectNode faces = sample.putObject("faces");
        ObjectNode connections = sample.putObject("connections");
        for (FaceTotals face : totals.faces()) {
            faces.put(face.face().label(), face.answered());
            connections.put(face.face().label(), face.connections());
        }
        ObjectNode sources = sample.putObject("sources");
        for (AnswerSource source : AnswerSource.values()) {
            put(sources, source.name(), totals.answered(source));
        }
        ObjectNode registrations = sample.putObject("registrations");
        for (RegisterResult.Code code : RegisterResult.Code.values()) {
            put(registrations, code.name(), totals.registered(code));
        }
        latencies(sample.putObject("resolve"), totals.latencies());
        latencies(sample.putObject("register"), totals.registrationLatencies());
        return sample;
    }

    private static void put(ObjectNode counts, String name, long count) {
        if (count > 0) {
            counts.put(name, count);
        }
    }

    private static void latencies(ObjectNode node, Latencies latencies) {
        node.put("count", latencies.count());
        if (latencies.count() > 0) {
            node.put("p50", latencies.percentileNanos(0.5) / NANOS_A_MILLI)
                    .put("p95", latencies.percentileNanos(0.95) / NANOS_A_MILLI)
                    .put("p99", latencies.percentileNanos(0.99) / NANOS_A_MILLI)
                    .put("mean", latencies.meanNanos() / NANOS_A_MILLI);
        }
    }
}
