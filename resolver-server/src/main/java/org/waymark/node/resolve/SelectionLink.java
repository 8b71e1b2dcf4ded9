package org.waymark.node.resolve;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The chain's first link: cuts an answer down to the values that were asked for, so that caches hold whole answers only. */
public final class SelectionLink implements Resolver {

    private final Resolver next;

    public SelectionLink(Resolver next) {
        this.next = next;
    }

    @Override
    public CompletableFuture<Answer> resolve(Query query) {
        return Replies.toOne(reply -> resolveAll(List.of(query), reply));
    }

    @Override
    public void resolveAll(List<Query> queries, Replies<Answer> replies) {
        for (Query query : queries) {
            if (!query.selection().isAll()) {
                next.resolveAll(queries, new CutDown(queries, replies));
                return;
            }
        }
        next.resolveAll(queries, replies);
    }

    private record CutDown(List<Query> queries, Replies<Answer> replies) implements Replies<Answer> {

        @Override
        public void answered(int place, Answer whole) {
            Answer wanted;
            try {
                wanted = cut(queries.get(place).selection(), whole);
            } catch (RuntimeException e) {
                replies.failed(place, e);
                return;
            }
            replies.answered(place, wanted);
        }

        private static Answer cut(Selection selection, Answer whole) {
            return selection.isAll()
                    ? whole
                    : new Answer(selection.applyTo(whole.content()), whole.source(), whole.stale());
        }

        @Override
        public void failed(int place, Throwable fault) {
            replies.failed(place, fault);
        }

        @Override
        public void flush() {
            replies.flush();
        }
    }
}
