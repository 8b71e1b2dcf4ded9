package org.waymark.node.cache;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.AuthorityLink;
import org.waymark.node.resolve.AuthorityReader;
import org.waymark.node.resolve.LocalAuthority;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Selection;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/** A node's caches over its authority, put together as a node does it, without faces. */
final class CachedNode implements AutoCloseable {

    private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(150);
    private static final long MAX_STALE_MILLIS = 60_000;
    private static final int NEGATIVE_TTL_SECONDS = 60;

    private final Clock clock = Clock.systemUTC();
    private final Runnable closeRegistry;
    private final Authority authority;
    private final RedisCache redis;
    private final NearCacheLink chain;
    private final Coherence coherence;

    private CachedNode(
            Runnable closeRegistry,
            Authority authority,
            AnswerSource source,
            RedisCache redis,
            PrefixGenerations generations,
            SequenceFloors floors,
            long nearCacheBytes) {
        this.closeRegistry = closeRegistry;
        this.redis = redis;
        NearCache nearCache = new NearCache(nearCacheBytes, 10, generations, redis.trust(), clock);
        chain = new NearCacheLink(nearCache, redis.link(new AuthorityLink(authority, source)), MAX_STALE_MILLIS, clock);
        coherence = new Coherence(chain, generations, floors);
        this.authority = source == AnswerSource.REGISTRY ? authority : new CoherentAuthority(authority, coherence);
    }

    /** The node that holds the registry. */
    static CachedNode writer(Path directory, Set<Anchor> roots, URI redisUri, String namespace, long nearCacheBytes) {
        Registry registry = RocksRegistry.open(directory, RocksOptions.defaults());
        Clock clock = Clock.systemUTC();
        PrefixTable prefixes = new PrefixTable(registry);
        AuthorityReader reader = new AuthorityReader(registry, prefixes, roots, NEGATIVE_TTL_SECONDS, clock);
        Authority authority = new LocalAuthority(registry, reader, new Registrar(registry, prefixes, roots, clock), 2);
        PrefixGenerations generations = new PrefixGenerations();
        SequenceFloors floors = new SequenceFloors(registry.lastSequence());
        RedisCache redis = RedisCache.ofWriter(
                options(redisUri, namespace), registry, reader, generations, floors, clock, metrics());
        CachedNode node = new CachedNode(
                registry::close, authority, AnswerSource.REGISTRY, redis, generations, floors, nearCacheBytes);
        registry.onCommit(
                changes -> changes.forEach(change -> node.coherence.committed(change.key(), change.sequence())));
        return node;
    }

    /** A node whose registry is another's. */
    static CachedNode follower(Authority remote, URI redisUri, String namespace, long nearCacheBytes) {
        PrefixGenerations generations = new PrefixGenerations();
        SequenceFloors floors = new SequenceFloors(0);
        RedisCache redis =
                RedisCache.ofFollower(options(redisUri, namespace), generations, floors, Clock.systemUTC(), metrics());
        return new CachedNode(() -> {}, remote, AnswerSource.OTHER_NODE, redis, generations, floors, nearCacheBytes);
    }

    private static RedisCache.Options options(URI redisUri, String namespace) {
        return new RedisCache.Options(redisUri.toString(), namespace, COMMAND_TIMEOUT);
    }

    private static NodeMetrics metrics() {
        return new NodeMetrics(new SimpleMeterRegistry());
    }

    /** Begins to use Redis. */
    CachedNode connect() {
        redis.start(coherence::changedInRedis);
        return this;
    }

    Authority authority() {
        return authority;
    }

    /** Whether the near cache may serve, and Redis is used. */
    boolean trustsRedis() {
        return redis.isConnected() && redis.trust().epoch() != NearCacheTrust.NONE;
    }

    CompletableFuture<Answer> ask(RecordKey key) {
        return chain.resolve(Query.of(key));
    }

    Answer resolve(RecordKey key) {
        return await(ask(key));
    }

    Answer resolvePastCaches(RecordKey key) {
        return await(chain.resolve(new Query(key, Selection.ALL, true)));
    }

    /** The version that this node answers with now; 0 where it answers with no record. */
    long version(RecordKey key) {
        return version(resolve(key));
    }

    static long version(Answer answer) {
        return answer.content().outcome() == Outcome.RECORD
                ? IdentifierRecord.parse(ByteString.copyFrom(answer.content().payload()))
                        .version()
                : 0;
    }

    RegisterResult register(IdentifierRecord record) {
        List<ByteString> records = List.of(record.encoded());
        return await(authority.register(records)).get(0);
    }

    private static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        redis.close();
        authority.close();
        closeRegistry.run();
    }
}
