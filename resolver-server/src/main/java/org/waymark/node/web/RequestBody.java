package org.waymark.node.web;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/** The body of a request on its way to a handler that streams it: filled on the event loop, taken by any one thread. */
final class RequestBody implements ChunkSource {

    private static final int ENOUGH_BYTES = 64 * 1_024;

    private final long maxBytes;
    /** Run on any thread when there is room again. */
    private final Runnable onRoom;

    private final Queue<byte[]> waiting = new ArrayDeque<>();
    private long received;
    private int waitingBytes;
    private CompletableFuture<Optional<byte[]>> asked;
    private boolean ended;
    private boolean closed;
    private BodyException fault;

    RequestBody(long maxBytes, Runnable onRoom) {
        this.maxBytes = maxBytes;
        this.onRoom = onRoom;
    }

    /** More came in. Returns false where it is over the limit, or nobody wants it: the rest of the body needs not be read. */
    boolean receive(byte[] chunk) {
        CompletableFuture<Optional<byte[]>> taker;
        synchronized (this) {
            if (closed || fault != null) {
                return false;
            }
            received += chunk.length;
            if (received <= maxBytes && asked == null) {
                waitingBytes += chunk.length;
                waiting.add(chunk);
                return true;
            }
            if (received <= maxBytes) {
                taker = asked;
                asked = null;
            } else {
                taker = null;
            }
        }
        if (taker == null) {
            fail(tooLong(maxBytes));
            return false;
        }
        taker.complete(Optional.of(chunk));
        return true;
    }

    private static BodyException tooLong(long maxBytes) {
        return new BodyException(413, "the body is longer than the " + maxBytes + " bytes that are allowed");
    }

    /** All came in. */
    void end() {
        CompletableFuture<Optional<byte[]>> taker;
        synchronized (this) {
            ended = true;
            taker = asked;
            asked = null;
        }
        if (taker != null) {
            taker.complete(Optional.empty());
        }
    }

    /** No more will come in, though the end was not reached. */
    void fail(BodyException why) {
        CompletableFuture<Optional<byte[]>> taker;
        synchronized (this) {
            if (ended || fault != null) {
                return;
            }
            fault = why;
            taker = asked;
            asked = null;
        }
        if (taker != null) {
            taker.completeExceptionally(why);
        }
    }

    /** True where more may come in. */
    synchronized boolean hasRoom() {
        return closed || waitingBytes < ENOUGH_BYTES;
    }

    @Override
    public CompletableFuture<Optional<byte[]>> next() {
        CompletableFuture<Optional<byte[]>> next;
        boolean room;
        synchronized (this) {
            boolean wasFull = waitingBytes >= ENOUGH_BYTES;
            byte[] chunk = waiting.poll();
            if (chunk != null) {
                waitingBytes -= chunk.length;
                next = CompletableFuture.completedFuture(Optional.of(chunk));
            } else if (fault != null) {
                next = CompletableFuture.failedFuture(fault);
            } else if (ended || closed) {
                next = CompletableFuture.completedFuture(Optional.empty());
            } else {
                next = new CompletableFuture<>();
                asked = next;
            }
            room = wasFull && waitingBytes < ENOUGH_BYTES;
        }
        if (room) {
            onRoom.run();
        }
        return next;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            waiting.clear();
            waitingBytes = 0;
        }
        onRoom.run();
    }
}
