package org.waymark.node.operations;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.web.Headers;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebEvents;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebOptions;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;
import org.waymark.node.web.WebServer;
import org.waymark.v1.NodeInfo;
import org.waymark.wire.TlsFiles;

/**
 * What operators and their programs see of a node: {@code /metrics} (Prometheus text or OpenMetrics, by {@code Accept}), {@code
 * /health/live}, {@code /health/ready}, the console at {@code /}, and {@code POST /backup}. It has no authentication of its own, so it listens on the
 * loopback address unless configured otherwise. Methods may be called from any thread.
 */
public final class OperationsPort implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PLAIN_METRICS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final Supplier<NodeInfo> info;
    private final Console console;
    private final Optional<Backups> backups;
    private final WebServer server;
    /** Gathering metrics takes some milliseconds, and reads files: not on an event loop. */
    private final ExecutorService scrapes = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "operations");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * A port that doesn't listen yet.
     *
     * @param port 0: any free one
     * @param tls empty: no TLS
     * @param meters shown at {@code /metrics}; empty: there is no such page
     * @param info how the node is; must not block
     * @param backups those that can be asked for; empty: there is no such page
     */
    public OperationsPort(
            String host,
            int port,
            Optional<TlsFiles> tls,
            Transport transport,
            Optional<PrometheusMeterRegistry> meters,
            Supplier<NodeInfo> info,
            Console console,
            Optional<Backups> backups) {
        this.info = info;
        this.console = console;
        this.backups = backups;
        Router.Builder routes = Router.builder();
        meters.ifPresent(shown -> get(routes, "/metrics", request -> metrics(shown, request)));
        get(routes, "/health/live", request -> health(200, true).now());
        get(routes, "/health/ready", request -> ready().now());
        console.addTo(routes);
        backups.ifPresent(shown -> shown.addTo(routes));
        server = new WebServer(WebOptions.defaults(host, port).withTls(tls), transport, routes.build(), WebEvents.NONE);
    }

    static void get(Router.Builder routes, String path, WebHandler handler) {
        // Pages of other origins have no business here.
        routes.route(new Router.Route("GET", path, new Router.Body.None(), false, handler));
    }

    /**
     * Listens. To be called once.
     *
     * @throws IOException if the address can't be listened on; the message says which and why
     */
    public void start() throws IOException {
        console.start();
        server.start();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.address();
    }

    private CompletableFuture<WebResponse> metrics(PrometheusMeterRegistry meters, WebRequest request) {
        boolean open = request.header("Accept").orElse("").contains("application/openmetrics-text");
        String type = open ? OPEN_METRICS : PLAIN_METRICS;
        return CompletableFuture.supplyAsync(
                () -> {
                    ByteArrayOutputStream text = new ByteArrayOutputStream();
                    try {
                        meters.scrape(text, type);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return WebResponse.of(200, Headers.of("Content-Type", type), text.toByteArray());
                },
                scrapes);
    }

    private WebResponse ready() {
        boolean ready = info.get().getReady();
        return health(ready ? 200 : 503, ready);
    }

    private WebResponse health(int status, boolean well) {
        NodeInfo node = info.get();
        ObjectNode body = JSON.createObjectNode()
                .put("status", well ? "up" : "down")
                .put("software", node.getSoftware())
                .put("prefix", node.getPrefix())
                .put("registry", node.getRegistry())
                .put("redis", node.getRedis())
                .put("sequence", node.getSequence());
        node.getReasonsList().forEach(body.withArray("reasons")::add);
        try {
            return WebResponse.of(
                    status,
                    Headers.of("Content-Type", "application/json", "Cache-Control", "no-store"),
                    JSON.writeValueAsBytes(body));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends all connections. */
    @Override
    public void close() {
        console.close();
        server.stop(Duration.ZERO);
        scrapes.shutdownNow();
        backups.ifPresent(Backups::close);
    }
}
