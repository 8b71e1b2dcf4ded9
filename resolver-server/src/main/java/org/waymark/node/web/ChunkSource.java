package org.waymark.node.web;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A body that comes in pieces, each when it is asked for: so whoever takes it sets the pace. There is one taker, who asks for the
 * next piece only after the one before has come.
 */
public interface ChunkSource extends AutoCloseable {

    /**
     * The next piece, now or later; empty: there are no more. A failed future ends the body short of its end: an answer that
     * breaks off is seen as such by its client, and a request's body fails with {@link BodyException}. Must not block.
     */
    CompletableFuture<Optional<byte[]>> next();

    /**
     * Nobody asks any more, whether the end was reached or not. Called once for an answer's body, on an event loop; it must not
     * block. A request's body may be closed by whoever reads it: what is left is thrown away then.
     */
    @Override
    void close();

    /**
     * True where the source goes on for as long as it is listened to, such as a stream of events: when the server stops it does not
     * wait for its end.
     */
    default boolean isEndless() {
        return false;
    }
}
