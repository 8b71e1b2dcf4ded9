package org.waymark.node.reports;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.metrics.OwnerTotals;
import org.waymark.node.metrics.Totals;
import org.waymark.node.registry.RegistryException;
import org.waymark.record.RecordKey;
import org.waymark.v1.NodeInfo;

/**
 * Gathers the figures of the day, once a second, and keeps them once a minute and at the end. Also watches for faults. Methods may be
 * called from any thread.
 */
public final class Figures implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Figures.class);

    private static final long KEEP_MILLIS = 60_000;
    private static final long PATIENCE_SECONDS = 30;
    /** Where owners are counted together. */
    static final String OTHERS = "others";

    private final FigureStore store;
    private final NodeMetrics metrics;
    private final Supplier<NodeInfo> info;
    private final Optional<RecordCounter> records;
    private final ZoneId zone;
    private final Clock clock;
    private final FaultLog faults;
    private final FaultWatch watch;
    private final ScheduledExecutorService worker;
    /** Days that are over and to which something was added; kept with the next figures. */
    private final Map<LocalDate, DayFigures> amended = new HashMap<>();

    private Totals before;
    private Map<RecordKey, OwnerTotals> ownersBefore = Map.of();
    private DayFigures today;
    /** The days of this month before today. */
    private List<DayFigures> earlier;

    private long lookedAt;
    private long keptAt;
    private boolean dated = true;

    /**
     * Goes on with the figures that are there.
     *
     * @param info how the node is; must not block
     * @param records counts what the registry holds; empty where it is another node's
     * @param zone whose days are counted
     * @throws IOException if the figures can't be read or written
     */
    public Figures(
            Path dataDir,
            NodeMetrics metrics,
            Supplier<NodeInfo> info,
            Optional<RecordCounter> records,
            ZoneId zone,
            Clock clock)
            throws IOException {
        this.store = new FigureStore(dataDir);
        this.metrics = metrics;
        this.info = info;
        this.records = records;
        this.zone = zone;
        this.clock = clock;
        long now = clock.millis();
        this.faults = new FaultLog(store.directory(), node(), zone, now);
        this.watch = new FaultWatch(faults, info);
        this.before = metrics.totals();
        this.lookedAt = now;
        this.keptAt = now;
        begin(now);
        this.worker = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "figures");
            thread.setDaemon(true);
            return thread;
        });
    }

    private String node() {
        String prefix = info.get().getPrefix();
        return prefix.isEmpty() ? "node" : prefix;
    }

    private LocalDate day(long at) {
        return Instant.ofEpochMilli(at).atZone(zone).toLocalDate();
    }

    private void begin(long now) throws IOException {
        LocalDate day = day(now);
        DayFigures latest = store.latest().orElse(null);
        if (latest != null && latest.day.equals(day.toString())) {
            today = latest;
        } else {
            today = DayFigures.begin(day, latest, node(), zone.getId(), now);
        }
        faults.open().forEach(fault -> faults.end(fault.number(), now));
        if (latest != null && !latest.stopped) {
            faults.end(faults.begin(FaultKind.SYSTEM, "the node ended without being told to", latest.lastAt), now);
        }
        if (latest == null && records.isPresent()) {
            today.undated = records.get().lastSequence();
        }
        today.stopped = false;
        today.starts++;
        earlier = before(day);
        store.write(today);
    }

    private List<DayFigures> before(LocalDate day) throws IOException {
        return store.month(YearMonth.from(day)).stream()
                .filter(figures -> figures.day.compareTo(day.toString()) < 0)
                .toList();
    }

    /** Looks once a second from now on. */
    public void start() {
        worker.scheduleAtFixedRate(this::lookSafely, 1, 1, TimeUnit.SECONDS);
    }

    private void lookSafely() {
        try {
            look();
        } catch (IOException | RuntimeException e) {
            LOG.atError().setCause(e).log("the figures of the day could not be brought up to date");
        }
    }

    synchronized void look() throws IOException {
        long now = clock.millis();
        LocalDate day = day(now);
        if (!day.toString().equals(today.day)) {
            dated = true;
            gather(now);
            keep(now);
            today = DayFigures.begin(day, today, node(), zone.getId(), now);
            earlier = before(day);
            metrics.beginWindow();
        }
        gather(now);
        if (now - keptAt >= KEEP_MILLIS) {
            keep(now);
        }
    }

    private void gather(long now) {
        Totals totals = metrics.totals();
        Totals more = totals.since(before);
        before = totals;
        today.counted(more, now - lookedAt, info.get().getReady(), now);
        lookedAt = now;
        Map<RecordKey, OwnerTotals> owners = metrics.owners();
        owners.forEach((owner, sums) -> {
            OwnerTotals last = ownersBefore.getOrDefault(owner, OwnerTotals.NONE);
            if (sums.answers() > last.answers()) {
                EnterpriseFigures enterprise = today.enterprise(owner == null ? OTHERS : RecordCounter.name(owner));
                if (enterprise != null) {
                    enterprise.answered(last, sums, now);
                }
            }
        });
        ownersBefore = owners;
        metrics.drainSources(today::cameFrom);
        watch.look(more, now);
        try {
            // After a restart or a midnight, what is counted first may be of a day that is over.
            boolean isUpToDate = records.isEmpty() || records.get().count(today, dated, zone, this::amend);
            dated = dated && !isUpToDate;
        } catch (RegistryException e) {
            // The registry has said so itself; the cursor stands where it stood.
            LOG.atDebug().setCause(e).log("records could not be counted");
        }
    }

    /** The figures of a day that is over. */
    private DayFigures amend(LocalDate day) {
        return amended.computeIfAbsent(day, missing -> {
            try {
                return store.read(missing).orElse(null);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void keep(long now) throws IOException {
        keptAt = now;
        for (DayFigures figures : amended.values()) {
            store.write(figures);
        }
        amended.clear();
        store.write(today);
    }

    /** Faults and recoveries. */
    public FaultLog faults() {
        return faults;
    }

    /** How well the node served today, up to the last look. */
    public synchronized ServiceLevel today() {
        return level(List.of(today));
    }

    /** How well the node served this month, up to the last look. */
    public synchronized ServiceLevel month() {
        List<DayFigures> days = new ArrayList<>(earlier);
        days.add(today);
        return level(days);
    }

    private static ServiceLevel level(List<DayFigures> days) {
        return new ServiceLevel(
                days.stream().mapToLong(DayFigures::answered).sum(),
                days.stream().mapToLong(DayFigures::failed).sum(),
                days.stream().mapToLong(day -> day.readyMillis).sum(),
                days.get(days.size() - 1).lastAt - days.get(0).firstAt);
    }

    /** How many records and prefixes the registry holds. */
    public record Held(long records, long prefixes) {}

    /** What the registry holds, up to the last look; empty where it is another node's. */
    public synchronized Optional<Held> held() {
        return records.map(counter -> new Held(today.recordsTotal, today.prefixesTotal));
    }

    /** Looks once more, keeps everything, and ends. */
    @Override
    public void close() {
        worker.shutdown();
        try {
            if (!worker.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                worker.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            try {
                look();
                watch.close(clock.millis());
                today.stopped = true;
                keep(clock.millis());
            } catch (IOException | RuntimeException e) {
                LOG.atError().setCause(e).log("the figures of the day could not be kept");
            }
        }
    }
}
