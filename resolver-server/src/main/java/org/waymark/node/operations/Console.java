package org.waymark.node.operations;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.metrics.OwnerTotals;
import org.waymark.node.metrics.Totals;
import org.waymark.node.reports.Figures;
import org.waymark.node.reports.ServiceLevel;
import org.waymark.node.web.ChunkQueue;
import org.waymark.node.web.Headers;
import org.waymark.node.web.Problem;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebResponse;
import org.waymark.record.RecordKey;
import org.waymark.v1.NodeInfo;

/**
 * The console: one page, and what happens on it. Every second it tells those who have the page open what happened (server-sent
 * events); somebody who comes later is first told the last ten minutes. Methods may be called from any thread.
 */
public final class Console implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Console.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int SAMPLES = 600;
    private static final int VIEWERS = 32;
    private static final int UNSENT_BYTES = 1_024 * 1_024;
    private static final int PREFIXES = 10;
    private static final int FAULTS = 20;
    private static final int RATE_SECONDS = 10;

    private static final String OWN = "/org/waymark/node/operations/";
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/";

    private static final Headers GUARDS = Headers.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "Referrer-Policy",
            "no-referrer",
            "Cache-Control",
            "no-cache");

    private final NodeMetrics metrics;
    private final Supplier<NodeInfo> info;
    private final Figures figures;
    private final LongSupplier nearCacheEntries;
    private final Clock clock;
    private final Deque<byte[]> samples = new ArrayDeque<>();
    private final Set<ChunkQueue> viewers = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "console");
        thread.setDaemon(true);
        return thread;
    });
    private Totals before;
    /** What was answered by prefix at each of the last seconds. */
    private final Deque<Map<RecordKey, OwnerTotals>> owners = new ArrayDeque<>();

    private ArrayNode prefixes = JSON.createArrayNode();

    /**
     * @param info how the node is; must not block
     */
    public Console(
            NodeMetrics metrics, Supplier<NodeInfo> info, Figures figures, LongSupplier nearCacheEntries, Clock clock) {
        this.metrics = metrics;
        this.info = info;
        this.figures = figures;
        this.nearCacheEntries = nearCacheEntries;
        this.clock = clock;
        this.before = metrics.totals();
    }

    /** Adds the page and what belongs to it. */
    void addTo(Router.Builder routes) {
        file(routes, "/", OWN + "console.html", "text/html; charset=utf-8");
        file(routes, "/console.js", OWN + "console.js", "text/javascript; charset=utf-8");
        file(routes, "/console.css", OWN + "console.css", "text/css; charset=utf-8");
        file(routes, "/uplot.js", UPLOT + "dist/uPlot.iife.min.js", "text/javascript; charset=utf-8");
        file(routes, "/uplot.css", UPLOT + "dist/uPlot.min.css", "text/css; charset=utf-8");
        file(routes, "/uplot.license", UPLOT + "LICENSE", "text/plain; charset=utf-8");
        OperationsPort.get(routes, "/events", request -> CompletableFuture.supplyAsync(this::events, worker));
    }

    private static void file(Router.Builder routes, String path, String resource, String type) {
        byte[] bytes;
        try (InputStream in = Console.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the node was packed without " + resource);
            }
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + resource, e);
        }
        WebResponse response = WebResponse.of(200, GUARDS.with("Content-Type", type), bytes);
        OperationsPort.get(routes, path, request -> response.now());
    }

    /** Looks once a second from now on. */
    void start() {
        worker.scheduleAtFixedRate(this::lookSafely, 1, 1, TimeUnit.SECONDS);
    }

    private void lookSafely() {
        try {
            look();
        } catch (IOException | RuntimeException e) {
            LOG.atError().setCause(e).log("the console could not be brought up to date");
        }
    }

    private synchronized WebResponse events() {
        if (viewers.size() >= VIEWERS) {
            return Problem.of(503, "Too many viewers")
                    .detail("at most " + VIEWERS + " consoles can be open at a time")
                    .response();
        }
        ChunkQueue[] own = new ChunkQueue[1];
        ChunkQueue viewer = new ChunkQueue(UNSENT_BYTES, true, () -> viewers.remove(own[0]));
        own[0] = viewer;
        StringBuilder history = new StringBuilder("event: history\ndata: [");
        String comma = "";
        for (byte[] sample : samples) {
            history.append(comma).append(new String(sample, StandardCharsets.UTF_8));
            comma = ",";
        }
        viewer.offer(history.append("]\n\n").toString().getBytes(StandardCharsets.UTF_8));
        viewer.offer(event("state", state()));
        viewers.add(viewer);
        return WebResponse.streamed(
                200, GUARDS.with("Content-Type", "text/event-stream").with("X-Accel-Buffering", "no"), viewer);
    }

    private synchronized void look() throws IOException {
        Totals totals = metrics.totals();
        ObjectNode sample = ConsoleSample.of(totals.since(before), clock.millis());
        before = totals;
        samples.add(JSON.writeValueAsBytes(sample));
        if (samples.size() > SAMPLES) {
            samples.remove();
        }
        rankPrefixes();
        if (viewers.isEmpty()) {
            return;
        }
        byte[] sampled = event("sample", sample);
        byte[] state = event("state", state());
        for (ChunkQueue viewer : viewers) {
            // Who takes nothing is let go: the page comes again by itself, and is told all that it missed.
            if (!viewer.offer(sampled) || !viewer.offer(state)) {
                viewers.remove(viewer);
                viewer.end();
            }
        }
    }

    private void rankPrefixes() {
        Map<RecordKey, OwnerTotals> now = metrics.owners();
        owners.add(now);
        Map<RecordKey, OwnerTotals> then = owners.size() > RATE_SECONDS ? owners.remove() : owners.element();
        Map<RecordKey, Long> recent = new HashMap<>();
        now.forEach((owner, totals) -> recent.put(
                owner,
                totals.answers() - then.getOrDefault(owner, OwnerTotals.NONE).answers()));
        prefixes = JSON.createArrayNode();
        now.entrySet().stream()
                .sorted(Comparator.comparingLong(
                                (Map.Entry<RecordKey, OwnerTotals> entry) -> recent.get(entry.getKey()))
                        .thenComparingLong(entry -> entry.getValue().answers())
                        .reversed())
                .limit(PREFIXES)
                .forEach(entry -> prefixes.addObject()
                        .put("prefix", entry.getKey() == null ? "" : text(entry.getKey()))
                        .put("perSecond", recent.get(entry.getKey()) / (double) RATE_SECONDS)
                        .put("answers", entry.getValue().answers())
                        .put(
                                "meanMillis",
                                entry.getValue().nanos()
                                        / 1e6
                                        / Math.max(1, entry.getValue().answers())));
    }

    private static String text(RecordKey prefix) {
        return prefix.scheme().tag() + ":" + prefix.identifier();
    }

    private ObjectNode state() {
        NodeInfo node = info.get();
        long now = clock.millis();
        ObjectNode state = JSON.createObjectNode()
                .put("software", node.getSoftware())
                .put("prefix", node.getPrefix())
                .put("ready", node.getReady())
                .put("upMillis", now - node.getStartedAt())
                .put("redis", node.getRedis())
                .put("registry", node.getRegistry())
                .put("sequence", node.getSequence())
                .put("nearCacheEntries", nearCacheEntries.getAsLong());
        node.getReasonsList().forEach(state.putArray("reasons")::add);
        state.set("totals", ConsoleSample.of(metrics.totals(), now));
        figures.held().ifPresent(held -> state.put("records", held.records()).put("prefixRecords", held.prefixes()));
        level(state.putObject("day"), figures.today());
        level(state.putObject("month"), figures.month());
        state.set("prefixes", prefixes);
        ArrayNode faults = state.putArray("faults");
        figures.faults()
                .recent(FAULTS)
                .forEach(fault -> faults.addObject()
                        .put("number", fault.number())
                        .put("at", fault.at())
                        .put("kind", fault.kind())
                        .put("cause", fault.cause())
                        .put("recoveredAt", fault.recoveredAt()));
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        state.put("heapUsed", heap.getUsed()).put("heapMax", heap.getMax());
        state.put("threads", ManagementFactory.getThreadMXBean().getThreadCount());
        state.put("load", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        return state;
    }

    private static void level(ObjectNode node, ServiceLevel level) {
        node.put("answers", level.answers())
                .put("availability", level.availability())
                .put("answered", level.answered())
                .put("failed", level.failed());
    }

    private static byte[] event(String name, ObjectNode data) {
        try {
            return ("event: " + name + "\ndata: " + JSON.writeValueAsString(data) + "\n\n")
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
        List.copyOf(viewers).forEach(ChunkQueue::end);
    }
}
