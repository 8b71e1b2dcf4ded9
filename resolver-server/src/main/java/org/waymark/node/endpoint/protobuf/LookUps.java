package org.waymark.node.endpoint.protobuf;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Replies;

/**
 * Look-ups of one connection that are put to the resolver together. Replies come on any thread; they are taken on the event loop,
 * all that are there at a time.
 */
final class LookUps implements Replies<Answer> {

    /** So many answers may come at once, whether the client takes them or not; and below, one waits for all. */
    static final int MOST = 128;

    private static final Object TAKEN = new Object();

    private final Consumer<LookUps> wake;
    private final List<Query> queries = new ArrayList<>();
    private final List<Asker> askers = new ArrayList<>();
    /** By place: the answer or the fault; null before it is told, {@link #TAKEN} after it was taken. */
    private AtomicReferenceArray<Object> told;
    /** True while somebody is about to take; at first that is whoever asks. */
    private final AtomicBoolean isTakingDue = new AtomicBoolean(true);

    private int firstOpen;

    /**
     * @param wake called on any thread when there is something to take
     */
    LookUps(Consumer<LookUps> wake) {
        this.wake = wake;
    }

    /**
     * Who wants one of the answers.
     *
     * @param item place in the resolve-many, or 0
     * @param many null for a look-up of its own
     * @param since when the request was read, by {@link System#nanoTime()}
     */
    record Asker(int requestId, int item, ResolveMany many, long since) {}

    /** Takes what becomes of a look-up: an answer, or null and a fault. */
    interface Taker {
        void take(Query query, Asker asker, Answer answer, Throwable fault);
    }

    void add(Query query, Asker asker) {
        queries.add(query);
        askers.add(asker);
    }

    boolean isFull() {
        return queries.size() >= MOST;
    }

    /** Nothing may be added after this. */
    List<Query> complete() {
        told = new AtomicReferenceArray<>(queries.size());
        return queries;
    }

    @Override
    public void answered(int place, Answer answer) {
        told.setRelease(place, answer == null ? new IllegalStateException("there was no answer") : answer);
    }

    @Override
    public void failed(int place, Throwable fault) {
        told.setRelease(place, fault);
    }

    @Override
    public void flush() {
        // Either the taker sees what was told, or this sees that it has begun.
        VarHandle.fullFence();
        if (!isTakingDue.get() && isTakingDue.compareAndSet(false, true)) {
            wake.accept(this);
        }
    }

    /** Hands over what was told since the last time. On the event loop only. */
    void take(Taker taker) {
        isTakingDue.set(false);
        for (int place = firstOpen; place < queries.size(); place++) {
            Object reply = told.getAcquire(place);
            if (reply != null && place == firstOpen) {
                firstOpen++;
            }
            if (reply != null && reply != TAKEN) {
                told.setPlain(place, TAKEN);
                boolean isAnswer = reply instanceof Answer;
                taker.take(
                        queries.get(place),
                        askers.get(place),
                        isAnswer ? (Answer) reply : null,
                        isAnswer ? null : (Throwable) reply);
            }
        }
    }
}
