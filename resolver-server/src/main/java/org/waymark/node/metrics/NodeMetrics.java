package org.waymark.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * What operators watch. Every meter is made once, so that counting costs an addition; labels have few values, so that their number
 * is bounded. Safe for use by many threads.
 */
public final class NodeMetrics {

    private static final int CLOSED_SOURCES = 4_096;

    private final MeterRegistry registry;
    private final Map<Face, FaceMetrics> faces = new EnumMap<>(Face.class);
    private final Set<ConnectionMetrics> connections = ConcurrentHashMap.newKeySet();
    private final List<OwnerTally> tallies = new CopyOnWriteArrayList<>();
    private final ThreadLocal<OwnerTally> tally = ThreadLocal.withInitial(this::newTally);
    private final Counter redisFaults;
    private final Counter redisRecoveries;
    private final Counter redisLookUpFaults;
    private SpaceSaving<String> closedSources = new SpaceSaving<>(CLOSED_SOURCES);
    private volatile long window;

    public NodeMetrics(MeterRegistry registry) {
        this.registry = registry;
        redisFaults = counter("waymark.redis.faults", "Times that Redis stopped being trusted");
        redisRecoveries = counter("waymark.redis.recoveries", "Times that Redis was trusted again");
        redisLookUpFaults = counter(
                "waymark.redis.lookup.faults", "Look-ups that Redis failed or was too slow for; the registry answered");
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    /** Reports a number that is read when somebody looks. */
    public void gauge(String name, Supplier<Number> value) {
        gauge(name, null, value);
    }

    /**
     * Reports a number that is read when somebody looks.
     *
     * @param labels names and values by turns
     */
    public void gauge(String name, String description, Supplier<Number> value, String... labels) {
        // The gauge holds its supplier, so that it is there as long as the registry.
        Gauge.builder(name, value).description(description).tags(labels).register(registry);
    }

    /** What counts for one face; the same object at every call. Its meters are there from the first call on. */
    public FaceMetrics face(Face face) {
        synchronized (faces) {
            return faces.computeIfAbsent(face, made -> new FaceMetrics(this, made, registry));
        }
    }

    private OwnerTally newTally() {
        OwnerTally made = new OwnerTally();
        tallies.add(made);
        return made;
    }

    OwnerTally tally() {
        return tally.get();
    }

    long window() {
        return window;
    }

    void opened(ConnectionMetrics connection) {
        connections.add(connection);
    }

    void closed(ConnectionMetrics connection) {
        connections.remove(connection);
        synchronized (this) {
            if (connection.answers() > 0) {
                closedSources.add(connection.source(), connection.answers());
            }
        }
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
}
