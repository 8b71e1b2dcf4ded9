package org.waymark.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import org.waymark.record.RecordKey;

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
    private final Map<String, LatencyMeter> latencies = new HashMap<>();
    private final LatencyHistogram redisLookUps;
    private final LatencyHistogram effects;
    private final Counter redisHits;
    private final Counter redisMisses;
    private final Counter redisFaults;
    private final Counter redisRecoveries;
    private final Counter redisLookUpFaults;
    private SpaceSaving<String> closedSources = new SpaceSaving<>(CLOSED_SOURCES);
    /** Holds what counters read: they themselves don't. */
    private final List<LongSupplier> counted = new CopyOnWriteArrayList<>();

    private volatile long window;

    public NodeMetrics(MeterRegistry registry) {
        this.registry = registry;
        effects = latency("waymark_effect_seconds", "From when a record was stored until Redis had it for all nodes");
        redisLookUps = latency("waymark_redis_lookup_seconds", "How long Redis took to answer a look-up");
        redisHits = cache("waymark.cache.hits", "Look-ups that a cache answered");
        redisMisses = cache("waymark.cache.misses", "Look-ups that a cache could not answer");
        redisFaults = counter("waymark.redis.faults", "Times that Redis stopped being trusted");
        redisRecoveries = counter("waymark.redis.recoveries", "Times that Redis was trusted again");
        redisLookUpFaults = counter(
                "waymark.redis.lookup.faults", "Look-ups that Redis failed or was too slow for; the registry answered");
    }

    private Counter cache(String name, String description) {
        return Counter.builder(name)
                .description(description)
                .tag("cache", "redis")
                .register(registry);
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

    /**
     * Reports a number that only grows, and is read when somebody looks.
     *
     * @param labels names and values by turns
     */
    public void count(String name, String description, LongSupplier value, String... labels) {
        FunctionCounter.builder(name, value, LongSupplier::getAsLong)
                .description(description)
                .tags(labels)
                .register(registry);
        counted.add(value);
    }

    /**
     * A histogram of latencies, the same object at every call.
     *
     * @param name as Prometheus shows it
     * @param labels names and values by turns
     */
    public LatencyHistogram latency(String name, String description, String... labels) {
        synchronized (latencies) {
            LatencyMeter meter = latencies.get(name);
            if (meter == null) {
                meter = new LatencyMeter(name, description);
                latencies.put(name, meter);
                if (registry instanceof PrometheusMeterRegistry prometheus) {
                    prometheus.getPrometheusRegistry().register(meter);
                }
            }
            return meter.histogram(labels);
        }
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
        long answers = connection.takeAnswers();
        if (answers > 0) {
            synchronized (this) {
                closedSources.add(connection.source(), answers);
            }
        }
    }

    /** What was counted up to now. */
    public Totals totals() {
        List<FaceTotals> all = new ArrayList<>();
        synchronized (faces) {
            for (Face face : Face.values()) {
                FaceMetrics metrics = faces.get(face);
                all.add(metrics == null ? FaceTotals.none(face) : metrics.totals());
            }
        }
        return new Totals(all, effects.snapshot(), (long) redisFaults.count(), (long) redisRecoveries.count(), (long)
                redisLookUpFaults.count());
    }

    /** Answers from the near cache that went past the links of the chain. */
    public long readyAnswers() {
        synchronized (faces) {
            return faces.values().stream().mapToLong(FaceMetrics::readyAnswers).sum();
        }
    }

    /**
     * What was answered by prefix. Exact for {@value OwnerTally#MOST_OWNERS} prefixes an event loop; those that it met after are
     * together under the key null.
     */
    public Map<RecordKey, OwnerTotals> owners() {
        Map<RecordKey, OwnerTotals> owners = new HashMap<>();
        for (OwnerTally each : tallies) {
            for (OwnerTally.Cell cell : each.cells()) {
                boolean isOfWindow = cell.isOf(window);
                OwnerTotals totals = new OwnerTotals(
                        cell.answers(),
                        cell.successes(),
                        cell.nanos(),
                        isOfWindow ? cell.leastNanos() : -1,
                        isOfWindow ? cell.mostNanos() : -1);
                owners.merge(cell.owner(), totals, OwnerTotals::plus);
            }
        }
        return owners;
    }

    /** Shortest and longest latencies of owners are those from now on. */
    public void beginWindow() {
        window++;
    }

    /**
     * Tells from where look-ups came since this was called last: addresses without ports, and how many each. Exact where not more
     * than {@value #CLOSED_SOURCES} addresses closed connections meanwhile.
     */
    public void drainSources(ObjLongConsumer<String> sink) {
        SpaceSaving<String> closed;
        synchronized (this) {
            closed = closedSources;
            closedSources = new SpaceSaving<>(CLOSED_SOURCES);
        }
        closed.top(CLOSED_SOURCES).forEach(count -> sink.accept(count.item(), count.count()));
        for (ConnectionMetrics connection : connections) {
            long answers = connection.takeAnswers();
            if (answers > 0) {
                sink.accept(connection.source(), answers);
            }
        }
    }

    /**
     * Records have reached Redis, and so every node.
     *
     * @param millis since the first of them was stored
     */
    public void tookEffect(long millis, int records) {
        effects.record(TimeUnit.MILLISECONDS.toNanos(millis), records);
    }

    /** How long Redis took for so many look-ups that were asked together. */
    public void redisLookedUp(long nanos, int count) {
        redisLookUps.record(nanos, count);
    }

    /** Redis answered look-ups: so many with what was asked for, and so many without. */
    public void redisAnswered(int hits, int misses) {
        redisHits.increment(hits);
        redisMisses.increment(misses);
    }

    public void redisLost() {
        redisFaults.increment();
    }

    public void redisRegained() {
        redisRecoveries.increment();
    }

    /** So many look-ups. */
    public void redisLookUpsFailed(int count) {
        redisLookUpFaults.increment(count);
    }
}
