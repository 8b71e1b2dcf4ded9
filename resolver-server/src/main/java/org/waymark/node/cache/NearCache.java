package org.waymark.node.cache;

import java.time.Clock;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;

/**
 * Answers in the memory of this process, outside the heap, bounded in bytes. Hits take no lock.
 *
 * <p>A fill is dropped if its key, or another of its stripe, was invalidated since the read that it comes from began: begin with
 * {@link #beginFill}, read, then {@link #fill}. Safe for use by many threads.
 */
public final class NearCache implements ReadyAnswers {

    private static final int STRIPES = 4_096;

    private final AnswerTable entries;
    private final PrefixGenerations generations;
    private final NearCacheTrust trust;
    private final Clock clock;
    private final double refreshAheadShare;
    private final Stripe[] stripes = new Stripe[STRIPES];
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /**
     * @param maxBytes the most that keys, payloads and what leads to them take together, 0 to 1 TiB; next to 0, nothing is held
     * @param refreshAheadPercent 0 to 90: in this last part of its life an entry asks to be refreshed; 0 switches that off
     */
    public NearCache(
            long maxBytes, int refreshAheadPercent, PrefixGenerations generations, NearCacheTrust trust, Clock clock) {
        this.entries = new AnswerTable(maxBytes);
        this.generations = generations;
        this.trust = trust;
        this.clock = clock;
        this.refreshAheadShare = refreshAheadPercent / 100.0;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** Counts the invalidations of the keys that share it. Its monitor orders fills and invalidations. */
    private static final class Stripe {
        private long invalidations;
    }

    /**
     * An answer that is held.
     *
     * @param refreshAt UTC epoch milliseconds from which it should be read anew
     */
    public record Entry(StoredAnswer answer, long refreshAt) {

        /** True where its life nears its end. */
        public boolean wantsRefresh(long nowMillis) {
            return nowMillis >= refreshAt;
        }
    }

    /** True where it has no room for anything: then there is no need to fill it. */
    boolean holdsNothing() {
        return entries.segments() == 0;
    }

    /** The entry for this key, if it may be served as it is; else null. */
    public Entry fresh(RecordKey key) {
        if (holdsNothing()) {
            return null;
        }
        CachedAnswer held = entries.get(key.encoded());
        if (held == null
                || !isFresh(held.generation(), held.sequence(), held.trustEpoch(), held.expiresAt(), clock.millis())) {
            misses.increment();
            return null;
        }
        hits.increment();
        return new Entry(answer(held), held.refreshAt());
    }

    /** Whether an entry with these numbers may be served as it is. They may be any numbers. */
    boolean isFresh(int generation, long sequence, long trustEpoch, long expiresAt, long nowMillis) {
        return expiresAt > nowMillis
                && isCovered(generation, sequence)
                && trustEpoch == trust.epoch()
                && trustEpoch != NearCacheTrust.NONE;
    }

    /** Key of the prefix with this generation, which there must be. */
    RecordKey owner(int generation) {
        return generations.numbered(generation).key();
    }

    private boolean isCovered(int generation, long sequence) {
        PrefixGenerations.Generation numbered = generations.numbered(generation);
        return numbered != null && numbered.covers(sequence);
    }

    private StoredAnswer answer(CachedAnswer held) {
        return new StoredAnswer(
                Outcome.forNumber(held.outcome()),
                held.payload(),
                held.sequence(),
                held.expiresAt(),
                generations.numbered(held.generation()).key());
    }

    /**
     * The answer for this key if it may be served when what lies below is away, else null: a changed prefix voids it even then.
     *
     * @param maxStaleMillis how long past its life it may be served
     */
    public StoredAnswer stale(RecordKey key, long maxStaleMillis) {
        CachedAnswer held = entries.get(key.encoded());
        boolean serves = held != null
                && isCovered(held.generation(), held.sequence())
                && held.expiresAt() + maxStaleMillis > clock.millis();
        return serves ? answer(held) : null;
    }

    /** What is fresh and does not want a refresh is ready: the others are somebody's to read. */
    @Override
    public ReadyAnswers.Batch newBatch(int most) {
        return new NearCacheBatch(this, entries, clock, most);
    }

    /** What a read that may fill the cache starts with. */
    public record Ticket(RecordKey key, long invalidations, long trustEpoch) {}

    /** Call before the read begins. */
    public Ticket beginFill(RecordKey key) {
        // The epoch comes first: if trust is lost and regained during the read, the entry belongs to the lost one.
        long trustEpoch = trust.epoch();
        Stripe stripe = stripe(key);
        synchronized (stripe) {
            return new Ticket(key, stripe.invalidations, trustEpoch);
        }
    }

    /**
     * Keeps an answer, unless its key was invalidated since the ticket was taken or something newer is held. What is held and no
     * newer than an answer that can't be kept is dropped: it must not outlive what has been shown since.
     */
    public void fill(Ticket ticket, StoredAnswer answer) {
        boolean isKept = answer.isCacheable() && answer.owner() != null;
        Stripe stripe = stripe(ticket.key);
        byte[] key = ticket.key.encoded();
        synchronized (stripe) {
            CachedAnswer held = entries.get(key);
            boolean isOlder = held != null && answer.sequence() < held.sequence();
            if (isOlder && !isSame(answer, held)) {
                return;
            }
            if (isKept && stripe.invalidations == ticket.invalidations) {
                // An older answer that says the same confirms the newer one, which may have been read while there was
                // no trust.
                entries.put(key, cached(isOlder ? answer(held) : answer, ticket.trustEpoch));
            } else if (!isOlder) {
                entries.remove(key);
                if (!isKept) {
                    stripe.invalidations++;
                }
            }
        }
    }

    private static boolean isSame(StoredAnswer one, CachedAnswer other) {
        return one.outcome().getNumber() == other.outcome() && Arrays.equals(one.payload(), other.payload());
    }

    private CachedAnswer cached(StoredAnswer answer, long trustEpoch) {
        long refreshAt = refreshAheadShare == 0
                ? Long.MAX_VALUE
                : answer.expiresAt() - (long) (refreshAheadShare * answer.lifeMillis(clock.millis()));
        return new CachedAnswer(
                answer.outcome().getNumber(),
                answer.sequence(),
                answer.expiresAt(),
                refreshAt,
                trustEpoch,
                generations.of(answer.owner()).number(),
                answer.payload());
    }

    /** Drops what is held for this key, and what reads under way will bring. */
    public void invalidate(RecordKey key) {
        Stripe stripe = stripe(key);
        synchronized (stripe) {
            stripe.invalidations++;
            entries.remove(key.encoded());
        }
    }

    private Stripe stripe(RecordKey key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return stripes[hash >>> 20];
    }

    /** Rises with every change of a prefix. */
    long prefixChanges() {
        return generations.count();
    }

    /** How often {@link #fresh} had the answer; batches are not counted here. */
    public long hits() {
        return hits.sum();
    }

    /** How often {@link #fresh} had none. */
    public long misses() {
        return misses.sum();
    }

    /** How many answers are held. */
    public long size() {
        return entries.size();
    }
}
