package org.waymark.node.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
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

    /** A read of one key, and what it brings. */
    static final class Flight extends CompletableFuture<Answer> {

        private final long epoch;

        private Flight(long epoch) {
            this.epoch = epoch;
        }
    }

    /** A read that may begin now. */
    Flight prepare() {
        return new Flight(epoch.getAsLong());
    }

    /**
     * The read of this key that is under way; else the prepared one, which is under way from now on: begin it, and {@link #end} it
     * whatever comes of it.
     */
    Flight join(RecordKey key, Flight prepared) {
        Flight underWay = flights.putIfAbsent(key, prepared);
        if (underWay == null) {
            return prepared;
        }
        if (underWay.epoch == prepared.epoch) {
            return underWay;
        }
        return flights.compute(key, (same, other) -> other != null && other.epoch == prepared.epoch ? other : prepared);
    }

    /** The next who asks begins anew. Complete the flight after this. */
    void end(RecordKey key, Flight flight) {
        flights.remove(key, flight);
    }

    boolean isUnderWay(RecordKey key) {
        return flights.containsKey(key);
    }

    /** Lets later askers begin anew: the read under way may miss a change. */
    void abandon(RecordKey key) {
        flights.remove(key);
    }
}
