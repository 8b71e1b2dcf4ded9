package org.waymark.node.endpoint.http;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.node.web.BodyException;
import org.waymark.node.web.ChunkSource;
import org.waymark.v1.RegisterResult;

/**
 * Records on their way in and their results on their way out: a few are read, registered and answered before the next few are read, and
 * only when the client takes results. So an upload may be of any length, and holds a batch at a time.
 */
final class Upload implements ChunkSource {

    private static final Logger log = LoggerFactory.getLogger(Upload.class);

    private static final int BATCH_RECORDS = 256;
    private static final int BATCH_BYTES = 512 * 1_024;

    private final ChunkSource body;
    private final RecordFramer framer;
    private final ResultFormat format;
    private final Authority authority;
    private final ConnectionMetrics metrics;
    private final Executor eventLoop;
    private final Executor workers;

    /** The next piece of the body, where it was asked for and had not come when a batch went off. */
    private CompletableFuture<Optional<byte[]>> coming;

    private long answered;
    private boolean begun;
    private boolean done;
    /** Why the body goes no further. */
    private Exception fault;

    private byte[] first;

    Upload(
            ChunkSource body,
            RecordFramer framer,
            ResultFormat format,
            Authority authority,
            ConnectionMetrics metrics,
            Executor eventLoop,
            Executor workers) {
        this.body = body;
        this.framer = framer;
        this.format = format;
        this.authority = authority;
        this.metrics = metrics;
        this.eventLoop = eventLoop;
        this.workers = workers;
    }

    /**
     * Registers the first batch; its results are the first piece. Fails where nothing was registered: with a {@link
     * RecordFramer.BrokenBodyException} or {@link BodyException} if there is not one whole record, with a {@link BusyException} or
     * {@link UnavailableException} if the registry takes none.
     */
    CompletableFuture<Void> begin() {
        return step().thenAccept(results -> first = results);
    }

    /** True where all is in the first piece. */
    boolean isDone() {
        return done;
    }

    /** The first piece. */
    byte[] first() {
        return first;
    }

    @Override
    public CompletableFuture<Optional<byte[]>> next() {
        if (first != null) {
            byte[] results = first;
            first = null;
            return CompletableFuture.completedFuture(Optional.of(results));
        }
        return done ? CompletableFuture.completedFuture(Optional.empty()) : step().thenApply(Optional::of);
    }

    @Override
    public void close() {
        body.close();
    }

    private CompletableFuture<byte[]> step() {
        long since = System.nanoTime();
        return onWorker(() -> gather(new ArrayList<>(), 0)).thenCompose(batch -> register(batch, since));
    }

    private <T> CompletableFuture<T> onWorker(java.util.function.Supplier<CompletableFuture<T>> work) {
        try {
            return CompletableFuture.supplyAsync(work, workers).thenCompose(result -> result);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new BusyException("too much waits for the node's workers"));
        }
    }

    /** Collects a batch: as much as there is, up to a limit, and at least one record unless there are no more. */
    private CompletableFuture<List<Offered>> gather(List<Offered> batch, int bytes) {
        int size = bytes;
        try {
            while (batch.size() < BATCH_RECORDS && size < BATCH_BYTES) {
                Optional<Offered> next = framer.next();
                if (next.isPresent()) {
                    batch.add(next.get());
                    size += next.get() instanceof Offered.Record record
                            ? record.encoded().size()
                            : 0;
                    continue;
                }
                if (framer.isEnded()) {
                    done = true;
                    break;
                }
                CompletableFuture<Optional<byte[]>> piece = coming == null ? body.next() : coming;
                coming = piece;
                if (!piece.isDone()) {
                    if (!batch.isEmpty()) {
                        break;
                    }
                    return piece.handle((chunk, failure) -> 0).thenCompose(arrived -> onWorker(() -> gather(batch, 0)));
                }
                coming = null;
                Optional<byte[]> chunk = piece.join();
                chunk.ifPresentOrElse(framer::add, framer::end);
            }
        } catch (RecordFramer.BrokenBodyException e) {
            fault = e;
        } catch (CompletionException e) {
            fault = e.getCause() instanceof BodyException broken ? broken : e;
        }
        if (fault != null) {
            done = true;
            if (!begun && batch.isEmpty()) {
                return CompletableFuture.failedFuture(fault);
            }
        }
        return CompletableFuture.completedFuture(batch);
    }

    private CompletableFuture<byte[]> register(List<Offered> batch, long since) {
        List<ByteString> records = new ArrayList<>();
        batch.forEach(offered -> {
            if (offered instanceof Offered.Record record) {
                records.add(record.encoded());
            }
        });
        CompletableFuture<List<RegisterResult>> registered =
                records.isEmpty() ? CompletableFuture.completedFuture(List.of()) : authority.register(records);
        return registered
                .exceptionally(failure -> {
                    if (!begun) {
                        throw new CompletionException(
                                failure instanceof CompletionException ? failure.getCause() : failure);
                    }
                    // What came before is answered already, so this goes record by record.
                    log.atDebug().setCause(failure).log("a batch of an upload was not taken");
                    return records.stream().map(record -> retry()).toList();
                })
                .thenApply(results -> write(batch, results, since));
    }

    private static RegisterResult retry() {
        return RegisterResult.newBuilder()
                .setCode(RegisterResult.Code.RETRY)
                .setMessage("the node could not take it now; send it again")
                .build();
    }

    private byte[] write(List<Offered> batch, List<RegisterResult> registered, long since) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(128 * (batch.size() + 1));
        if (!begun) {
            begun = true;
            out.writeBytes(format.begin());
        }
        List<RegisterResult> all = new ArrayList<>(batch.size() + 1);
        int taken = 0;
        for (Offered offered : batch) {
            all.add(offered instanceof Offered.Unreadable unreadable ? unreadable.result() : registered.get(taken++));
        }
        if (fault != null) {
            String message = fault.getMessage() + "; nothing of this record or after it was read";
            all.add(Offered.refusal("records[" + (answered + all.size()) + "]", message));
        }
        for (RegisterResult result : all) {
            format.write(answered++, result, out);
        }
        if (done) {
            out.writeBytes(format.end());
        }
        eventLoop.execute(() -> {
            all.forEach(result -> metrics.registered(result.getCode()));
            if (!all.isEmpty()) {
                metrics.registrationTook(System.nanoTime() - since, all.size());
            }
        });
        return out.toByteArray();
    }
}
