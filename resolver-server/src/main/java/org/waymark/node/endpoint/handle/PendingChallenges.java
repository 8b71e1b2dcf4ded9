package org.waymark.node.endpoint.handle;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.endpoint.handle.HandleRequest.Task;
import org.waymark.record.RecordKey;

/**
 * Requests of administrators that wait for proof of who they are. A challenge is good for one answer, from the address that it was sent
 * to, for so many seconds; clients open another connection for the answer, so that no connection binds it. How many there are, in all and
 * of one address, is bounded; the oldest gives way. Safe for use by many threads.
 */
final class PendingChallenges {

    static final int MOST = 1_024;
    static final int MOST_OF_ONE = 32;
    static final long LIFE_NANOS = 30_000_000_000L;

    private static final long MOST_BYTES = 16L * 1_024 * 1_024;
    private static final int NONCE_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * A request that waits.
     *
     * @param sessionId names it
     * @param owner key of the prefix record that has the administrator's key
     * @param nonce nobody changes it
     */
    record Pending(
            int sessionId,
            InetAddress source,
            HandleRequest request,
            Task.Change change,
            RecordKey item,
            RecordKey owner,
            byte[] nonce,
            long since) {

        private long bytes() {
            return request.handle().length + change.edit().bytes();
        }
    }

    /** An answer, and what became of it. */
    record Answered(Pending pending, Task.ChallengeAnswer answer, CompletableFuture<Administration.Result> result) {

        /** True where this is the same answer once more, as of a client that lost its connection. */
        boolean isSame(Task.ChallengeAnswer other) {
            return answer.type().equals(other.type())
                    && answer.keyIndex() == other.keyIndex()
                    && Arrays.equals(answer.keyHandle(), other.keyHandle())
                    && Arrays.equals(answer.proof(), other.proof());
        }
    }

    private final Map<Integer, Pending> waiting = new LinkedHashMap<>();
    private final Map<Integer, Answered> answered = new LinkedHashMap<>();
    private long bytes;

    /** Keeps a request, and makes the challenge for it. */
    synchronized Pending add(
            InetAddress source,
            HandleRequest request,
            Task.Change change,
            RecordKey item,
            RecordKey owner,
            long nowNanos) {
        dropOld(nowNanos);
        int ofOne = 0;
        Pending oldestOfOne = null;
        for (Pending other : waiting.values()) {
            if (other.source().equals(source)) {
                ofOne++;
                oldestOfOne = oldestOfOne == null ? other : oldestOfOne;
            }
        }
        if (ofOne >= MOST_OF_ONE) {
            remove(oldestOfOne);
        }
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        int id;
        do {
            id = RANDOM.nextInt(Integer.MAX_VALUE - 1) + 1;
        } while (waiting.containsKey(id) || answered.containsKey(id));
        Pending pending = new Pending(id, source, request, change, item, owner, nonce, nowNanos);
        waiting.put(id, pending);
        bytes += pending.bytes();
        while (waiting.size() > MOST || bytes > MOST_BYTES) {
            remove(waiting.values().iterator().next());
        }
        return pending;
    }

    private void remove(Pending pending) {
        waiting.remove(pending.sessionId());
        bytes -= pending.bytes();
    }

    private void dropOld(long nowNanos) {
        while (!waiting.isEmpty()) {
            Pending oldest = waiting.values().iterator().next();
            if (nowNanos - oldest.since() <= LIFE_NANOS) {
                break;
            }
            remove(oldest);
        }
        Iterator<Answered> oldest = answered.values().iterator();
        while (oldest.hasNext()) {
            Answered next = oldest.next();
            boolean isOld = nowNanos - next.pending().since() > LIFE_NANOS || answered.size() > MOST;
            if (!isOld || !next.result().isDone()) {
                break;
            }
            oldest.remove();
        }
    }

    /**
     * Takes the challenge that an answer is to, so that no other answer finds it; the same answer again finds what became of the
     * first.
     *
     * @return null where no challenge waits for it
     */
    synchronized Answered take(int sessionId, InetAddress source, Task.ChallengeAnswer answer, long nowNanos) {
        dropOld(nowNanos);
        Pending pending = waiting.get(sessionId);
        if (pending != null && pending.source().equals(source)) {
            remove(pending);
            Answered taken = new Answered(pending, answer, new CompletableFuture<>());
            answered.put(sessionId, taken);
            return taken;
        }
        Answered before = answered.get(sessionId);
        return before != null && before.pending().source().equals(source) && before.isSame(answer) ? before : null;
    }

    /** How many wait. */
    synchronized int size() {
        return waiting.size();
    }
}
