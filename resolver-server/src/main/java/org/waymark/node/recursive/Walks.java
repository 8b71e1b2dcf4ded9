package org.waymark.node.recursive;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.waymark.client.NodeBusyException;
import org.waymark.client.VerifiedAnswer;
import org.waymark.client.WaymarkException;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BranchAwayException;
import org.waymark.node.resolve.BusyException;
import org.waymark.record.RecordKey;
import org.waymark.trust.VerificationException;
import org.waymark.wire.AnswerSource;

/**
 * Look-ups under way at other nodes, one a key: whoever asks for the same meanwhile waits for the same answer. One that failed is not
 * begun again before a while is over. Safe for use by many threads; never blocks.
 */
final class Walks {

    private static final int REMEMBERED_FAILURES = 10_000;

    private final Upstream upstream;
    private final KeptAnswers kept;
    private final int most;
    private final RecursionMetrics metrics;
    private final Map<Walk, CompletableFuture<Answer>> underWay = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private final Cache<RecordKey, BranchAwayException> failures;

    private record Walk(RecordKey key, boolean authoritative) {}

    /**
     * @param most how many may be under way at a time
     * @param backOff how long a key that failed is left alone
     */
    Walks(Upstream upstream, KeptAnswers kept, int most, Duration backOff, RecursionMetrics metrics, Clock clock) {
        this.upstream = upstream;
        this.kept = kept;
        this.most = most;
        this.metrics = metrics;
        this.failures = Caffeine.newBuilder()
                .maximumSize(REMEMBERED_FAILURES)
                .expireAfterWrite(backOff)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .executor(Runnable::run)
                .build();
    }

    /**
     * Looks a key up at other nodes, and keeps the answer. Completes exceptionally with {@link BranchAwayException} where there is
     * none, with {@link BusyException} where there is too much to do.
     *
     * @param mark in which state of this node's prefixes the key is not served here
     */
    CompletableFuture<Answer> begin(RecordKey key, boolean authoritative, long mark) {
        BranchAwayException failed = failures.getIfPresent(key);
        if (failed != null) {
            return CompletableFuture.failedFuture(failed);
        }
        Walk walk = new Walk(key, authoritative);
        CompletableFuture<Answer> result = new CompletableFuture<>();
        CompletableFuture<Answer> joined = underWay.putIfAbsent(walk, result);
        if (joined != null) {
            return joined;
        }
        if (count.incrementAndGet() > most) {
            end(walk, result, null, new BusyException("too many look-ups at other nodes are under way"));
            return result;
        }
        CompletableFuture<VerifiedAnswer> asked = ask(walk);
        // What failed at once has cost no other node anything.
        boolean wasAtOnce = asked.isDone();
        asked.whenComplete((verified, failure) -> {
            if (failure == null) {
                settle(walk, result, verified, mark);
                return;
            }
            RuntimeException told = told(failure);
            if (!wasAtOnce && told instanceof BranchAwayException away) {
                failures.put(key, away);
            }
            end(walk, result, null, told);
        });
        return result;
    }

    private CompletableFuture<VerifiedAnswer> ask(Walk walk) {
        metrics.walkBegan();
        try {
            return upstream.fetch(walk.key(), walk.authoritative());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void settle(Walk walk, CompletableFuture<Answer> result, VerifiedAnswer verified, long mark) {
        Answer answer;
        try {
            answer = new Answer(kept.keep(walk.key(), verified, mark), AnswerSource.OTHER_NODE, verified.stale());
        } catch (RuntimeException e) {
            end(walk, result, null, e);
            return;
        }
        end(walk, result, answer, null);
    }

    /** The next who asks begins anew, or finds what is kept. */
    private void end(Walk walk, CompletableFuture<Answer> result, Answer answer, RuntimeException failure) {
        underWay.remove(walk, result);
        count.decrementAndGet();
        if (failure == null) {
            result.complete(answer);
        } else {
            result.completeExceptionally(failure);
        }
    }

    private static RuntimeException told(Throwable failed) {
        Throwable failure =
                failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
        if (failure instanceof NodeBusyException) {
            return new BusyException("a node that was asked is busy: " + failure.getMessage());
        }
        if (failure instanceof WaymarkException) {
            return new BranchAwayException(failure.getMessage(), failure);
        }
        if (failure instanceof VerificationException) {
            return new BranchAwayException(
                    "the answer of another node does not verify: " + failure.getMessage(), failure);
        }
        return new IllegalStateException("looking up at other nodes failed", failure);
    }

    int underWay() {
        return count.get();
    }
}
