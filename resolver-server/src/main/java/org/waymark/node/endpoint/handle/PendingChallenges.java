package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.endpoint.SourceNetwork;
import org.waymark.node.endpoint.handle.HandleRequest.Task;
import org.waymark.record.HashFunction;
import org.waymark.record.RecordKey;

/**
 * Requests of administrators that wait for proof of who they are. A challenge is good for one answer, from the address that it was sent
 * to, for so many seconds; clients open another connection for the answer, so that no connection binds it. How many there are, in all and
 * of one source, is bounded; the oldest gives way. Safe for use by many threads.
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

    /**
     * A challenge that was taken.
     *
     * @param pending null where the same answer took it before
     * @param result what becomes of it
     */
    record Taken(Pending pending, CompletableFuture<Administration.Result> result) {}

    /** By what the same answer is known once more, as of a client that lost its connection. */
    private record Answered(
            InetAddress source, ByteString digest, long since, CompletableFuture<Administration.Result> result) {}

    private final Map<Integer, Pending> waiting = new LinkedHashMap<>();
    private final Map<Integer, Answered> answered = new LinkedHashMap<>();
    /** Of those that wait, and of those that are carried out just now. */
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
        SourceNetwork network = SourceNetwork.of(source);
        List<Pending> ofOne = waiting.values().stream()
                .filter(other -> SourceNetwork.of(other.source()).equals(network))
                .toList();
        if (ofOne.size() >= MOST_OF_ONE) {
            remove(ofOne.get(0));
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
        while (waiting.size() > MOST || bytes > MOST_BYTES && !waiting.isEmpty()) {
            remove(waiting.values().iterator().next());
        }
        return pending;
    }

    private synchronized void release(long carriedOut) {
        bytes -= carriedOut;
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
        answered.values().removeIf(other -> nowNanos - other.since() > LIFE_NANOS);
    }

    /**
     * Takes the challenge that an answer is to, so that no other answer finds it; the same answer again finds what became of the
     * first.
     *
     * @return null where no challenge waits for it
     */
    synchronized Taken take(int sessionId, InetAddress source, Task.ChallengeAnswer answer, long nowNanos) {
        dropOld(nowNanos);
        Pending pending = waiting.get(sessionId);
        if (pending != null && pending.source().equals(source)) {
            waiting.remove(sessionId);
            CompletableFuture<Administration.Result> result = new CompletableFuture<>();
            result.whenComplete((done, fault) -> release(pending.bytes()));
            keep(sessionId, new Answered(source, digest(answer), pending.since(), result));
            return new Taken(pending, result);
        }
        Answered before = answered.get(sessionId);
        boolean isSame = before != null
                && before.source().equals(source)
                && before.digest().equals(digest(answer));
        return isSame ? new Taken(null, before.result()) : null;
    }

    private void keep(int sessionId, Answered taken) {
        SourceNetwork network = SourceNetwork.of(taken.source());
        List<Integer> ofOne = answered.entrySet().stream()
                .filter(other -> SourceNetwork.of(other.getValue().source()).equals(network))
                .map(Map.Entry::getKey)
                .toList();
        if (ofOne.size() >= MOST_OF_ONE) {
            answered.remove(ofOne.get(0));
        } else if (answered.size() >= MOST) {
            answered.remove(answered.keySet().iterator().next());
        }
        answered.put(sessionId, taken);
    }

    private static ByteString digest(Task.ChallengeAnswer answer) {
        byte[] type = answer.type().getBytes(StandardCharsets.UTF_8);
        byte[] lengths = ByteBuffer.allocate(3 * Integer.BYTES)
                .putInt(type.length)
                .putInt(answer.keyHandle().length)
                .putInt(answer.keyIndex())
                .array();
        return ByteString.copyFrom(HashFunction.SHA_256.digest(lengths, type, answer.keyHandle(), answer.proof()));
    }

    /** How many wait. */
    synchronized int size() {
        return waiting.size();
    }
}
