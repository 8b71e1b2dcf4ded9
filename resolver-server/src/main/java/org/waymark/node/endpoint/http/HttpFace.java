package org.waymark.node.endpoint.http;

import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.waymark.Limits;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.web.Router;
import org.waymark.trust.Anchor;

/**
 * The routes of the HTTP face over the chain of resolvers, and the threads that check signatures and read uploads for it. Methods may be
 * called from any thread.
 */
public final class HttpFace implements AutoCloseable {

    private static final int WAITING = 4_096;
    private static final int IDLE_SECONDS = 30;

    private final ThreadPoolExecutor workers;
    private final RecordHandler records;
    private final UploadHandler uploads;
    private final LogHandler log;
    private final Resolver resolver;
    private final Optional<URI> publicUrl;
    private final long maxUploadBytes;
    private final Clock clock;

    /**
     * @param anchors what pages verify from
     * @param publicUrl scheme and host by which clients know the node; empty: as each request says
     * @param maxUploadBytes of one upload
     */
    public HttpFace(
            Resolver resolver,
            Authority authority,
            Set<Anchor> anchors,
            Optional<URI> publicUrl,
            long maxUploadBytes,
            Clock clock) {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        workers = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                    Thread thread = new Thread(task, "http-worker");
                    thread.setDaemon(true);
                    return thread;
                });
        workers.allowCoreThreadTimeOut(true);
        ChainVerifier verifier = new ChainVerifier(resolver, anchors, workers, clock);
        records = new RecordHandler(resolver, verifier, clock);
        uploads = new UploadHandler(authority, workers);
        log = new LogHandler(authority);
        this.resolver = resolver;
        this.publicUrl = publicUrl;
        this.maxUploadBytes = maxUploadBytes;
        this.clock = clock;
    }

    /** Adds the face's routes. {@code /*} among them is the last resort: any other route goes before it. */
    public Router.Builder addTo(Router.Builder routes) {
        return LinkRoutes.addTo(routes, resolver, records, publicUrl, HttpMetrics::of, clock)
                .postStreamed("/api/records", maxUploadBytes, uploads)
                .get("/log/*", log)
                .post("/log/cosignatures", Limits.COSIGNATURES_BYTES, log)
                .get("/openapi.json", new OpenApi());
    }

    /** Ends the threads, after the server was stopped. */
    @Override
    public void close() {
        workers.shutdownNow();
    }
}
