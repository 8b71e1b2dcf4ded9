package org.waymark.node.cache;

import io.lettuce.core.RedisCommandExecutionException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Replies;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.wire.AnswerSource;

/**
 * Answers from Redis where Redis can be believed, else from the next link; fills Redis with what came from there. Look-ups that come
 * together are one command.
 */
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
        return Replies.toOne(reply -> resolveAll(List.of(query), reply));
    }

    @Override
    public void resolveAll(List<Query> queries, Replies<Answer> replies) {
        Optional<RedisView> view = redis.view();
        Part past = new Part(queries.size(), replies);
        Part held = new Part(queries.size(), replies);
        for (int place = 0; place < queries.size(); place++) {
            Query query = queries.get(place);
            (view.isEmpty() || query.authoritative() ? past : held).add(query, place);
        }
        pastRedis(past);
        if (!held.isEmpty()) {
            ask(view.get(), held);
        }
    }

    /** Some of the look-ups that came together, and their places among these. */
    private static final class Part {

        private final List<Query> queries;
        private final List<RecordKey> keys;
        private final int[] places;
        private final Replies<Answer> replies;

        Part(int most, Replies<Answer> replies) {
            queries = new ArrayList<>(most);
            keys = new ArrayList<>(most);
            places = new int[most];
            this.replies = replies;
        }

        void add(Query query, int place) {
            places[queries.size()] = place;
            queries.add(query);
            keys.add(query.key());
        }

        int size() {
            return queries.size();
        }

        boolean isEmpty() {
            return queries.isEmpty();
        }

        void answered(int number, Answer answer) {
            replies.answered(places[number], answer);
        }
    }

    private void ask(RedisView view, Part asked) {
        long since = System.nanoTime();
        view.session().get(view.space(), asked.keys).whenComplete((entries, failure) -> {
            metrics.redisLookedUp(System.nanoTime() - since, asked.size());
            // Redis is well where it refuses the command as such: it holds no entries of ours then.
            if (failure != null && !(failure instanceof RedisCommandExecutionException)) {
                afterFault(view, asked);
                return;
            }
            Part missed = new Part(asked.size(), asked.replies);
            for (int i = 0; i < asked.size(); i++) {
                StoredAnswer answer = entries != null && i < entries.size() ? entries.get(i) : null;
                if (answer != null && holds(view, asked.keys.get(i), answer)) {
                    asked.answered(i, Answer.of(answer, AnswerSource.REDIS));
                } else {
                    missed.add(asked.queries.get(i), asked.places[i]);
                }
            }
            metrics.redisAnswered(asked.size() - missed.size(), missed.size());
            asked.replies.flush();
            if (!missed.isEmpty()) {
                readAndFill(view, missed);
            }
        });
    }

    private boolean holds(RedisView view, RecordKey key, StoredAnswer answer) {
        return answer.expiresAt() > clock.millis()
                && generations.of(answer.owner()).covers(answer.sequence())
                && floors.admits(key, answer.sequence(), view.published());
    }

    private void afterFault(RedisView view, Part asked) {
        view.session().suspect();
        metrics.redisLookUpsFailed(asked.size());
        pastRedis(asked);
    }

    private void pastRedis(Part part) {
        if (!part.isEmpty()) {
            next.resolveAll(part.queries, new FromBelow(part, null, null));
        }
    }

    private void readAndFill(RedisView view, Part missed) {
        byte[] token = RedisSession.randomToken();
        view.session().lease(view.space(), missed.keys, token).whenComplete((granted, failure) -> {
            if (failure != null) {
                afterFault(view, missed);
            } else {
                next.resolveAll(missed.queries, new FromBelow(missed, view, token));
            }
        });
    }

    /** What the next link has for these look-ups. It fills Redis, where there are leases. */
    private final class FromBelow implements Replies<Answer> {

        private final Part part;
        private final RedisView view;
        private final byte[] token;

        /**
         * @param token of the leases; null, and the view too, where none was taken
         */
        FromBelow(Part part, RedisView view, byte[] token) {
            this.part = part;
            this.view = view;
            this.token = token;
        }

        @Override
        public void answered(int number, Answer answer) {
            RecordKey key = part.keys.get(number);
            floors.raise(key, answer.content().sequence());
            if (token != null) {
                fill(key, answer.content());
            }
            part.answered(number, answer);
        }

        private void fill(RecordKey key, StoredAnswer answer) {
            long life = answer.lifeMillis(clock.millis());
            if (answer.isCacheable() && life > 0 && answer.owner() != null) {
                view.session().fill(view.space(), key, answer, life, token);
            }
        }

        @Override
        public void failed(int number, Throwable fault) {
            part.replies.failed(part.places[number], fault);
        }

        @Override
        public void flush() {
            part.replies.flush();
        }
    }
}
