package org.waymark.node.resolve;

import java.util.concurrent.CompletableFuture;

/** One link of the chain that every answer comes out of. Safe for use by many threads; never blocks. */
public interface Resolver {

    /**
     * Answers now or later. Completes exceptionally with {@link UnavailableException} where what lies below is away, with
     * {@link BusyException} where it has too much to do.
     */
    CompletableFuture<Answer> resolve(Query query);
}
