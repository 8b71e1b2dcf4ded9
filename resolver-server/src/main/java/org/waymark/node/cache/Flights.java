package org.waymark.node.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.waymark.node.resolve.Answer;
import org.waymark.record.RecordKey;

/**
 * Reads under way, one a key: whoever asks for the same meanwhile waits for the same answer, unless an epoch has ended since the
 * read began. Safe for use by many threads.
 */
final class Flights {

    private final ConcurrentHashMap<RecordKey, Flight> flights = new ConcurrentHashMap<>();
    private final LongSupplier epoch;

    /**
     * @param epoch a number that changes when a read that began before may miss what a reader may count on
     */
    Flights(LongSupplier epoch) {
        this.epoch = epoch;
    }

    private static final class Flight {

        private final long epoch;
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        Flight(long epoch) {
            this.epoch = epoch;
        }
    }

    /** Joins the read of this key that is under way, or begins one. */
    CompletableFuture<Answer> join(RecordKey key, Supplier<CompletableFuture<Answer>> read) {
        Flight own = new Flight(epoch.getAsLong());
        Flight joined = flights.compute(
                key, (same, underWay) -> underWay != null && underWay.epoch == own.epoch ? underWay : own);
        if (joined == own) {
            begin(key, own, read);
        }
        return joined.answer;
    }

    private void begin(RecordKey key, Flight flight, Supplier<CompletableFuture<Answer>> read) {
        CompletableFuture<Answer> reading;
        try {
            reading = read.get();
        } catch (RuntimeException e) {
            reading = CompletableFuture.failedFuture(e);
        }
        reading.whenComplete((answer, failure) -> {
            flights.remove(key, flight);
            if (failure == null) {
                flight.answer.complete(answer);
            } else {
                flight.answer.completeExceptionally(failure);
            }
        });
    }

    boolean isUnderWay(RecordKey key) {
        return flights.containsKey(key);
    }

    /** Lets later askers begin anew: the read under way may miss a change. */
    void abandon(RecordKey key) {
        flights.remove(key);
    }
}
