package org.waymark.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/** What operators watch. Every meter is made once, so that counting costs an addition. Safe for use by many threads. */
public final class NodeMetrics {

    private final MeterRegistry registry;
    private final Map<Outcome, Map<AnswerSource, Counter>> answers = new EnumMap<>(Outcome.class);
    private final Map<RegisterResult.Code, Counter> registrations = new EnumMap<>(RegisterResult.Code.class);
    private final Counter staleAnswers;
    private final Counter redisFaults;
    private final Counter redisRecoveries;
    private final Counter redisLookUpFaults;
    private final Counter malformedFrames;
    private final Counter refusedConnections;
    private final Counter slowConnections;
    private final AtomicInteger connections = new AtomicInteger();

    public NodeMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Outcome outcome : Outcome.values()) {
            Map<AnswerSource, Counter> bySource = new EnumMap<>(AnswerSource.class);
            for (AnswerSource source : AnswerSource.values()) {
                bySource.put(
                        source,
                        Counter.builder("waymark.resolutions")
                                .description("Answers to look-ups")
                                .tag("outcome", outcome.name())
                                .tag("source", source.name())
                                .register(registry));
            }
            answers.put(outcome, bySource);
        }
        for (RegisterResult.Code code : RegisterResult.Code.values()) {
            registrations.put(
                    code,
                    Counter.builder("waymark.registrations")
                            .description("Records that were offered, by what became of them")
                            .tag("result", code.name())
                            .register(registry));
        }
        staleAnswers = counter("waymark.resolutions.stale", "Answers that were older than their life allows");
        redisFaults = counter("waymark.redis.faults", "Times that Redis stopped being trusted");
        redisRecoveries = counter("waymark.redis.recoveries", "Times that Redis was trusted again");
        redisLookUpFaults = counter(
                "waymark.redis.lookup.faults", "Look-ups that Redis failed or was too slow for; the registry answered");
        malformedFrames = counter("waymark.frames.malformed", "Frames that could not be read");
        refusedConnections = counter("waymark.connections.refused", "Connections over the limit");
        slowConnections = counter(
                "waymark.connections.slow",
                "Connections ended since too much waited for clients, and theirs took nothing");
        registry.gauge("waymark.connections", connections);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    /** Reports a number that is read when somebody looks. */
    public void gauge(String name, Supplier<Number> value) {
        registry.gauge(name, value, supplier -> supplier.get().doubleValue());
    }

    public void answered(Outcome outcome, AnswerSource source, boolean stale) {
        answers.get(outcome).get(source).increment();
        if (stale) {
            staleAnswers.increment();
        }
    }

    /** So many answers with this outcome from the near cache, none of them stale. */
    public void answeredFromNearCache(Outcome outcome, int count) {
        answers.get(outcome).get(AnswerSource.NEAR_CACHE).increment(count);
    }

    public void registered(RegisterResult.Code code) {
        registrations.get(code).increment();
    }

    public void redisLost() {
        redisFaults.increment();
    }

    public void redisRegained() {
        redisRecoveries.increment();
    }

    public void redisLookUpFailed() {
        redisLookUpFaults.increment();
    }

    public void malformedFrame() {
        malformedFrames.increment();
    }

    public void connectionRefused() {
        refusedConnections.increment();
    }

    public void slowConnectionEnded() {
        slowConnections.increment();
    }

    public void connectionOpened() {
        connections.incrementAndGet();
    }

    public void connectionClosed() {
        connections.decrementAndGet();
    }
}
