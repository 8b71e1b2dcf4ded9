package org.waymark.node.cache;

import io.lettuce.core.RedisURI;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.registry.Registry;
import org.waymark.node.resolve.AuthorityReader;
import org.waymark.node.resolve.Resolver;
import org.waymark.record.RecordKey;

/** The cache that the nodes of a cluster share, as one node sees it. Safe for use by many threads. */
public final class RedisCache implements AutoCloseable {

    private final RedisRole role;
    private final NearCacheTrust trust;
    private final PrefixGenerations generations;
    private final SequenceFloors floors;
    private final Clock clock;
    private final NodeMetrics metrics;
    private final RedisConnector connector;

    private RedisCache(
            Options options,
            RedisRole role,
            NearCacheTrust trust,
            PrefixGenerations generations,
            SequenceFloors floors,
            Clock clock,
            NodeMetrics metrics) {
        this.role = role;
        this.trust = trust;
        this.generations = generations;
        this.floors = floors;
        this.clock = clock;
        this.metrics = metrics;
        this.connector = new RedisConnector(
                RedisURI.create(options.uri()),
                new RedisKeys(options.namespace()),
                role,
                options.commandTimeout(),
                metrics);
    }

    /**
     * Which Redis, and how to use it.
     *
     * @param uri {@code redis://} or {@code rediss://}, with user and password where needed
     * @param namespace what all keys start with, so that several registries can share one Redis
     * @param commandTimeout how long a look-up waits for Redis before the registry is asked instead
     */
    public record Options(String uri, String namespace, Duration commandTimeout) {}

    /** For the node that holds the registry: it publishes what is committed. */
    public static RedisCache ofWriter(
            Options options,
            Registry registry,
            AuthorityReader authority,
            PrefixGenerations generations,
            SequenceFloors floors,
            Clock clock,
            NodeMetrics metrics) {
        RedisPublisher publisher = new RedisPublisher(
                registry, authority, generations, new RedisKeys(options.namespace()), clock, metrics);
        return new RedisCache(options, publisher, NearCacheTrust.ALWAYS, generations, floors, clock, metrics);
    }

    /** For a node whose registry is elsewhere: it believes what is published. */
    public static RedisCache ofFollower(
            Options options, PrefixGenerations generations, SequenceFloors floors, Clock clock, NodeMetrics metrics) {
        RedisFollower follower = new RedisFollower(new RedisKeys(options.namespace()), generations);
        return new RedisCache(options, follower, follower, generations, floors, clock, metrics);
    }

    /** The link of the chain that asks Redis before it asks the next one. */
    public Resolver link(Resolver next) {
        return new RedisCacheLink(role, next, generations, floors, clock, metrics);
    }

    /** Whether this node's near cache may serve what it holds. */
    public NearCacheTrust trust() {
        return trust;
    }

    /**
     * Begins to connect; returns at once.
     *
     * @param invalidation is told the keys of records that others changed; it must not block
     */
    public void start(Consumer<RecordKey> invalidation) {
        role.start(invalidation);
        connector.start();
    }

    /** Whether Redis is there. */
    public boolean isConnected() {
        return connector.isConnected();
    }

    @Override
    public void close() {
        role.close();
        connector.close();
    }
}
