package org.waymark.node.cache;

import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.record.RecordKey;
import org.waymark.wire.AnswerSource;

/**
 * Answers from the near cache; joins the misses of one key; refreshes entries shortly before they expire; serves what has expired
 * when nothing better can be had. Queries that come here ask for whole records.
 */
public final class NearCacheLink implements Resolver {

    private final NearCache cache;
    private final Resolver next;
    private final long maxStaleMillis;
    private final Clock clock;
    private final Flights flights;

    /**
     * @param maxStaleMillis how long past its life an answer may be served while what lies below is away; 0: never
     */
    public NearCacheLink(NearCache cache, Resolver next, long maxStaleMillis, Clock clock) {
        this.cache = cache;
        this.next = next;
        this.maxStaleMillis = maxStaleMillis;
        this.clock = clock;
        this.flights = new Flights(cache::prefixChanges);
    }

    @Override
    public CompletableFuture<Answer> resolve(Query query) {
        RecordKey key = query.key();
        if (query.authoritative()) {
            // A read that began before this one may know less than this one shows: nobody joins it from now on.
            return readThrough(query).whenComplete((answer, failure) -> flights.abandon(key));
        }
        NearCache.Entry entry = cache.fresh(key);
        if (entry == null) {
            return orStale(key, flights.join(key, () -> readThrough(query)));
        }
        if (entry.wantsRefresh(clock.millis()) && !flights.isUnderWay(key)) {
            // Past Redis, whose entry ends its life at the same time as this one.
            flights.join(key, () -> readThrough(new Query(key, query.selection(), true)));
        }
        return CompletableFuture.completedFuture(Answer.of(entry.answer(), AnswerSource.NEAR_CACHE));
    }

    private CompletableFuture<Answer> readThrough(Query query) {
        NearCache.Ticket ticket = cache.beginFill(query.key());
        return next.resolve(query).whenComplete((answer, failure) -> {
            if (failure == null) {
                cache.fill(ticket, answer.content());
            }
        });
    }

    private CompletableFuture<Answer> orStale(RecordKey key, CompletableFuture<Answer> flight) {
        if (maxStaleMillis == 0) {
            return flight;
        }
        return flight.exceptionally(failure -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            boolean isAway = cause instanceof UnavailableException || cause instanceof BusyException;
            StoredAnswer stale = isAway ? cache.stale(key, maxStaleMillis) : null;
            if (stale == null) {
                throw new CompletionException(cause);
            }
            return new Answer(stale, AnswerSource.NEAR_CACHE, true);
        });
    }

    /** The key has changed: drops what is held and what is on its way. */
    public void invalidate(RecordKey key) {
        flights.abandon(key);
        cache.invalidate(key);
    }
}
