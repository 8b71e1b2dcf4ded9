package org.waymark.node.recursive;

import java.time.Clock;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.waymark.client.ResolverClient;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Resolver;

/** What makes a node a recursive one: a client of other nodes, and what its answers are kept in. */
public final class Recursion implements AutoCloseable {

    private static final int IDLE_SECONDS = 10;

    private final RecursionOptions options;
    private final Clock clock;
    private final RecursionMetrics metrics;
    private final ThreadPoolExecutor workers;
    private final ResolverClient client;
    private final KeptAnswers kept;
    private final Walks walks;

    /**
     * Connects to nobody before it is asked.
     *
     * @param software this node's name, for the operators of other nodes
     * @param prefixChanges a number that changes with the prefixes that this node serves
     */
    public Recursion(
            RecursionOptions options, String software, LongSupplier prefixChanges, NodeMetrics counted, Clock clock) {
        this.options = options;
        this.clock = clock;
        this.metrics = new RecursionMetrics(counted);
        // As many tasks wait as look-ups are under way, so they are bounded.
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.workers = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "recursion");
                    thread.setDaemon(true);
                    return thread;
                });
        workers.allowCoreThreadTimeOut(true);
        this.client = client(software);
        this.kept = new KeptAnswers(options.cacheBytes(), options.staleFor(), options.backOff(), prefixChanges, clock);
        this.walks = new Walks(client::fetch, kept, options.maxInFlight(), options.backOff(), metrics, clock);
        RecursionMetrics.show(counted, walks::underWay, kept::size, kept::bytes);
    }

    private ResolverClient client(String software) {
        ResolverClient.Builder builder = ResolverClient.builder()
                .agent(software)
                .requestTimeout(options.timeout())
                .connectTimeout(options.timeout())
                .branchBackOff(options.backOff(), metrics::pauseBegan)
                .withoutRecursion()
                .cachedAnswers(0)
                .executor(workers);
        options.nodes().forEach(builder::nodes);
        options.anchors().forEach(builder::anchor);
        return builder.build();
    }

    /** The chain with what other nodes serve in front of it. */
    public Resolver link(Resolver next) {
        return new RecursiveLink(next, options, kept, walks, metrics, clock);
    }

    /** Ends look-ups under way; they fail. */
    @Override
    public void close() {
        client.close();
        workers.shutdown();
    }
}
