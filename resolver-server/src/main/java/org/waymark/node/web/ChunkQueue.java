package org.waymark.node.web;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * A body whose pieces are put in from elsewhere, such as events: up to a number of bytes wait for a taker who is slow. Safe for use
 * by many threads; never blocks.
 */
public final class ChunkQueue implements ChunkSource {

    private final int maxBytes;
    private final boolean endless;
    private final Runnable onClose;
    private final Queue<byte[]> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private CompletableFuture<Optional<byte[]>> asked;
    private boolean ended;
    private boolean closed;

    /**
     * @param maxBytes that may wait
     * @param endless see {@link ChunkSource#isEndless()}
     * @param onClose run once when nobody takes any more; on an event loop, so it must not block
     */
    public ChunkQueue(int maxBytes, boolean endless, Runnable onClose) {
        this.maxBytes = maxBytes;
        this.endless = endless;
        this.onClose = onClose;
    }

    /**
     * Puts a piece in.
     *
     * @return false where it was not taken: too much waits already, or nobody listens any more
     */
    public boolean offer(byte[] chunk) {
        CompletableFuture<Optional<byte[]>> taker;
        synchronized (this) {
            if (closed || ended) {
                return false;
            }
            taker = asked;
            asked = null;
            if (taker == null) {
                if (waitingBytes + chunk.length > maxBytes) {
                    return false;
                }
                waitingBytes += chunk.length;
                waiting.add(chunk);
                return true;
            }
        }
        taker.complete(Optional.of(chunk));
        return true;
    }

    /** There are no more pieces; those that wait are still taken. */
    public void end() {
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

    @Override
    public synchronized CompletableFuture<Optional<byte[]>> next() {
        byte[] chunk = waiting.poll();
        if (chunk != null) {
            waitingBytes -= chunk.length;
            return CompletableFuture.completedFuture(Optional.of(chunk));
        }
        if (ended || closed) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        asked = new CompletableFuture<>();
        return asked;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            waiting.clear();
            waitingBytes = 0;
            asked = null;
        }
        onClose.run();
    }

    @Override
    public boolean isEndless() {
        return endless;
    }
}
