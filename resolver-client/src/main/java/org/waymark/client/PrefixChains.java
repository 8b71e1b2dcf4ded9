package org.waymark.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.waymark.Limits;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RevokedKeyException;
import org.waymark.trust.RevokedPrefixException;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.TrustedPrefix;
import org.waymark.trust.UntrustedAnchorException;
import org.waymark.trust.VerificationException;
import org.waymark.trust.WrongIdentifierException;
import org.waymark.trust.WrongOwnerException;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/**
 * Fetches prefix records from a prefix up to an anchor and verifies them from the anchor down. Keeps what verified for as long
 * as its life and that of all above it allows; joins fetches of the same prefix. Safe for use by many threads.
 */
final class PrefixChains {

    private static final int KEPT = 10_000;

    /**
     * A prefix that is trusted until its record, or one above it, has to be fetched again.
     *
     * @param expiresNanos by {@link System#nanoTime()}
     */
    record Link(TrustedPrefix trusted, long expiresNanos) {

        List<PrefixRecord> chain() {
            return trusted.chain();
        }
    }

    private record Fetch(Prefix prefix, boolean fresh) {}

    private final RecordSource source;
    private final List<Anchor> anchors;
    private final SeenVersions seen;
    private final SignatureVerifier signatures;
    private final LongSupplier clock;
    private final BoundedMap<Prefix, Link> kept = new BoundedMap<>(KEPT);
    private final Map<Fetch, CompletableFuture<Link>> underWay = new HashMap<>();

    /**
     * @param clock UTC epoch milliseconds
     */
    PrefixChains(
            RecordSource source,
            List<Anchor> anchors,
            SeenVersions seen,
            SignatureVerifier signatures,
            LongSupplier clock) {
        this.source = source;
        this.anchors = List.copyOf(anchors);
        this.seen = seen;
        this.signatures = signatures;
        this.clock = clock;
    }

    /**
     * The prefix, verified from an anchor down.
     *
     * @param fresh reads the whole chain from the registry
     */
    CompletableFuture<Link> trusted(Prefix prefix, boolean fresh) {
        return trusted(prefix, fresh, 1);
    }

    private CompletableFuture<Link> trusted(Prefix prefix, boolean fresh, int depth) {
        if (depth > Limits.CHAIN_LENGTH) {
            return CompletableFuture.failedFuture(
                    new WrongOwnerException("the chain above " + prefix + " is longer than " + Limits.CHAIN_LENGTH));
        }
        Link link = kept.get(prefix);
        if (!fresh && link != null && System.nanoTime() - link.expiresNanos() < 0) {
            return CompletableFuture.completedFuture(link);
        }
        Fetch fetch = new Fetch(prefix, fresh);
        CompletableFuture<Link> result = new CompletableFuture<>();
        synchronized (underWay) {
            CompletableFuture<Link> joined = underWay.putIfAbsent(fetch, result);
            if (joined != null) {
                return joined;
            }
        }
        source.fetch(key(prefix), ResolveOptions.ALL, fresh)
                .thenCompose(answer -> verified(prefix, answer, fresh, depth))
                .whenComplete((found, failure) -> {
                    synchronized (underWay) {
                        underWay.remove(fetch);
                    }
                    if (failure == null) {
                        kept.put(prefix, found);
                        result.complete(found);
                    } else {
                        result.completeExceptionally(RecordSource.unwrap(failure));
                    }
                });
        return result;
    }

    private CompletableFuture<Link> verified(Prefix prefix, RawAnswer answer, boolean fresh, int depth) {
        switch (answer.outcome()) {
            case RECORD, REFERRAL, RECORD_REVOKED -> {
                IdentifierRecord record = RecordSource.record(key(prefix), answer.payload());
                if (answer.outcome() == Outcome.RECORD_REVOKED && !record.key().equals(key(prefix))) {
                    return revokedAbove(prefix, record, fresh, depth);
                }
                if (!record.key().equals(key(prefix))) {
                    throw new WrongIdentifierException(
                            "asked for " + key(prefix) + ", got a record of " + record.key());
                }
                return verified(record, answer.lifeMillis(), fresh, depth);
            }
            default ->
                throw new UntrustedAnchorException("the chain can't be followed: the node has no record of "
                        + key(prefix) + " (" + answer.outcome() + ")");
        }
    }

