package org.waymark.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/** Counts what happens on one face. Safe for use by many threads. */
public final class FaceMetrics {

    private final NodeMetrics node;
    private final Face face;
    private final Map<Outcome, Map<AnswerSource, Counter>> answers = new EnumMap<>(Outcome.class);
    private final Map<RegisterResult.Code, Counter> registrations = new EnumMap<>(RegisterResult.Code.class);
    private final LatencyHistogram latencies;
    private final LatencyHistogram registrationLatencies;
    private final LongAdder ready = new LongAdder();
    private final Counter staleAnswers;
    private final Counter malformed;
    private final Counter refusedConnections;
    private final Counter slowConnections;
    private final AtomicInteger connections = new AtomicInteger();

    FaceMetrics(NodeMetrics node, Face face, MeterRegistry registry) {
        this.node = node;
        this.face = face;
        latencies = node.latency(
                "waymark_resolution_seconds",
                "From when a look-up was read until its answer was handed over to be sent",
                "face",
                face.label());
        registrationLatencies = node.latency(
                "waymark_registration_seconds",
                "From when a registration was read until its result was handed over to be sent",
                "face",
                face.label());
        for (Outcome outcome : Outcome.values()) {
            Map<AnswerSource, Counter> bySource = new EnumMap<>(AnswerSource.class);
            for (AnswerSource source : AnswerSource.values()) {
                bySource.put(
                        source,
                        counter("waymark.resolutions", "Answers to look-ups")
                                .tag("outcome", outcome.name())
                                .tag("source", source.name())
                                .register(registry));
            }
            answers.put(outcome, bySource);
        }
        for (RegisterResult.Code code : RegisterResult.Code.values()) {
            registrations.put(
                    code,
                    counter("waymark.registrations", "Records that were offered, by what became of them")
                            .tag("result", code.name())
                            .register(registry));
        }
        staleAnswers = counter("waymark.resolutions.stale", "Answers that were older than their life allows")
                .register(registry);
        malformed = counter("waymark.frames.malformed", "Requests that could not be understood")
                .register(registry);
        refusedConnections = counter("waymark.connections.refused", "Connections over the limit")
                .register(registry);
        slowConnections = counter(
                        "waymark.connections.slow",
                        "Connections ended since too much waited for clients, and theirs took nothing")
                .register(registry);
        node.gauge("waymark.connections", "Open connections", connections::get, "face", face.label());
    }

    private Counter.Builder counter(String name, String description) {
        return Counter.builder(name).description(description).tag("face", face.label());
    }

    public Face face() {
        return face;
    }

    /**
     * What counts for one connection, which is not one of those that are served before {@link ConnectionMetrics#opened()}.
     *
     * @param remote where it comes from; may be null
     */
    public ConnectionMetrics connection(SocketAddress remote) {
        return new ConnectionMetrics(this, remote);
    }

    FaceTotals totals() {
        FaceTotals totals = FaceTotals.none(face);
        answers.forEach((outcome, bySource) -> bySource.forEach(
                (source, counter) -> totals.answers()[outcome.ordinal()][source.ordinal()] = (long) counter.count()));
        registrations.forEach((code, counter) -> totals.registrations()[code.ordinal()] = (long) counter.count());
        return new FaceTotals(
                face,
                totals.answers(),
                totals.registrations(),
                latencies.snapshot(),
                registrationLatencies.snapshot(),
                (long) malformed.count(),
                (long) refusedConnections.count(),
                (long) slowConnections.count(),
                connections.get());
    }

    /** Answers that went the short way, past the links of the chain. */
    long readyAnswers() {
        return ready.sum();
    }

    OwnerTally tally() {
        return node.tally();
    }

    long window() {
        return node.window();
    }

    void opened(ConnectionMetrics connection) {
        connections.incrementAndGet();
        node.opened(connection);
    }

    void closed(ConnectionMetrics connection) {
        connections.decrementAndGet();
        node.closed(connection);
    }

    void answered(Outcome outcome, AnswerSource source, int count) {
        answers.get(outcome).get(source).increment(count);
    }

    void stale() {
        staleAnswers.increment();
    }

    void took(long nanosEach, int count) {
        latencies.record(nanosEach, count);
    }

    void ready(int count) {
        ready.add(count);
    }

    void registered(RegisterResult.Code code) {
        registrations.get(code).increment();
    }

    void registrationTook(long nanosEach, int count) {
        registrationLatencies.record(nanosEach, count);
    }

    void malformed() {
        malformed.increment();
    }

    void refused() {
        refusedConnections.increment();
    }

    void slowEnded() {
        slowConnections.increment();
    }
}
