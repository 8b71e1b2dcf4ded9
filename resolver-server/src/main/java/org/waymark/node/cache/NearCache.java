package org.waymark.node.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.util.Arrays;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;

/**
 * Answers in the memory of this process, bounded in bytes. Hits take no lock.
 *
 * <p>A fill is dropped if its key, or another of its stripe, was invalidated since the read that it comes from began: begin with
 * {@link #beginFill}, read, then {@link #fill}. Safe for use by many threads.
 */
public final class NearCache {

    private static final int STRIPES = 4_096;
    /** What an entry costs besides key and payload: objects, references and the cache's own node, measured generously. */
    private static final int ENTRY_OVERHEAD_BYTES = 320;

    private final Cache<RecordKey, Entry> entries;
    private final PrefixGenerations generations;
    private final NearCacheTrust trust;
    private final Clock clock;
    private final double refreshAheadShare;
    private final Stripe[] stripes = new Stripe[STRIPES];

    /**
     * @param maxBytes the most that keys, payloads and entries together take
     * @param refreshAheadPercent 0 to 90: in this last part of its life an entry asks to be refreshed; 0 switches that off
     */
    public NearCache(
            long maxBytes, int refreshAheadPercent, PrefixGenerations generations, NearCacheTrust trust, Clock clock) {
        this.entries = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((RecordKey key, Entry entry) ->
                        ENTRY_OVERHEAD_BYTES + 2 * key.identifier().length() + entry.answer.payload().length)
                .build();
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

    /** An answer that is held. */
    public static final class Entry {

        private final StoredAnswer answer;
        private final PrefixGenerations.Generation generation;
        private final long trustEpoch;
        private final long refreshAt;

        private Entry(StoredAnswer answer, PrefixGenerations.Generation generation, long trustEpoch, long refreshAt) {
            this.answer = answer;
            this.generation = generation;
            this.trustEpoch = trustEpoch;
            this.refreshAt = refreshAt;
        }

        public StoredAnswer answer() {
            return answer;
        }

        /** True where its life nears its end. */
        public boolean wantsRefresh(long nowMillis) {
            return nowMillis >= refreshAt;
        }
    }

    /** The entry for this key, if it may be served as it is; else null. */
    public Entry fresh(RecordKey key) {
        Entry entry = entries.getIfPresent(key);
        if (entry == null
                || !entry.generation.covers(entry.answer.sequence())
                || entry.trustEpoch != trust.epoch()
                || entry.trustEpoch == NearCacheTrust.NONE
                || entry.answer.expiresAt() <= clock.millis()) {
            return null;
        }
        return entry;
    }

    /**
     * The answer for this key if it may be served when what lies below is away, else null: a changed prefix voids it even then.
     *
     * @param maxStaleMillis how long past its life it may be served
     */
    public StoredAnswer stale(RecordKey key, long maxStaleMillis) {
        Entry entry = entries.getIfPresent(key);
        boolean serves = entry != null
                && entry.generation.covers(entry.answer.sequence())
                && entry.answer.expiresAt() + maxStaleMillis > clock.millis();
        return serves ? entry.answer : null;
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
        synchronized (stripe) {
            Entry held = entries.getIfPresent(ticket.key);
            boolean isOlder = held != null && answer.sequence() < held.answer.sequence();
            if (isOlder && !isSame(answer, held.answer)) {
                return;
            }
            if (isKept && stripe.invalidations == ticket.invalidations) {
                // An older answer that says the same confirms the newer one, which may have been read while there was
                // no trust.
                entries.put(ticket.key, entry(isOlder ? held.answer : answer, ticket.trustEpoch));
            } else if (!isOlder) {
                entries.invalidate(ticket.key);
                if (!isKept) {
                    stripe.invalidations++;
                }
            }
        }
    }

    private static boolean isSame(StoredAnswer one, StoredAnswer other) {
        return one.outcome() == other.outcome() && Arrays.equals(one.payload(), other.payload());
    }

    private Entry entry(StoredAnswer answer, long trustEpoch) {
        long refreshAt = refreshAheadShare == 0
                ? Long.MAX_VALUE
                : answer.expiresAt() - (long) (refreshAheadShare * answer.lifeMillis(clock.millis()));
        return new Entry(answer, generations.of(answer.owner()), trustEpoch, refreshAt);
    }

    /** Drops what is held for this key, and what reads under way will bring. */
    public void invalidate(RecordKey key) {
        Stripe stripe = stripe(key);
        synchronized (stripe) {
            stripe.invalidations++;
            entries.invalidate(key);
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

    /** Roughly how many answers are held. */
    public long size() {
        return entries.estimatedSize();
    }
}
