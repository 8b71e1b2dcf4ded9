package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Signs answers with the node's key, on threads of its own: a signature takes about a millisecond. Safe for use by many threads.
 */
final class Certifier implements AutoCloseable {

    private static final int THREADS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    private static final int WAITING = 1_024;
    private static final int FLAGS_AND_VERSION_BYTES = 4;
    /** From this version on a signature covers the envelope's names of the message too. */
    private static final int COVERS_ENVELOPE_SINCE = 2 << 8 | 8;

    private static final int NO_SESSION_COUNTER = 0;
    private static final byte[] TYPE = "HS_SIGNED".getBytes(StandardCharsets.US_ASCII);

    private final CertificationKey key;
    private final ThreadPoolExecutor threads;

    Certifier(CertificationKey key) {
        this.key = key;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                    Thread thread = new Thread(task, "handle-certifier-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Puts a signed credential in place of the message's empty one. The buffer becomes the result's; where there is none, since too
     * many wait, it is released.
     */
    CompletableFuture<ByteBuf> certify(ByteBuf message) {
        CompletableFuture<ByteBuf> result = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    sign(message);
                    result.complete(message);
                } catch (RuntimeException e) {
                    message.release();
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            message.release();
            result.completeExceptionally(e);
        }
        return result;
    }

    private void sign(ByteBuf message) {
        message.setInt(
                message.readerIndex() + MessageWriter.FLAGS_AT,
                message.getInt(message.readerIndex() + MessageWriter.FLAGS_AT) | OpFlags.CERTIFY);
        int start = message.readerIndex();
        int end = message.writerIndex() - MessageWriter.CREDENTIAL_BYTES;
        byte[] signature = key.sign(signedBytes(message, start, end));
        message.writerIndex(end);
        message.writeInt(0);
        int credential = message.writerIndex();
        // Version, a reserved byte, and options.
        message.writeInt(0);
        message.writeInt(0);
        message.writeInt(NO_SESSION_COUNTER);
        MessageWriter.bytes(message, TYPE);
        message.writeInt(2 * Integer.BYTES + key.hashName().length + signature.length);
        MessageWriter.bytes(message, key.hashName());
        MessageWriter.bytes(message, signature);
        message.setInt(end, message.writerIndex() - credential);
        message.setInt(start + Envelope.LENGTH_AT, message.writerIndex() - start - Envelope.BYTES);
    }

    private static byte[] signedBytes(ByteBuf message, int start, int end) {
        boolean coversEnvelope = message.getUnsignedShort(start) >= COVERS_ENVELOPE_SINCE;
        int envelope = coversEnvelope ? FLAGS_AND_VERSION_BYTES + 3 * Integer.BYTES : 0;
        byte[] bytes = new byte[envelope + end - start - Envelope.BYTES];
        if (coversEnvelope) {
            // Versions, session, request; the session's counter is 0.
            message.getBytes(start, bytes, 0, FLAGS_AND_VERSION_BYTES + 2 * Integer.BYTES);
        }
        message.getBytes(start + Envelope.BYTES, bytes, envelope, end - start - Envelope.BYTES);
        return bytes;
    }

    @Override
    public void close() {
        threads.shutdownNow().forEach(Runnable::run);
    }
}
