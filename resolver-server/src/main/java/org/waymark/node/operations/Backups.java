package org.waymark.node.operations;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.registry.RegistryBackups;
import org.waymark.node.registry.RegistryException;
import org.waymark.node.web.Headers;
import org.waymark.node.web.Problem;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;

/**
 * Backups that a running node makes when it is asked to: {@code POST /backup} answers when one is complete. One at a time, on a thread
 * of their own. Where to, the configuration says and never the request. Methods may be called from any thread.
 */
public final class Backups implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Backups.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Supplier<RegistryBackups.Made> source;
    private final AtomicBoolean isUnderWay = new AtomicBoolean();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "backup");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param source makes a backup; throws {@link RegistryException} where that fails
     */
    public Backups(Supplier<RegistryBackups.Made> source) {
        this.source = source;
    }

    void addTo(Router.Builder routes) {
        routes.route(new Router.Route("POST", "/backup", new Router.Body.None(), false, this::backUp));
    }

    private CompletableFuture<WebResponse> backUp(WebRequest request) {
        // Browsers say where a POST comes from: a page must not make an operator's browser ask for backups.
        if (request.header("Origin").isPresent()) {
            return Problem.of(403, "Pages can't ask for a backup").now();
        }
        if (!isUnderWay.compareAndSet(false, true)) {
            return Problem.of(409, "A backup is under way").now();
        }
        return CompletableFuture.supplyAsync(this::make, worker).whenComplete((answer, fault) -> isUnderWay.set(false));
    }

    private WebResponse make() {
        try {
            RegistryBackups.Made made = source.get();
            LOG.atInfo()
                    .addKeyValue("id", made.backup().id())
                    .addKeyValue("sequence", made.backup().sequence())
                    .addKeyValue("copiedBytes", made.copiedBytes())
                    .log("backup made");
            return WebResponse.of(
                    200, Headers.of("Content-Type", "application/json", "Cache-Control", "no-store"), json(made));
        } catch (RegistryException e) {
            LOG.atError().setCause(e).log("the backup failed");
            return Problem.of(500, "The backup failed").detail(e.getMessage()).response();
        }
    }

    private static byte[] json(RegistryBackups.Made made) {
        try {
            return JSON.writeValueAsBytes(JSON.createObjectNode()
                    .put("id", made.backup().id())
                    .put("at", made.backup().at().toString())
                    .put("format", made.backup().format())
                    .put("sequence", made.backup().sequence())
                    .put("files", made.backup().files())
                    .put("bytes", made.backup().bytes())
                    .put("copiedBytes", made.copiedBytes())
                    .put("kept", made.kept()));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes no more requests; a backup under way goes on. */
    @Override
    public void close() {
        worker.shutdown();
    }
}
