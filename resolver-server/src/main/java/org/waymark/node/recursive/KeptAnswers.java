package org.waymark.node.recursive;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.waymark.client.VerifiedAnswer;
import org.waymark.identifier.Prefix;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/**
 * Answers of other nodes, with the prefix records that they were verified with, while their lives last and for a while after. Bounded in
 * bytes. What this node serves itself is never among what {@link #fresh} gives: an answer is marked with the state of this node's
 * prefixes in which it was not served here, and counts in no other. Safe for use by many threads.
 */
final class KeptAnswers {

    /** What an entry takes beside its payload and its key, about. */
    private static final int ENTRY_BYTES = 256;

    private static final int REVOCATIONS = 10_000;
    private static final long NO_MARK = -1;
    /** Ends of lives that are no further apart are the same, read off different clocks. */
    private static final long SAME_MILLIS = 1_000;

    private final long staleMillis;
    private final long refusalMillis;
    private final LongSupplier prefixChanges;
    private final Clock clock;
    private final Cache<RecordKey, Kept> answers;
    /** When a prefix was said to be revoked: what was kept under it before is void. */
    private final Cache<Prefix, Long> revocations;

    /**
     * @param staleFor how long after the end of its life an answer is kept
     * @param refusalsFor how long it is kept that no node is responsible, which nobody may keep after
     * @param prefixChanges a number that changes with the prefixes that this node serves
     */
    KeptAnswers(long maxBytes, Duration staleFor, Duration refusalsFor, LongSupplier prefixChanges, Clock clock) {
        this.staleMillis = staleFor.toMillis();
        this.refusalMillis = refusalsFor.toMillis();
        this.prefixChanges = prefixChanges;
        this.clock = clock;
        this.answers = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .<RecordKey, Kept>weigher(
                        (key, kept) -> ENTRY_BYTES + key.encoded().length + kept.answer.payload().length)
                .expireAfter(Expiry.<RecordKey, Kept>writing(
                        (key, kept) -> Duration.ofMillis(Math.max(0, kept.freshUntil - clock.millis()) + staleMillis)))
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .executor(Runnable::run)
                .recordStats()
                .build();
        this.revocations = Caffeine.newBuilder()
                .maximumSize(REVOCATIONS)
                .executor(Runnable::run)
                .build();
    }

    /** An answer that is kept. */
    private static final class Kept {

        private final StoredAnswer answer;
        private final long keptSince;
        private final long freshUntil;
        private volatile long mark;

        Kept(StoredAnswer answer, long keptSince, long freshUntil, long mark) {
            this.answer = answer;
            this.keptSince = keptSince;
            this.freshUntil = freshUntil;
            this.mark = mark;
        }
    }

    /** The state of this node's prefixes; to be read before this node is asked whether it serves a key. */
    long mark() {
        return prefixChanges.getAsLong();
    }

    /** The answer for this key whose life lasts, unless this node has to be asked first whether it serves the key; else null. */
    StoredAnswer fresh(RecordKey key) {
        Kept kept = answers.getIfPresent(key);
        return kept != null && kept.mark == prefixChanges.getAsLong() ? ifFresh(kept) : null;
    }

    /**
     * The answer for this key, which is not served here, whose life lasts; else null.
     *
     * @param mark in which state of this node's prefixes it is not
     */
    StoredAnswer fresh(RecordKey key, long mark) {
        Kept kept = answers.getIfPresent(key);
        StoredAnswer fresh = kept == null ? null : ifFresh(kept);
        if (fresh != null) {
            kept.mark = mark;
        }
        return fresh;
    }

    private StoredAnswer ifFresh(Kept kept) {
        return kept.freshUntil > clock.millis() && !isRevoked(kept) ? kept.answer : null;
    }

    /** The answer for this key whose life may be over, where it is not for too long; else null. */
    StoredAnswer stale(RecordKey key) {
        Kept kept = staleMillis == 0 ? null : answers.getIfPresent(key);
        return kept == null || !kept.answer.isCacheable() || isRevoked(kept) ? null : kept.answer;
    }

    private boolean isRevoked(Kept kept) {
        RecordKey owner = kept.answer.owner();
        if (owner == null || revocations.estimatedSize() == 0) {
            return false;
        }
        for (Prefix rung : Prefix.of(owner.scheme(), owner.identifier()).ladder()) {
            Long since = revocations.getIfPresent(rung);
            if (since != null && since > kept.keptSince) {
                return true;
            }
        }
        return false;
    }

    /**
     * Keeps an answer, and what it was verified with, for as long as they may be kept.
     *
     * @param mark in which state of this node's prefixes the key is not served here
     * @return the answer as it is given out
     */
    StoredAnswer keep(RecordKey key, VerifiedAnswer verified, long mark) {
        long now = clock.millis();
        for (VerifiedAnswer.Link link : verified.chain()) {
            keepPrefix(link, now);
        }
        RecordKey owner = verified.owner().map(KeptAnswers::keyOf).orElse(null);
        StoredAnswer answer = new StoredAnswer(
                verified.outcome(),
                verified.payload().toByteArray(),
                Math.max(0, verified.sequence()),
                verified.lifeMillis() == 0 ? 0 : now + verified.lifeMillis(),
                owner);
        revokedPrefix(verified).ifPresent(prefix -> revocations.put(prefix, now));
        if (answer.isCacheable()) {
            answers.put(key, new Kept(answer, now, answer.expiresAt(), mark));
        } else if (verified.outcome() == Outcome.NOT_RESPONSIBLE) {
            answers.put(key, new Kept(answer, now, now + refusalMillis, mark));
        } else if (!verified.stale()) {
            // It must not outlive what has been shown since.
            answers.invalidate(key);
        }
        return answer;
    }

    private static Optional<Prefix> revokedPrefix(VerifiedAnswer verified) {
        if (verified.outcome() != Outcome.RECORD_REVOKED) {
            return Optional.empty();
        }
        IdentifierRecord evidence = IdentifierRecord.parse(verified.payload());
        return evidence.kind() == RecordKind.PREFIX && evidence.isRevoked()
                ? Optional.of(PrefixRecord.of(evidence).prefix())
                : Optional.empty();
    }

    /** Which this node may have itself, in a newer version perhaps: so it is to be asked first. */
    private void keepPrefix(VerifiedAnswer.Link link, long now) {
        byte[] record = link.prefix().record().encoded().toByteArray();
        RecordKey key = keyOf(link.prefix().prefix());
        long expires = now + link.lifeMillis();
        Kept held = answers.getIfPresent(key);
        if (link.lifeMillis() == 0
                || link.prefix().record().isRevoked()
                || held != null
                        && held.freshUntil + SAME_MILLIS >= expires
                        && Arrays.equals(held.answer.payload(), record)) {
            return;
        }
        StoredAnswer answer = new StoredAnswer(Outcome.RECORD, record, 0, expires, key);
        answers.put(key, new Kept(answer, now, expires, NO_MARK));
    }

    private static RecordKey keyOf(Prefix prefix) {
        return RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
    }

    /** How many are kept, about. */
    long size() {
        return answers.estimatedSize();
    }

    /** What they take, about. */
    long bytes() {
        return answers.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }
}