    /** A prefix above the one that was asked for is said to be revoked. */
    private CompletableFuture<Link> revokedAbove(Prefix prefix, IdentifierRecord evidence, boolean fresh, int depth) {
        PrefixRecord above = read(evidence);
        if (!above.prefix().covers(prefix)) {
            throw new WrongIdentifierException("asked for " + key(prefix) + ", got a record of " + evidence.key());
        }
        return verified(evidence, 0, fresh, depth).thenApply(link -> {
            throw new RevokedKeyException("the key that signed the record of " + prefix
                    + " is revoked, or has lost its role, by " + evidence);
        });
    }

    /**
     * Verifies a prefix record that came with an answer, on a chain to an anchor.
     *
     * @param lifeMillis how long the answer may be kept
     */
    CompletableFuture<Link> verified(IdentifierRecord record, long lifeMillis, boolean fresh) {
        return verified(record, lifeMillis, fresh, 1);
    }

    private CompletableFuture<Link> verified(IdentifierRecord record, long lifeMillis, boolean fresh, int depth) {
        PrefixRecord candidate = read(record);
        long life = Math.min(lifeMillis, TimeUnit.SECONDS.toMillis(record.ttlSeconds()));
        long expires = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(life);
        if (candidate.isSelfSigned()) {
            TrustedPrefix root;
            try {
                root = anchored(candidate.prefix(), record);
            } catch (RevokedPrefixException e) {
                return admitted(candidate).thenCompose(admitted -> CompletableFuture.failedFuture(e));
            }
            return admitted(candidate).thenApply(admitted -> new Link(root, expires));
        }
        return trusted(candidate.owner(), fresh, depth + 1).thenCompose(parent -> {
            TrustedPrefix child;
            try {
                child = parent.trusted().delegate(record, clock.getAsLong());
            } catch (RevokedPrefixException e) {
                // Thrown after the signature was verified, and the parent is in force: the record itself says so.
                return admitted(candidate).thenCompose(admitted -> CompletableFuture.failedFuture(e));
            }
            List<Prefix> above = candidate.prefix().ladder();
            requireLongest(above.subList(1, above.size()), candidate.owner());
            long earlier = parent.expiresNanos() - expires < 0 ? parent.expiresNanos() : expires;
            return admitted(candidate).thenApply(admitted -> new Link(child, earlier));
        });
    }

    private TrustedPrefix anchored(Prefix prefix, IdentifierRecord record) {
        VerificationException first = null;
        for (Anchor anchor : anchors) {
            if (anchor.prefix().equals(prefix)) {
                try {
                    return TrustedPrefix.anchored(anchor, record, signatures, clock.getAsLong());
                } catch (VerificationException e) {
                    first = first == null ? e : first;
                }
            }
        }
        throw first == null
                ? new UntrustedAnchorException("the chain ends at " + prefix + ", which is no anchor of this client")
                : first;
    }

    /**
     * Refuses an owner where a longer prefix of the ladder is known, as an anchor or from an answer that verified: else a prefix
     * could sign past the one below it.
     *
     * @param ladder the longest first
     * @throws WrongOwnerException if one is
     */
    void requireLongest(List<Prefix> ladder, Prefix owner) {
        for (Prefix rung : ladder) {
            if (rung.equals(owner)) {
                return;
            }
            if (seen.newest(rung) != null
                    || anchors.stream().anyMatch(anchor -> anchor.prefix().equals(rung))) {
                throw new WrongOwnerException(
                        "signed by " + owner + ", though " + rung + " is a registered prefix and longer");
            }
        }
    }

    private CompletableFuture<Void> admitted(PrefixRecord candidate) {
        PrefixRecord newest = seen.newest(candidate.prefix());
        long from = newest == null ? 0 : newest.record().version() + 1;
        boolean gap = newest != null
                && candidate.epoch() == newest.epoch()
                && candidate.record().version() > from;
        CompletableFuture<List<PrefixRecord>> between = gap
                ? source.history(candidate.record().key(), from)
                        .thenApply(entries -> entries.stream()
                                .map(HistoryEntry::getRecord)
                                .map(encoded -> read(
                                        RecordSource.record(candidate.record().key(), encoded)))
                                .filter(step -> step.prefix().equals(candidate.prefix()))
                                .toList())
                : CompletableFuture.completedFuture(List.of());
        return between.thenAccept(versions -> seen.admit(candidate, versions));
    }

    private static PrefixRecord read(IdentifierRecord record) {
        try {
            return PrefixRecord.of(record);
        } catch (InvalidRecordException | InvalidIdentifierException e) {
            throw new TamperedRecordException(record + " is not a prefix record: " + e.getMessage());
        }
    }

    static RecordKey key(Prefix prefix) {
        return RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
    }
}
