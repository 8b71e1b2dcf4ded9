package org.waymark.client;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.waymark.Limits;
import org.waymark.client.AnswerVerifier.Verified;
import org.waymark.client.Routes.Route;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.record.RecordKey;
import org.waymark.trust.OnBehalfException;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RevokedKeyException;
import org.waymark.trust.RollbackException;
import org.waymark.trust.UnknownKeyException;
import org.waymark.trust.WrongEpochException;
import org.waymark.trust.WrongOwnerException;
import org.waymark.trust.WrongRoleException;
import org.waymark.v1.Outcome;

/**
 * Goes from node to node, as their referrals tell, to the one that answers; verifies each referral before it is followed. Begins at the
 * node of the longest prefix that is known. Each referral has to lead to a longer prefix than the one before, so that the way ends.
 * Safe for use by many threads.
 */
final class ReferralWalk {

    private static final int REMEMBERED_OWNERS = 10_000;

    /** What is looked for, and who wants to hear of each step. */
    record Search(Identifier identifier, ResolveOptions options, long startNanos, Consumer<Hop> hops) {

        RecordKey key() {
            return AnswerVerifier.itemKey(identifier);
        }
    }

    /**
     * Where a walk is.
     *
     * @param number of the node asked, from 1
     * @param away the node that was known from before and did not answer; null where none was
     */
    private record Step(Route at, int number, Away away) {

        Step to(Route next) {
            return new Step(next, number + 1, away);
        }
    }

    private record Away(Route route, Throwable failure) {}

    private final AnswerVerifier verifier;
    private final PrefixChains chains;
    private final Routes routes;
    private final Branches branches;
    private final boolean follows;
    /** The owner of what was found under a prefix last. */
    private final BoundedMap<Prefix, Prefix> owners = new BoundedMap<>(REMEMBERED_OWNERS);
    /** Prefixes of identifiers that are looked up with their chain just now: one is enough. */
    private final Set<Prefix> chainsUnderWay = ConcurrentHashMap.newKeySet();

    /**
     * @param chains null where nothing is verified
     * @param follows false: a referral is an answer
     */
    ReferralWalk(AnswerVerifier verifier, PrefixChains chains, Routes routes, Branches branches, boolean follows) {
        this.verifier = verifier;
        this.chains = chains;
        this.routes = routes;
        this.branches = branches;
        this.follows = follows;
    }

    /** The node to begin with. */
    Route start(Identifier identifier, ResolveOptions options) {
        return options.authoritative() || routes.isEmpty() ? routes.home() : routes.longest(identifier.ladder());
    }

    CompletableFuture<Verified> resolve(Search search) {
        try {
            branches.enter(search.identifier().ladder(), routes);
        } catch (WaymarkException e) {
            return CompletableFuture.failedFuture(e);
        }
        Route start = start(search.identifier(), search.options());
        return begun(search, start, ask(search, start, search.options().authoritative()))
                .whenComplete((verified, failure) -> {
                    if (failure != null) {
                        branches.failed(RecordSource.unwrap(failure), search.startNanos());
                    }
                });
    }

    /**
     * Goes on from the answer of the first node.
     *
     * @param start see {@link #start}
     */
    CompletableFuture<Verified> begun(Search search, Route start, CompletableFuture<RawAnswer> answer) {
        CompletableFuture<Verified> way = answered(search, new Step(start, 1, null), answer);
        if (start.isHome()) {
            return way;
        }
        // The prefix may have moved since: its parent's node knows.
        return way.exceptionallyCompose(failed -> {
            Throwable failure = RecordSource.unwrap(failed);
            if (!(failure instanceof ReferralException e) || !start.prefix().equals(e.prefix())) {
                return CompletableFuture.failedFuture(failure);
            }
            routes.forget(start);
            Step again = new Step(routes.home(), 1, new Away(start, failure));
            return answered(search, again, ask(search, again.at(), true));
        });
    }

    private CompletableFuture<RawAnswer> ask(Search search, Route at, boolean authoritative) {
        boolean withChain = wantsChain(search.identifier());
        CompletableFuture<RawAnswer> answer =
                at.source().fetch(search.key(), search.options(), authoritative, withChain);
        if (withChain) {
            Prefix prefix = search.identifier().prefix();
            answer.whenComplete((done, failure) -> chainsUnderWay.remove(prefix));
        }
        return answer;
    }

    /**
     * True where the prefix records of an answer are not known, so that they should come along with it. The caller asks at once; what it
     * asked for is given back by {@link #chainCame}.
     */
    boolean wantsChain(Identifier identifier) {
        if (chains == null) {
            return false;
        }
        Prefix prefix = identifier.prefix();
        Prefix owner = owners.get(prefix);
        if (owner == null && prefix.scheme() == Scheme.GS1) {
            // Each product has a longest prefix of its own there.
            owner = prefix.ladder().stream()
                    .map(owners::get)
                    .filter(known -> known != null && known.covers(prefix))
                    .findFirst()
                    .orElse(null);
        }
        return (owner == null || !chains.isKept(owner)) && chainsUnderWay.add(prefix);
    }

    void chainCame(Identifier identifier) {
        chainsUnderWay.remove(identifier.prefix());
    }

