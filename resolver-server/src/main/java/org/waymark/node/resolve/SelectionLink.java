package org.waymark.node.resolve;

import java.util.concurrent.CompletableFuture;

/** The chain's first link: cuts an answer down to the values that were asked for, so that caches hold whole answers only. */
public final class SelectionLink implements Resolver {

    private final Resolver next;

    public SelectionLink(Resolver next) {
        this.next = next;
    }

    @Override
    public CompletableFuture<Answer> resolve(Query query) {
        CompletableFuture<Answer> whole = next.resolve(query);
        if (query.selection().isAll()) {
            return whole;
        }
        return whole.thenApply(
                answer -> new Answer(query.selection().applyTo(answer.content()), answer.source(), answer.stale()));
    }
}
