package org.waymark.node.cache;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Replies;
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
        return Replies.toOne(reply -> resolveAll(List.of(query), reply));
    }

    @Override
    public void resolveAll(List<Query> queries, Replies<Answer> replies) {
        Reads reads = new Reads(queries.size(), replies);
        for (int place = 0; place < queries.size(); place++) {
            look(queries.get(place), place, reads);
        }
        replies.flush();
        if (!reads.begun.isEmpty()) {
            next.resolveAll(reads.queries, reads);
        }
    }

    private void look(Query query, int place, Reads reads) {
        RecordKey key = query.key();
        if (query.authoritative()) {
            reads.add(query, place, null);
            return;
        }
        NearCache.Entry entry = cache.fresh(key);
        if (entry != null) {
            reads.replies.answered(place, Answer.of(entry.answer(), AnswerSource.NEAR_CACHE));
            if (entry.wantsRefresh(clock.millis()) && !flights.isUnderWay(key)) {
                // Past Redis, whose entry ends its life at the same time as this one.
                reads.join(new Query(key, query.selection(), true), Read.NOBODY);
            }
        } else {
            reads.join(query, place);
        }
    }

    /**
     * One read of what lies below.
     *
     * @param place of who waits for it, or {@link #NOBODY}
     * @param ticket null where nothing is kept
     * @param flight null where nobody may join it
     */
    private record Read(int place, NearCache.Ticket ticket, Flights.Flight flight) {
        static final int NOBODY = -1;
    }

    /** The reads that look-ups which came together begin together. */
    private final class Reads implements Replies<Answer> {

        private final List<Query> queries;
        private final List<Read> begun;
        private final Replies<Answer> replies;

        Reads(int most, Replies<Answer> replies) {
            queries = new ArrayList<>(most);
            begun = new ArrayList<>(most);
            this.replies = replies;
        }

        void add(Query query, int place, Flights.Flight flight) {
            queries.add(query);
            begun.add(new Read(place, cache.holdsNothing() ? null : cache.beginFill(query.key()), flight));
        }

        void join(Query query, int place) {
            Flights.Flight prepared = flights.prepare();
            Flights.Flight flight = flights.join(query.key(), prepared);
            if (flight == prepared) {
                add(query, place, flight);
            } else if (place != Read.NOBODY) {
                flight.whenComplete((answer, fault) -> {
                    if (fault == null) {
                        replies.answered(place, answer);
                    } else {
                        failedOrStale(place, query.key(), fault);
                    }
                    replies.flush();
                });
            }
        }

        @Override
        public void answered(int number, Answer answer) {
            Read read = begun.get(number);
            if (read.ticket() != null) {
                try {
                    cache.fill(read.ticket(), answer.content());
                } catch (RuntimeException e) {
                    failed(number, e);
                    return;
                }
            }
            end(number);
            if (read.place() != Read.NOBODY) {
                replies.answered(read.place(), answer);
            }
            if (read.flight() != null) {
                read.flight().complete(answer);
            }
        }

        @Override
        public void failed(int number, Throwable fault) {
            Read read = begun.get(number);
            end(number);
            if (read.flight() == null) {
                replies.failed(read.place(), fault);
                return;
            }
            if (read.place() != Read.NOBODY) {
                failedOrStale(read.place(), queries.get(number).key(), fault);
            }
            read.flight().completeExceptionally(fault);
        }

        private void end(int number) {
            RecordKey key = queries.get(number).key();
            Flights.Flight flight = begun.get(number).flight();
            if (flight == null) {
                // A read that began before this one may know less than this one shows: nobody joins it from now on.
                flights.abandon(key);
            } else {
                flights.end(key, flight);
            }
        }

        private void failedOrStale(int place, RecordKey key, Throwable fault) {
            boolean isAway = fault instanceof UnavailableException || fault instanceof BusyException;
            StoredAnswer stale = isAway && maxStaleMillis != 0 ? cache.stale(key, maxStaleMillis) : null;
            if (stale == null) {
                replies.failed(place, fault);
            } else {
                replies.answered(place, new Answer(stale, AnswerSource.NEAR_CACHE, true));
            }
        }

        @Override
        public void flush() {
            replies.flush();
        }
    }

    /** The key has changed: drops what is held and what is on its way. */
    public void invalidate(RecordKey key) {
        flights.abandon(key);
        cache.invalidate(key);
    }
}