    private CompletableFuture<Verified> answered(Search search, Step step, CompletableFuture<RawAnswer> answer) {
        long asked = System.nanoTime();
        return answer.handle((raw, failed) -> {
                    Duration taken = Duration.ofNanos(System.nanoTime() - asked);
                    if (failed == null) {
                        branches.answered(step.at().prefix());
                        return checked(search, step, raw, taken);
                    }
                    Throwable failure = named(step.at(), failed);
                    report(search, step, null, Optional.empty(), taken, failure);
                    return CompletableFuture.<Verified>failedFuture(failure);
                })
                .thenCompose(verified -> verified)
                .thenCompose(verified -> verified.resolution() instanceof Resolution.Referral referral
                                && follows
                                && Routes.leadsOn(referral.prefix())
                        ? followed(search, step, referral, verified.expiresNanos())
                        : CompletableFuture.completedFuture(noted(verified)));
    }

    /** Verifies one answer; where it may only be outdated, what the registry says instead. */
    private CompletableFuture<Verified> checked(Search search, Step step, RawAnswer answer, Duration taken) {
        boolean authoritative = search.options().authoritative();
        return verified(search, step, answer, authoritative)
                .exceptionallyCompose(failed -> mayBeOutdated(RecordSource.unwrap(failed))
                        ? step.at()
                                .source()
                                .fetch(search.key(), search.options(), true, false)
                                .exceptionallyCompose(e -> CompletableFuture.failedFuture(named(step.at(), e)))
                                .thenCompose(current -> verified(search, step, current, true))
                        : CompletableFuture.failedFuture(RecordSource.unwrap(failed)))
                .whenComplete((verified, failed) -> report(
                        search,
                        step,
                        answer,
                        verified != null && verified.resolution() instanceof Resolution.Referral referral
                                ? Optional.of(referral.prefix())
                                : Optional.empty(),
                        taken,
                        failed == null ? null : RecordSource.unwrap(failed)));
    }

    private CompletableFuture<Verified> verified(Search search, Step step, RawAnswer answer, boolean fresh) {
        if (answer.outcome() == Outcome.NOT_RESPONSIBLE && !step.at().isHome()) {
            return CompletableFuture.failedFuture(new ReferralException(
                    step.at().prefix(),
                    step.at() + " says that it is not responsible: "
                            + RecordSource.detail(answer).getMessage(),
                    null));
        }
        try {
            return verifier.verify(search.identifier(), answer, step.at().prefix(), fresh, search.startNanos());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Verified> followed(
            Search search, Step step, Resolution.Referral referral, long expiresNanos) {
        PrefixRecord prefix = referral.prefix();
        requireLonger(step.at(), prefix.prefix());
        if (step.number() >= Limits.CHAIN_LENGTH) {
            throw new ReferralException(
                    prefix.prefix(), "more than " + Limits.CHAIN_LENGTH + " nodes would have to be asked", null);
        }
        Route next = routes.add(prefix, expiresNanos);
        Away away = step.away();
        if (away != null
                && away.route().prefix().equals(next.prefix())
                && away.route().addresses().equals(next.addresses())) {
            return CompletableFuture.failedFuture(away.failure());
        }
        Step there = step.to(next);
        return answered(search, there, ask(search, next, search.options().authoritative()));
    }

    private Verified noted(Verified verified) {
        if (verified.resolution() instanceof Resolution.Found found
                && !found.chain().isEmpty()) {
            Prefix owner = found.chain().get(found.chain().size() - 1).prefix();
            owners.put(found.identifier().prefix(), owner);
            if (owner.scheme() == Scheme.GS1) {
                owners.put(owner, owner);
            }
        }
        return verified;
    }

    private static void report(
            Search search,
            Step step,
            RawAnswer answer,
            Optional<PrefixRecord> referral,
            Duration taken,
            Throwable failure) {
        search.hops()
                .accept(new Hop(
                        step.number(),
                        Optional.ofNullable(step.at().prefix()),
                        answer == null ? step.at().places() : answer.node(),
                        Optional.ofNullable(answer).map(RawAnswer::outcome),
                        referral,
                        taken,
                        Optional.ofNullable(failure)));
    }

    /**
     * A failure to get an answer, with the hop that it happened at.
     *
     * @return the failure itself where the node was not referred to
     */
    static Throwable named(Route at, Throwable failed) {
        Throwable failure = RecordSource.unwrap(failed);
        return at.isHome() || !(failure instanceof WaymarkException) || failure instanceof ClientClosedException
                ? failure
                : new ReferralException(at.prefix(), at + " gave no answer: " + failure.getMessage(), failure);
    }

    /**
     * @throws ReferralException if the referral does not lead to a longer prefix
     */
    static void requireLonger(Route from, Prefix to) {
        if (!from.isHome() && (from.prefix().equals(to) || !from.prefix().covers(to))) {
            throw new ReferralException(
                    from.prefix(),
                    from + " refers to " + to
                            + ": a referral has to lead to a longer prefix, or it would go on for ever",
                    null);
        }
    }

    /** True where an answer, or a prefix record that is kept, may only be older than a change that was made since. */
    static boolean mayBeOutdated(Throwable failure) {
        return failure instanceof UnknownKeyException
                || failure instanceof WrongEpochException
                || failure instanceof RevokedKeyException
                || failure instanceof WrongRoleException
                || failure instanceof OnBehalfException
                || failure instanceof WrongOwnerException
                || failure instanceof RollbackException;
    }
}
