package org.waymark.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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
 * Fetches prefix records from a prefix up to an anchor and verifies them from the anchor down. A record is fetched from the node of the
 * prefix above it, which the parent registers it at, as far as referrals have told; what came along with an answer is not fetched.
 * Keeps what verified for as long as its life and that of all above it allows; joins fetches of the same prefix. Safe for use by many
 * threads.
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

    private final Routes routes;
    private final boolean follows;
    private final List<Anchor> anchors;
    private final SeenVersions seen;
    private final SignatureVerifier signatures;
    private final LongSupplier clock;
    private final BoundedMap<Prefix, Link> kept = new BoundedMap<>(KEPT);
    private final Map<Fetch, CompletableFuture<Link>> underWay = new HashMap<>();

    /**
     * @param follows whether referrals to other nodes are followed
     * @param clock UTC epoch milliseconds
     */
    PrefixChains(
            Routes routes,
            boolean follows,
            List<Anchor> anchors,
            SeenVersions seen,
            SignatureVerifier signatures,
            LongSupplier clock) {
        this.routes = routes;
        this.follows = follows;
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
        return trusted(prefix, fresh, Companions.NONE, 1);
    }

    /**
     * The prefix, verified from an anchor down.
     *
     * @param fresh reads the whole chain from the registry
     * @param along prefix records that need not be fetched, unless it has to be fresh
     */
    CompletableFuture<Link> trusted(Prefix prefix, boolean fresh, Companions along) {
        return trusted(prefix, fresh, along, 1);
    }

    /** True where the prefix is trusted already, so that nothing about it needs to be fetched. */
    boolean isKept(Prefix prefix) {
        Link link = kept.get(prefix);
        return link != null && System.nanoTime() - link.expiresNanos() < 0;
    }

    private CompletableFuture<Link> trusted(Prefix prefix, boolean fresh, Companions along, int depth) {
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
        obtained(prefix, fresh, along, depth).whenComplete((found, failure) -> {
            // Kept before it is no longer under way, so that nobody finds neither.
            if (failure == null) {
                kept.put(prefix, found);
            }
            synchronized (underWay) {
                underWay.remove(fetch);
            }
            if (failure == null) {
                result.complete(found);
            } else {
                result.completeExceptionally(RecordSource.unwrap(failure));
            }
        });
        return result;
    }

    private CompletableFuture<Link> obtained(Prefix prefix, boolean fresh, Companions along, int depth) {
        Companions.Companion companion = fresh ? null : along.of(prefix).orElse(null);
        if (companion == null) {
            return fetched(prefix, fresh, depth);
        }
        // A node below may have an older record than the one above, which has the last word.
        return attempt(() -> verified(companion.record(), companion.lifeMillis(), false, along, depth))
                .exceptionallyCompose(failure -> RecordSource.unwrap(failure) instanceof VerificationException
                        ? fetched(prefix, false, depth)
                        : CompletableFuture.failedFuture(failure));
    }

    private static CompletableFuture<Link> attempt(Supplier<CompletableFuture<Link>> verification) {
        try {
            return verification.get();
        } catch (VerificationException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** How long what is kept of a prefix may still be kept, in milliseconds; 0 where nothing is. */
    long lifeMillis(Prefix prefix) {
        Link link = kept.get(prefix);
        return link == null ? 0 : Math.max(0, TimeUnit.NANOSECONDS.toMillis(link.expiresNanos() - System.nanoTime()));
    }

    private CompletableFuture<Link> fetched(Prefix prefix, boolean fresh, int depth) {
        return located(prefix, fresh, depth, (from, answer) -> verified(prefix, answer, fresh, depth));
    }

    /** Goes to the node that holds the record of a prefix, and hands on what that one says; verifies only the referrals on the way. */
    <T> CompletableFuture<T> located(
            Prefix prefix, boolean fresh, BiFunction<Routes.Route, RawAnswer, CompletableFuture<T>> end) {
        return located(prefix, fresh, 1, end);
    }

    private <T> CompletableFuture<T> located(
            Prefix prefix, boolean fresh, int depth, BiFunction<Routes.Route, RawAnswer, CompletableFuture<T>> end) {
        return located(prefix, routes.longest(above(prefix)), fresh, depth, end);
    }

    private <T> CompletableFuture<T> located(
            Prefix prefix,
            Routes.Route from,
            boolean fresh,
            int depth,
            BiFunction<Routes.Route, RawAnswer, CompletableFuture<T>> end) {
        boolean withChain = above(prefix).stream().noneMatch(this::isKept);
        return from.source()
                .fetch(key(prefix), ResolveOptions.ALL, fresh, withChain)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(ReferralWalk.named(from, failure)))
                .thenCompose(answer -> answer.outcome() == Outcome.REFERRAL && follows
                        ? referred(prefix, from, answer, fresh, depth, end)
                        : end.apply(from, answer));
    }

    /** The node that was asked refers to another one, perhaps by the very record that was asked for. */
    private <T> CompletableFuture<T> referred(
            Prefix prefix,
            Routes.Route from,
            RawAnswer answer,
            boolean fresh,
            int depth,
            BiFunction<Routes.Route, RawAnswer, CompletableFuture<T>> end) {
        IdentifierRecord record = RecordSource.record(key(prefix), answer.payload());
        PrefixRecord referral = read(record);
        if (referral.prefix().equals(prefix) || !Routes.leadsOn(referral)) {
            return end.apply(from, answer);
        }
        if (!referral.prefix().covers(prefix)) {
            throw new WrongIdentifierException("asked for " + key(prefix) + ", got a record of " + record.key());
        }
        ReferralWalk.requireLonger(from, referral.prefix());
        return verified(record, answer.lifeMillis(), fresh, Companions.of(answer), depth + 1)
                .thenCompose(link -> {
                    kept.put(referral.prefix(), link);
                    return located(prefix, routes.add(referral, link.expiresNanos()), fresh, depth, end);
                });
    }

    private static List<Prefix> above(Prefix prefix) {
        List<Prefix> ladder = prefix.ladder();
        return ladder.subList(1, ladder.size());
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
                return verified(record, answer.lifeMillis(), fresh, Companions.of(answer), depth);
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
        return verified(evidence, 0, fresh, Companions.NONE, depth).thenApply(link -> {
            throw new RevokedKeyException("the key that signed the record of " + prefix
                    + " is revoked, or has lost its role, by " + evidence);
        });
    }

    /**
     * Verifies a prefix record that came as an answer, on a chain to an anchor, and keeps it.
     *
     * @param lifeMillis how long the answer may be kept
     * @param along prefix records above it that need not be fetched, unless they have to be fresh
     */
    CompletableFuture<Link> verified(IdentifierRecord record, long lifeMillis, boolean fresh, Companions along) {
        return verified(record, lifeMillis, fresh, along, 1).thenApply(link -> {
            kept.put(link.trusted().prefix(), link);
            return link;
        });
    }

    private CompletableFuture<Link> verified(
            IdentifierRecord record, long lifeMillis, boolean fresh, Companions along, int depth) {
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
        return trusted(candidate.owner(), fresh, along, depth + 1).thenCompose(parent -> {
            TrustedPrefix child;
            try {
                child = parent.trusted().delegate(record, clock.getAsLong());
            } catch (RevokedPrefixException e) {
                // Thrown after the signature was verified, and the parent is in force: the record itself says so.
                return admitted(candidate).thenCompose(admitted -> CompletableFuture.failedFuture(e));
            }
            requireLongest(above(candidate.prefix()), candidate.owner());
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
                ? routes.longest(above(candidate.prefix()))
                        .source()
                        .history(candidate.record().key(), from)
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
