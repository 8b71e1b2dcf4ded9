package org.waymark.node.resolve;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One link of the chain that every answer comes out of. Safe for use by many threads; never blocks. */
public interface Resolver {

    /**
     * Answers now or later. Completes exceptionally with {@link UnavailableException} where what lies below is away, with
     * {@link BusyException} where it has too much to do.
     */
    CompletableFuture<Answer> resolve(Query query);

    /**
     * Answers look-ups that came together, each as {@link #resolve} would, so that what lies below is asked once for all of them.
     * Does not throw.
     *
     * @param queries not changed afterwards
     */
    default void resolveAll(List<Query> queries, Replies<Answer> replies) {
        for (int place = 0; place < queries.size(); place++) {
            CompletableFuture<Answer> answer;
            try {
                answer = resolve(queries.get(place));
            } catch (RuntimeException e) {
                answer = CompletableFuture.failedFuture(e);
            }
            replies.follow(place, answer);
        }
    }
}
