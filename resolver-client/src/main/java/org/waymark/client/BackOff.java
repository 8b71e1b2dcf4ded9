package org.waymark.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Repeats what failed, a bounded number of times, with pauses that double and vary.
 *
 * @param attempts how often it is tried in all
 * @param first the first pause; the real one is anything from half of it
 */
record BackOff(int attempts, Duration first) {

    /** Repeats the request while it fails with what the predicate accepts. */
    <T> CompletableFuture<T> retrying(Supplier<CompletableFuture<T>> request, Predicate<Throwable> repeatable) {
        return attempt(request, repeatable, 1);
    }

    private <T> CompletableFuture<T> attempt(
            Supplier<CompletableFuture<T>> request, Predicate<Throwable> repeatable, int number) {
        return request.get()
                .exceptionallyCompose(failure -> number < attempts && repeatable.test(RecordSource.unwrap(failure))
                        ? after(number).thenCompose(paused -> attempt(request, repeatable, number + 1))
                        : CompletableFuture.failedFuture(RecordSource.unwrap(failure)));
    }

    /** Completes when the pause after this attempt is over. */
    CompletableFuture<Void> after(int number) {
        long pause = first.toNanos() << Math.min(number - 1, 20);
        long varied = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
        return CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(varied, TimeUnit.NANOSECONDS, SharedWorkers.get()));
    }
}
