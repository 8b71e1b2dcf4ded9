package org.waymark.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.waymark.identifier.Prefix;

/**
 * Which prefixes have a node that gave no answer lately. Such a branch of the tree is not asked again before a pause is over, and then by one
 * request first: however many ask meanwhile, a node that is away costs one attempt a pause. Safe for use by many threads.
 */
final class Branches {

    private static final int KNOWN = 10_000;

    /** A node that answers, but only that it failed, is taken for away after so many of these in a row. */
    private static final int ERRORS = 3;

    private final long pauseNanos;
    private final Runnable onPause;
    /** The key null stands for the nodes that the client was built with. What is in it is guarded by this. */
    private final BoundedMap<Prefix, Branch> branches = new BoundedMap<>(KNOWN);

    private static final class Branch {

        private boolean hasAnswered;
        private long answeredAt;
        private int errors;
        private boolean isAway;
        private long pauseEnds;
    }

    /**
     * @param pause zero: nothing is held back
     * @param onPause told of each pause that begins; called by any thread, not to block
     */
    Branches(Duration pause, Runnable onPause) {
        this.pauseNanos = pause.toNanos();
        this.onPause = onPause;
    }

    /**
     * Lets a look-up begin. Where the pause of a branch is over, the one that is let through first is to find out.
     *
     * @param ladder the prefixes above what is looked up, the longest first
     * @throws ReferralException if the node that would have to be asked pauses
     * @throws NodeUnavailableException if that is one that the client was built with
     */
    synchronized void enter(List<Prefix> ladder, Routes routes) {
        if (pauseNanos == 0) {
            return;
        }
        for (Prefix rung : ladder) {
            requireNoPause(rung);
            if (routes.isKnown(rung)) {
                return;
            }
        }
        requireNoPause(null);
    }

    private void requireNoPause(Prefix prefix) {
        Branch branch = branches.get(prefix);
        if (branch == null || !branch.isAway) {
            return;
        }
        long now = System.nanoTime();
        long left = branch.pauseEnds - now;
        if (left <= 0) {
            // Whoever comes next waits for what this one finds.
            branch.pauseEnds = now + pauseNanos;
            return;
        }
        String again =
                " gave no answer lately; it is asked again in " + (TimeUnit.NANOSECONDS.toMillis(left) + 1) + " ms";
        throw prefix == null
                ? new NodeUnavailableException("the node that is asked first" + again)
                : new ReferralException(prefix, "the node of " + prefix + again, null);
    }

    /** The node of this prefix has answered. */
    synchronized void answered(Prefix prefix) {
        if (pauseNanos == 0) {
            return;
        }
        Branch branch = branch(prefix);
        branch.hasAnswered = true;
        branch.answeredAt = System.nanoTime();
        branch.errors = 0;
        branch.isAway = false;
    }

    /**
     * Something that was looked up from this time on failed.
     *
     * @param since by {@link System#nanoTime()}
     */
    void failed(Throwable failure, long since) {
        if (pauseNanos == 0) {
            return;
        }
        boolean isReferral = failure instanceof ReferralException;
        Throwable cause = isReferral ? failure.getCause() : failure;
        if (isOfTheNode(cause) && pauses(isReferral ? ((ReferralException) failure).prefix() : null, cause, since)) {
            onPause.run();
        }
    }

    private static boolean isOfTheNode(Throwable cause) {
        return cause instanceof NodeUnavailableException
                || cause instanceof RequestTimeoutException
                || cause instanceof NodeErrorException;
    }

    private synchronized boolean pauses(Prefix prefix, Throwable cause, long since) {
        Branch branch = branch(prefix);
        if (cause instanceof NodeErrorException) {
            branch.errors++;
            if (branch.errors < ERRORS) {
                return false;
            }
        } else if (branch.hasAnswered && branch.answeredAt - since > 0) {
            // It answers others: this is about what was looked up.
            return false;
        }
        boolean begins = !branch.isAway;
        branch.isAway = true;
        branch.pauseEnds = System.nanoTime() + pauseNanos;
        return begins;
    }

    private Branch branch(Prefix prefix) {
        Branch branch = branches.get(prefix);
        if (branch == null) {
            branch = new Branch();
            branches.put(prefix, branch);
        }
        return branch;
    }
}
