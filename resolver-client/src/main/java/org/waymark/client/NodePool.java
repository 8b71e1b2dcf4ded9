package org.waymark.client;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.wire.FrameType;
import org.waymark.wire.TlsContext;

/**
 * Connections to several nodes. The first node in order that can be reached takes the requests; the next ones are connected to
 * when it is away, or takes requests and does not answer. A node that is away is tried again, with pauses that grow and vary; one that
 * is silent by one request at a time. Safe for use by many threads.
 */
final class NodePool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodePool.class);

    /** What waits for a connection waits for the end of a pause that is not longer. */
    private static final long SHORT_PAUSE_MILLIS = 100;

    /** How long a node that did not answer is passed over, at first. */
    private static final long SHORTEST_SILENCE_MILLIS = 1_000;

    /** A connection that lived as long shows that its node is there. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often a request moves on that had not left this client when its connection ended. */
    private static final int UNSENT_MOVES = 8;

    private final NodeClientOptions options;
    private final EventLoopGroup loops;
    /** False for a pool that shares them, and what TLS is spoken with, with another one. */
    private final boolean ownsLoops;

    private final ClientTls tls;

    private final ExecutorService nameLookups =
            Executors.newCachedThreadPool(new DefaultThreadFactory("waymark-names", true));

    // All below is guarded by this.
    private final List<NodeState> nodes = new ArrayList<>();
    private final List<CompletableFuture<Reached>> waiters = new ArrayList<>();
    private boolean closed;

    NodePool(NodeClientOptions options) {
        this(
                options,
                tls(options),
                new MultiThreadIoEventLoopGroup(
                        options.ioThreads(),
                        new DefaultThreadFactory("waymark-client", true),
                        NioIoHandler.newFactory()),
                true);
    }

    private NodePool(NodeClientOptions options, ClientTls tls, EventLoopGroup loops, boolean ownsLoops) {
        this.options = options;
        this.tls = tls;
        this.loops = loops;
        this.ownsLoops = ownsLoops;
        options.nodes().forEach(node -> nodes.add(new NodeState(node)));
    }

    /** Where a node is sure to be spoken to over TLS, files that can't be used are said at once. */
    private static ClientTls tls(NodeClientOptions options) {
        ClientTls tls = new ClientTls(options.tls());
        if (options.nodes().stream().anyMatch(NodeClientOptions.Node::tls)) {
            tls.get();
        }
        return tls;
    }

    /** What is known of one node. Guarded by the pool. */
    private static final class NodeState {

        private final NodeClientOptions.Node node;
        private final List<NodeConnection> connections = new ArrayList<>();
        private int connecting;
        private int failures;
        private boolean pausing;
        private WaymarkException lastFailure;
        /** Requests in a row that it did not answer in time, those of one pause counted once. Read without the lock, too. */
        private volatile int silences;

        private long silenceEnds;
        /** A request is to find out whether it answers again. */
        private boolean probing;

        NodeState(NodeClientOptions.Node node) {
            this.node = node;
        }

        boolean isSilent(long nowNanos) {
            return silences > 0 && nowNanos - silenceEnds < 0;
        }

        NodeConnection leastLoaded() {
            NodeConnection best = null;
            for (NodeConnection connection : connections) {
                if (connection.isUsable() && (best == null || connection.load() < best.load())) {
                    best = connection;
                }
            }
            return best;
        }
    }

    /**
     * A connection, and the node that it leads to.
     *
     * @param others nodes that a request could be sent to where this one does not answer it
     */
    private record Reached(NodeState node, NodeConnection connection, int others) {}

    /** A pool for other nodes on the threads of this one: to be closed before it. */
    NodePool beside(NodeClientOptions others) {
        return new NodePool(others, tls, loops, false);
    }

    ScheduledExecutorService scheduler() {
        return loops;
    }

    /**
     * An answer and the node that gave it.
     *
     * @param node as {@code host:port}
     */
    record Answered<T>(T answer, String node) {}

    /** Sends a request; see {@link #ask}. */
    <T> CompletableFuture<T> send(NodeRequest<T> request) {
        return ask(request).thenApply(Answered::answer);
    }

    /**
     * Sends a request. When the connection ends before the answer, it is sent once more over another one. Where there are other nodes, one
     * node gets a share of the time only, and the request is sent to the next one when that is over; not so a registration, which may take its
     * time.
     *
     * @return completes on an event loop
     */
    <T> CompletableFuture<Answered<T>> ask(NodeRequest<T> request) {
        CompletableFuture<Answered<T>> result = new CompletableFuture<>();
        long deadline = System.nanoTime() + options.requestTimeout().toNanos();
        attempt(request, deadline, result, 1, UNSENT_MOVES, Set.of());
        return result;
    }

    private <T> void attempt(
            NodeRequest<T> request,
            long deadlineNanos,
            CompletableFuture<Answered<T>> result,
            int repeats,
            int moves,
            Set<NodeState> tried) {
        reach(deadlineNanos, tried).whenComplete((reached, away) -> {
            if (away != null) {
                result.completeExceptionally(away);
                return;
            }
            NodeConnection connection = reached.connection();
            int left =
                    request.type() == FrameType.REGISTER || tried.contains(reached.node()) ? 1 : 1 + reached.others();
            long now = System.nanoTime();
            long share = now + (deadlineNanos - now) / left;
            connection.send(request, share).whenComplete((answer, failure) -> {
                if (failure == null) {
                    answered(reached.node());
                    result.complete(new Answered<>(answer, connection.node()));
                } else if (failure instanceof ConnectionLostException lost && !lost.wasSent() && moves > 0) {
                    attempt(request, deadlineNanos, result, repeats, moves - 1, tried);
                } else if (failure instanceof RequestTimeoutException && left > 1) {
                    silent(reached.node());
                    Set<NodeState> all = new HashSet<>(tried);
                    all.add(reached.node());
                    attempt(request, deadlineNanos, result, repeats, moves, all);
                } else if (failure instanceof ConnectionLostException lost && lost.wasSent() && repeats > 0) {
                    attempt(request, deadlineNanos, result, repeats - 1, moves, tried);
                } else {
                    result.completeExceptionally(failure);
                }
            });
        });
    }

    private void answered(NodeState node) {
        if (node.silences != 0) {
            synchronized (this) {
                node.silences = 0;
            }
        }
    }

    /** The node is passed over for a while: twice as long after each time. */
    private synchronized void silent(NodeState node) {
        long now = System.nanoTime();
        if (node.isSilent(now) && !node.probing) {
            return;
        }
        node.probing = false;
        node.silences++;
        node.silenceEnds = now + silenceNanos(node);
        LOG.debug("{} does not answer", node.node);
    }

    private long silenceNanos(NodeState node) {
        long longest =
                Math.max(SHORTEST_SILENCE_MILLIS, options.longestBackOff().toMillis());
        long pause = Math.min(longest, SHORTEST_SILENCE_MILLIS << Math.min(node.silences - 1, 16));
        return TimeUnit.MILLISECONDS.toNanos(pause);
    }

    /**
     * A usable connection of the first node that can be reached, by this time of {@link System#nanoTime()}.
     *
     * @param tried nodes that have not answered the request; used where there is no other
     */
    private CompletableFuture<Reached> reach(long deadlineNanos, Set<NodeState> tried) {
        CompletableFuture<Reached> waiter = new CompletableFuture<>();
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new ClientClosedException("the client is closed"));
            }
            Reached best = best(tried);
            if (best != null) {
                return CompletableFuture.completedFuture(best);
            }
            if (waiters.size() >= options.maxQueuedRequests()) {
                return CompletableFuture.failedFuture(new NodeBusyException(
                        options.maxQueuedRequests() + " requests wait for a connection already; no more are queued"));
            }
            // First, since an attempt may end inside the call that begins it.
            waiters.add(waiter);
            if (!anAttemptIsUnderWay()) {
                waiters.remove(waiter);
                return CompletableFuture.failedFuture(allAway());
            }
        }
        failLate(waiter, deadlineNanos);
        return waiter;
    }

    /**
     * The connection to be used now; null where one is to be waited for: there is none, or only to nodes that are silent, while another
     * is being connected to. To be called for a request only: it may be the one that finds out whether a silent node answers again.
     */
    private Reached best(Set<NodeState> tried) {
        long now = System.nanoTime();
        Reached silent = null;
        boolean mayWait = false;
        for (NodeState node : nodes) {
            NodeConnection connection = node.leastLoaded();
            boolean isPassedOver = tried.contains(node) || node.isSilent(now);
            if (connection != null && !isPassedOver) {
                if (node.silences > 0) {
                    // One request finds out whether it answers again; the others pass it over meanwhile.
                    node.silenceEnds = now + options.requestTimeout().toNanos();
                    node.probing = true;
                }
                return reached(node, connection, tried);
            }
            if (connection == null) {
                mayWait |= node.connecting > 0 || !node.pausing;
            } else if (silent == null || tried.contains(silent.node())) {
                silent = reached(node, connection, tried);
            }
        }
        return mayWait ? null : silent;
    }

    private Reached reached(NodeState chosen, NodeConnection connection, Set<NodeState> tried) {
        long now = System.nanoTime();
        int others = 0;
        for (NodeState node : nodes) {
            boolean mayAnswer = !node.isSilent(now) && (!node.pausing || node.leastLoaded() != null);
            if (node != chosen && mayAnswer && !tried.contains(node)) {
                others++;
            }
        }
        return new Reached(chosen, connection, others);
    }

    private void failLate(CompletableFuture<Reached> waiter, long deadlineNanos) {
        try {
            ScheduledFuture<?> timer = loops.next()
                    .schedule(
                            () -> waiter.completeExceptionally(
                                    new RequestTimeoutException("no node could be reached within "
                                            + options.requestTimeout().toMillis() + " ms")),
                            Math.max(0, deadlineNanos - System.nanoTime()),
                            TimeUnit.NANOSECONDS);
            waiter.whenComplete((connection, failure) -> timer.cancel(false));
        } catch (RejectedExecutionException e) {
            waiter.completeExceptionally(new ClientClosedException("the client is closed"));
        }
    }

    CompletableFuture<NodeConnection> connection() {
        return reach(System.nanoTime() + options.requestTimeout().toNanos(), Set.of())
                .thenApply(Reached::connection);
    }

    /** Makes sure that a node is being connected to, unless all pause for long. */
    private boolean anAttemptIsUnderWay() {
        boolean soon = false;
        for (NodeState node : nodes) {
            if (node.connecting > 0) {
                return true;
            }
            if (!node.pausing && node.leastLoaded() == null) {
                connect(node);
                return true;
            }
            soon |= node.failures == 1 && options.firstBackOff().toMillis() <= SHORT_PAUSE_MILLIS;
        }
        return soon;
    }

    private NodeUnavailableException allAway() {
        StringBuilder message = new StringBuilder("no node can be reached");
        Throwable cause = null;
        for (NodeState node : nodes) {
            message.append(node == nodes.get(0) ? ": " : "; ");
            message.append(node.lastFailure == null ? node.node + " is away" : node.lastFailure.getMessage());
            cause = cause == null ? node.lastFailure : cause;
        }
        return new NodeUnavailableException(message.toString(), cause);
    }

    private void connect(NodeState node) {
        // One that failed is tried with one connection first.
        int wanted = node.lastFailure == null ? options.connectionsPerNode() : 1;
        while (node.connections.size() + node.connecting < wanted) {
            node.connecting++;
            addresses(node.node)
                    .thenComposeAsync(addresses -> open(node.node, addresses, 0), nameLookups)
                    .whenComplete((connection, failure) -> connected(node, connection, failure));
        }
    }

    private CompletableFuture<InetAddress[]> addresses(NodeClientOptions.Node node) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return InetAddress.getAllByName(node.host());
                    } catch (UnknownHostException e) {
                        throw new NodeUnavailableException("the name of " + node + " is not known", e);
                    }
                },
                nameLookups);
    }

    private CompletableFuture<NodeConnection> open(NodeClientOptions.Node node, InetAddress[] addresses, int at) {
        InetSocketAddress address = new InetSocketAddress(addresses[at], node.port());
        TlsContext context = node.tls() ? tls.get() : null;
        CompletableFuture<NodeConnection> opened;
        // Under the lock, so that none is begun on loops that are being shut down: nobody would close it.
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new ClientClosedException("the client is closed"));
            }
            opened = NodeConnection.open(loops, address, node, context, options, connectMillis());
        }
        return at + 1 == addresses.length
                ? opened
                : opened.exceptionallyCompose(failure -> open(node, addresses, at + 1));
    }

    /** So that a node that never greets leaves a request time for the others. */
    private long connectMillis() {
        long share = options.requestTimeout().toMillis() / nodes.size();
        return Math.max(
                1,
                nodes.size() == 1
                        ? options.connectTimeout().toMillis()
                        : Math.min(share, options.connectTimeout().toMillis()));
    }

    private void connected(NodeState node, NodeConnection connection, Throwable failure) {
        List<CompletableFuture<Reached>> served = List.of();
        Reached reached = null;
        WaymarkException refusal = null;
        synchronized (this) {
            node.connecting--;
            if (closed) {
                if (connection != null) {
                    connection.close();
                }
                return;
            }
            if (connection != null) {
                node.lastFailure = null;
                node.connections.add(connection);
                connect(node);
                if (!waiters.isEmpty()) {
                    reached = best(Set.of());
                    if (reached == null && !node.isSilent(System.nanoTime())) {
                        reached = reached(node, connection, Set.of());
                    }
                    served = reached == null ? List.of() : takeWaiters();
                }
            } else {
                node.lastFailure = asWaymark(failure);
                pause(node);
                if (!waiters.isEmpty() && !anAttemptIsUnderWay()) {
                    served = takeWaiters();
                    // Better one that is silent than none.
                    reached = best(Set.of());
                    refusal = reached == null ? allAway() : null;
                }
            }
        }
        if (connection != null) {
            long opened = System.nanoTime();
            connection.ended().thenRun(() -> lost(node, connection, System.nanoTime() - opened));
        }
        for (CompletableFuture<Reached> waiter : served) {
            if (refusal == null) {
                waiter.complete(reached);
            } else {
                waiter.completeExceptionally(refusal);
            }
        }
    }

    private List<CompletableFuture<Reached>> takeWaiters() {
        List<CompletableFuture<Reached>> taken = List.copyOf(waiters);
        waiters.clear();
        return taken;
    }

    private static WaymarkException asWaymark(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof WaymarkException known
                ? known
                : new NodeUnavailableException(String.valueOf(cause.getMessage()), cause);
    }

    /** Tries the node again after a pause: twice as long after each failure, and anything from half of that. */
    private void pause(NodeState node) {
        if (node.pausing) {
            return;
        }
        node.pausing = true;
        long longest = options.longestBackOff().toMillis();
        long pause = Math.min(longest, options.firstBackOff().toMillis() << Math.min(node.failures, 16));
        node.failures++;
        LOG.debug("{} is away, the next attempt is in up to {} ms", node.node, pause, node.lastFailure);
        long varied = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
        loops.next().schedule(() -> pauseEnded(node), varied, TimeUnit.MILLISECONDS);
    }

    private synchronized void pauseEnded(NodeState node) {
        node.pausing = false;
        if (!closed) {
            connect(node);
        }
    }

    private synchronized void lost(NodeState node, NodeConnection connection, long livedNanos) {
        node.connections.remove(connection);
        if (closed) {
            return;
        }
        if (livedNanos < STABLE_NANOS) {
            // A node that takes connections only to drop them is not to be run at.
            pause(node);
            return;
        }
        node.failures = 0;
        if (!node.pausing) {
            connect(node);
        }
    }

    /** Closes all connections; open requests fail. */
    @Override
    public void close() {
        List<CompletableFuture<Reached>> refused;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            refused = takeWaiters();
            nodes.forEach(node -> node.connections.forEach(NodeConnection::close));
        }
        refused.forEach(waiter -> waiter.completeExceptionally(new ClientClosedException("the client is closed")));
        nameLookups.shutdown();
        if (ownsLoops) {
            tls.close();
            // The quiet time lets connections that were just begun come to the loops, which then close them.
            loops.shutdownGracefully(100, 2_000, TimeUnit.MILLISECONDS);
        }
    }
}
