package org.waymark.node.cache;

import io.lettuce.core.RedisCommandExecutionException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.wire.AnswerSource;

/** Answers from Redis where Redis can be believed, else from the next link; fills Redis with what came from there. */
public final class RedisCacheLink implements Resolver {

    private final RedisRole redis;
    private final Resolver next;
    private final PrefixGenerations generations;
    private final SequenceFloors floors;
    private final Clock clock;
    private final NodeMetrics metrics;

    RedisCacheLink(
            RedisRole redis,
            Resolver next,
            PrefixGenerations generations,
            SequenceFloors floors,
            Clock clock,
            NodeMetrics metrics) {
        this.redis = redis;
        this.next = next;
        this.generations = generations;
        this.floors = floors;
        this.clock = clock;
        this.metrics = metrics;
    }

    @Override
    public CompletableFuture<Answer> resolve(Query query) {
        Optional<RedisView> view = query.authoritative() ? Optional.empty() : redis.view();
        if (view.isEmpty()) {
            return pastRedis(query);
        }
        RedisSession session = view.get().session();
        long since = System.nanoTime();
        return session.get(view.get().space(), query.key())
                .handle((bytes, failure) -> {
                    metrics.redisLookedUp(System.nanoTime() - since);
                    // Redis is well where it says that the key holds something else than bytes: that is no entry of
                    // ours.
                    if (failure != null && !(failure instanceof RedisCommandExecutionException)) {
                        return afterFault(session, query);
                    }
                    Optional<StoredAnswer> held = Optional.ofNullable(bytes)
                            .flatMap(RedisEntry::decode)
                            .filter(answer -> holds(view.get(), query, answer));
                    metrics.redisAnswered(held.isPresent());
                    return held.isPresent()
                            ? CompletableFuture.completedFuture(Answer.of(held.get(), AnswerSource.REDIS))
                            : readAndFill(view.get(), query);
                })
                .toCompletableFuture()
                .thenCompose(answer -> answer);
    }

    private boolean holds(RedisView view, Query query, StoredAnswer answer) {
        return answer.expiresAt() > clock.millis()
                && generations.of(answer.owner()).covers(answer.sequence())
                && floors.admits(query.key(), answer.sequence(), view.published());
    }

    private CompletableFuture<Answer> afterFault(RedisSession session, Query query) {
        session.suspect();
        metrics.redisLookUpFailed();
        return pastRedis(query);
    }

    private CompletableFuture<Answer> pastRedis(Query query) {
        return next.resolve(query).thenApply(answer -> {
            floors.raise(query.key(), answer.content().sequence());
            return answer;
        });
    }

    private CompletableFuture<Answer> readAndFill(RedisView view, Query query) {
        byte[] token = RedisSession.randomToken();
        return view.session()
                .lease(view.space(), query.key(), token)
                .handle((granted, failure) -> {
                    if (failure != null) {
                        return afterFault(view.session(), query);
                    }
                    return pastRedis(query).whenComplete((answer, ignored) -> {
                        if (answer != null) {
                            fill(view, query.key(), answer.content(), token);
                        }
                    });
                })
                .toCompletableFuture()
                .thenCompose(answer -> answer);
    }

    private void fill(RedisView view, RecordKey key, StoredAnswer answer, byte[] token) {
        long life = answer.lifeMillis(clock.millis());
        if (answer.isCacheable() && life > 0 && answer.owner() != null) {
            view.session().fill(view.space(), key, answer, life, token);
        }
    }
}
