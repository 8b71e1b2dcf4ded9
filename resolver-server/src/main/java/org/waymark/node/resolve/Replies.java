package org.waymark.node.resolve;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * What becomes of questions that were asked together. Each is told of once, by its place in the list, in any order, by any thread,
 * while the asker still asks or later; several threads may tell of different places at a time. Does not throw, and does nothing
 * that takes time.
 */
public interface Replies<T> {

    /** This question has an answer. */
    void answered(int place, T answer);

    /** This question has none, for this reason. */
    void failed(int place, Throwable fault);

    /** Nothing more comes for a while, or at all: what was told so far is to be passed on. */
    void flush();

    /** Tells what a future brings, and flushes then. */
    default void follow(int place, CompletableFuture<? extends T> future) {
        future.whenComplete((answer, fault) -> {
            if (fault == null) {
                answered(place, answer);
            } else {
                failed(place, causeOf(fault));
            }
            flush();
        });
    }

    /** The failure itself, where it came wrapped in that of a future. */
    static Throwable causeOf(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    /** The reply to one question.
     *
     * @param asking asks one question, which has the place 0
     */
    static <T> CompletableFuture<T> toOne(Consumer<Replies<T>> asking) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        asking.accept(new Replies<>() {
            @Override
            public void answered(int place, T answer) {
                reply.complete(answer);
            }

            @Override
            public void failed(int place, Throwable fault) {
                reply.completeExceptionally(fault);
            }

            @Override
            public void flush() {
                // The future passes on at once.
            }
        });
        return reply;
    }
}
