package org.waymark.node.cache;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.TimeoutOptions.TimeoutSource;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.metrics.NodeMetrics;

/**
 * Keeps one connection to Redis: opens it, lets the node's role work with it, drops it at the first sign that something is wrong,
 * and opens the next. The node goes on without Redis meanwhile.
 */
final class RedisConnector implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RedisConnector.class);

    static final Duration TICK = Duration.ofMillis(250);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int WAITING_COMMANDS = 50_000;

    private final RedisURI uri;
    private final RedisKeys keys;
    private final RedisRole role;
    private final NodeMetrics metrics;
    private final ClientResources resources;
    private final RedisClient client;
    private final ScheduledExecutorService worker;
    private RedisSession session;
    private boolean saidAway;
    private volatile boolean connected;

    /**
     * @param commandTimeout how long a look-up waits for Redis before the registry is asked instead
     */
    RedisConnector(RedisURI uri, RedisKeys keys, RedisRole role, Duration commandTimeout, NodeMetrics metrics) {
        this.uri = uri;
        this.keys = keys;
        this.role = role;
        this.metrics = metrics;
        this.resources = DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .build();
        this.client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .protocolVersion(ProtocolVersion.RESP3)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(WAITING_COMMANDS)
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(Duration.ofSeconds(1))
                        .keepAlive(true)
                        .build())
                .timeoutOptions(TimeoutOptions.builder()
                        .timeoutCommands()
                        .timeoutSource(timeouts(commandTimeout))
                        .build())
                .build());
        uri.setTimeout(PATIENCE);
        this.worker = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "redis-connector");
            thread.setDaemon(true);
            return thread;
        });
    }

    private static TimeoutSource timeouts(Duration lookUp) {
        return new TimeoutSource() {
            @Override
            public long getTimeout(RedisCommand<?, ?, ?> command) {
                // Heartbeats and writes may take longer: a short stall is no reason to begin anew.
                return (command.getType() == RedisSession.LOOK_UP ? lookUp : PATIENCE).toMillis();
            }
        };
    }

    /** Begins to connect; returns at once. */
    void start() {
        worker.scheduleWithFixedDelay(this::work, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether there is a connection that the role could take up. */
    boolean isConnected() {
        return connected;
    }

    private void work() {
        try {
            if (session == null) {
                session = RedisSession.open(client, uri, keys);
                role.opened(session);
                LOG.atInfo().log("connected to Redis");
                metrics.redisRegained();
                saidAway = false;
            } else if (!session.isOpen()) {
                throw new IllegalStateException("the connection was closed");
            }
            role.tick(session);
            session.clearSuspicion();
            connected = true;
        } catch (RuntimeException e) {
            drop(e);
        }
    }

    private void drop(RuntimeException cause) {
        connected = false;
        if (session != null) {
            role.closed();
            session.close();
            session = null;
            metrics.redisLost();
        }
        if (!saidAway) {
            saidAway = true;
            LOG.atWarn().addKeyValue("cause", cause.getMessage()).log("Redis is away; answering from the registry");
        }
    }

    /** Lets Redis go. */
    @Override
    public void close() {
        worker.shutdown();
        try {
            if (!worker.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                worker.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        role.closed();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        resources.shutdown(0, 2, TimeUnit.SECONDS);
    }
}
