package org.waymark.node.recursive;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.waymark.node.recursive.RecursionMetrics.Result;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Replies;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

/**
 * Answers from other nodes what is not served here, for the clients that this node does that for. All others, and what is served
 * here, are answered as the rest of the chain does. Queries that come here ask for whole records.
 */
final class RecursiveLink implements Resolver {

    /** After so long a client is given what is kept, though its life is over (RFC 8767, 5). */
    static final Duration STALE_AFTER = Duration.ofMillis(1_800);

    private static final String LIMITED = "no more is looked up for this client just now";

    private final Resolver next;
    private final List<AddressRange> clients;
    private final ClientLimits limits;
    private final KeptAnswers kept;
    private final Walks walks;
    private final RecursionMetrics metrics;

    RecursiveLink(
            Resolver next,
            RecursionOptions options,
            KeptAnswers kept,
            Walks walks,
            RecursionMetrics metrics,
            Clock clock) {
        this.next = next;
        this.clients = options.clients();
        this.limits = new ClientLimits(options.maxInFlightPerClient(), options.ratePerSecond(), clock);
        this.kept = kept;
        this.walks = walks;
        this.metrics = metrics;
    }

    @Override
    public CompletableFuture<Answer> resolve(Query query) {
        return Replies.toOne(reply -> resolveAll(List.of(query), reply));
    }

    @Override
    public void resolveAll(List<Query> queries, Replies<Answer> replies) {
        long mark = kept.mark();
        List<Query> others = new ArrayList<>(queries.size());
        int[] places = new int[queries.size()];
        boolean isForClient = false;
        for (int place = 0; place < places.length; place++) {
            Query query = queries.get(place);
            StoredAnswer answer = null;
            if (isForClient(query)) {
                isForClient = true;
                answer = query.authoritative() ? null : kept.fresh(query.key());
            }
            if (answer == null) {
                places[others.size()] = place;
                others.add(query);
            } else {
                metrics.answered(Result.KEPT);
                replies.answered(place, Answer.of(answer, AnswerSource.NEAR_CACHE));
            }
        }
        if (!isForClient) {
            next.resolveAll(queries, replies);
            return;
        }
        replies.flush();
        if (!others.isEmpty()) {
            next.resolveAll(others, new GoingOn(others, places, mark, replies));
        }
    }

    private boolean isForClient(Query query) {
        InetAddress client = query.client();
        if (client != null) {
            for (AddressRange range : clients) {
                if (range.contains(client)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Looks up at other nodes what this one says that it does not serve.
     *
     * @param places where the queries are among those that came together
     */
    private final class GoingOn implements Replies<Answer> {

        private final List<Query> queries;
        private final int[] places;
        private final long mark;
        private final Replies<Answer> replies;

        GoingOn(List<Query> queries, int[] places, long mark, Replies<Answer> replies) {
            this.queries = queries;
            this.places = places;
            this.mark = mark;
            this.replies = replies;
        }

        @Override
        public void answered(int number, Answer answer) {
            Outcome outcome = answer.content().outcome();
            boolean isElsewhere = outcome == Outcome.NOT_RESPONSIBLE || outcome == Outcome.REFERRAL;
            if (isElsewhere && isForClient(queries.get(number))) {
                replies.follow(places[number], elsewhere(queries.get(number), answer, mark));
            } else {
                replies.answered(places[number], answer);
            }
        }

        @Override
        public void failed(int number, Throwable fault) {
            replies.failed(places[number], fault);
        }

        @Override
        public void flush() {
            replies.flush();
        }
    }

    /**
     * @param own what this node answers by itself
     */
    private CompletableFuture<Answer> elsewhere(Query query, Answer own, long mark) {
        StoredAnswer fresh = query.authoritative() ? null : kept.fresh(query.key(), mark);
        if (fresh != null) {
            metrics.answered(Result.KEPT);
            return CompletableFuture.completedFuture(Answer.of(fresh, AnswerSource.NEAR_CACHE));
        }
        ClientLimits.Client client = limits.of(query.client());
        if (!client.enter()) {
            metrics.answered(Result.LIMITED);
            return CompletableFuture.failedFuture(new BusyException(LIMITED));
        }
        StoredAnswer stale = query.authoritative() ? null : kept.stale(query.key());
        CompletableFuture<Outcomes> asked = walks.begin(query.key(), query.authoritative(), mark)
                .handle((answer, failure) -> new Outcomes(answer, failure));
        if (stale != null) {
            // A copy: the walk goes on, and what it brings is kept.
            asked = asked.copy().completeOnTimeout(Outcomes.NONE, STALE_AFTER.toMillis(), TimeUnit.MILLISECONDS);
        }
        return asked.thenApply(outcomes -> {
            client.leave();
            return answer(outcomes, own, stale);
        });
    }

    /** What a walk brought; neither where it goes on. */
    private record Outcomes(Answer answer, Throwable failure) {
        static final Outcomes NONE = new Outcomes(null, null);
    }

    private Answer answer(Outcomes outcomes, Answer own, StoredAnswer stale) {
        Answer answer = outcomes.answer();
        if (answer != null) {
            metrics.answered(Result.ASKED);
            // A node that was not told of a prefix that this one knows of.
            return answer.content().outcome() == Outcome.NOT_RESPONSIBLE ? own : answer;
        }
        if (stale != null) {
            metrics.answered(Result.STALE);
            return new Answer(stale, AnswerSource.NEAR_CACHE, true);
        }
        Throwable failure = Replies.causeOf(outcomes.failure());
        metrics.answered(failure instanceof BusyException ? Result.LIMITED : Result.FAILED);
        throw failure instanceof RuntimeException told ? told : new IllegalStateException(failure);
    }
}
