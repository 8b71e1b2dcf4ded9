package org.waymark.node.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.waymark.node.resolve.Answer;
import org.waymark.record.RecordKey;

/** Reads under way, one a key: whoever asks for the same meanwhile waits for the same answer. Safe for use by many threads. */
final class Flights {

    private final ConcurrentHashMap<RecordKey, CompletableFuture<Answer>> flights = new ConcurrentHashMap<>();

    /** Joins the read of this key that is under way, or begins one. */
    CompletableFuture<Answer> join(RecordKey key, Supplier<CompletableFuture<Answer>> read) {
        CompletableFuture<Answer> flight = new CompletableFuture<>();
        CompletableFuture<Answer> underWay = flights.putIfAbsent(key, flight);
        if (underWay != null) {
            return underWay;
        }
        try {
            read.get().whenComplete((answer, failure) -> {
                flights.remove(key, flight);
                if (failure == null) {
                    flight.complete(answer);
                } else {
                    flight.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException e) {
            flights.remove(key, flight);
            flight.completeExceptionally(e);
        }
        return flight;
    }

    boolean isUnderWay(RecordKey key) {
        return flights.containsKey(key);
    }

    /** Lets later askers begin anew: the read under way may miss a change. */
    void abandon(RecordKey key) {
        flights.remove(key);
    }
}
