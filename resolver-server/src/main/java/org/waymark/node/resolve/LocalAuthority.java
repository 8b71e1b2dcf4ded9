package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.Limits;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RegistryBusyException;
import org.waymark.node.registry.RegistryException;
import org.waymark.node.registry.StoredRecord;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/** The registry of this process, worked by threads of its own, so that nobody who asks has to wait for the disk. */
public final class LocalAuthority implements Authority {

    private static final Logger LOG = LoggerFactory.getLogger(LocalAuthority.class);

    private static final int WAITING_READS = 16_384;
    private static final int READS_OF_TASK = 64;
    private static final String TOO_MANY = "too many requests wait for the registry";
    private static final int REGISTRATION_THREADS = 16;
    private static final int WAITING_REGISTRATIONS = 256;
    /** Apart from the look-ups, so that whoever reads everything holds up nobody who reads one thing. */
    private static final int SCAN_THREADS = 2;

    private static final int WAITING_SCANS = 256;
    /** Leaves room in a frame for the entries' own fields. */
    private static final int HISTORY_PAGE_BYTES = Limits.FRAME_BYTES - 2 * Limits.RECORD_BYTES;

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final Registry registry;
    private final AuthorityReader reader;
    private final Registrar registrar;
    private final ExecutorService reads;
    private final AtomicInteger waitingReads = new AtomicInteger();
    private final ExecutorService registrations;
    private final ExecutorService scans;

    /**
     * @param readThreads threads that read the registry, 1 or more
     */
    public LocalAuthority(Registry registry, AuthorityReader reader, Registrar registrar, int readThreads) {
        this.registry = registry;
        this.reader = reader;
        this.registrar = registrar;
        this.reads = pool("registry-read", readThreads, WAITING_READS);
        this.registrations = pool("registrar", REGISTRATION_THREADS, WAITING_REGISTRATIONS);
        this.scans = pool("registry-scan", SCAN_THREADS, WAITING_SCANS);
    }

    private static ExecutorService pool(String name, int threads, int waiting) {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory factory = task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(waiting), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        return Replies.toOne(reply -> readAll(List.of(key), reply));
    }

    /** One task a so many keys, so that a few threads share a long list, and nobody waits for the end of one. */
    @Override
    public void readAll(List<RecordKey> keys, Replies<StoredAnswer> replies) {
        for (int from = 0; from < keys.size(); from += READS_OF_TASK) {
            readSome(keys, from, Math.min(from + READS_OF_TASK, keys.size()), replies);
        }
    }

    private void readSome(List<RecordKey> keys, int from, int to, Replies<StoredAnswer> replies) {
        int count = to - from;
        try {
            if (waitingReads.addAndGet(count) > WAITING_READS) {
                throw new RejectedExecutionException("the queue is full");
            }
            reads.execute(() -> {
                waitingReads.addAndGet(-count);
                for (int place = from; place < to; place++) {
                    read(keys.get(place), place, replies);
                }
                replies.flush();
            });
        } catch (RejectedExecutionException e) {
            waitingReads.addAndGet(-count);
            for (int place = from; place < to; place++) {
                replies.failed(place, new BusyException(TOO_MANY));
            }
            replies.flush();
        }
    }

    private void read(RecordKey key, int place, Replies<StoredAnswer> replies) {
        StoredAnswer answer;
        try {
            answer = reader.read(key);
        } catch (Exception | Error e) {
            replies.failed(place, translate(e));
            return;
        }
        replies.answered(place, answer);
    }

    @Override
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return run(registrations, () -> registrar.register(records));
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return run(reads, () -> {
            List<StoredRecord> versions = registry.history(key, fromVersion, limit, HISTORY_PAGE_BYTES);
            HistoryResponse.Builder page = HistoryResponse.newBuilder();
            for (StoredRecord version : versions) {
                IdentifierRecord record = IdentifierRecord.parse(version.record());
                page.addEntries(HistoryEntry.newBuilder()
                        .setSequence(version.sequence())
                        .setCommittedAt(version.committedAt())
                        .setRecord(record.publicView(hashOf(version)).encoded()));
            }
            if (!versions.isEmpty()) {
                long last = versions.get(versions.size() - 1).version();
                long current = registry.read(key).map(StoredRecord::version).orElse(last);
                page.setNextVersion(last < current ? last + 1 : 0);
            }
            return page.build();
        });
    }

    /** A stored digest names the hash of its version's signer. */
    private static HashFunction hashOf(StoredRecord version) {
        return new RecordDigest(version.digest()).hash();
    }

    @Override
    public CompletableFuture<ScanResponse> scan(ScanQuery query) {
        return run(scans, () -> new RegistryScan(registry, query).read());
    }

    @Override
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
        return run(registrations, () -> registrar.lifeCycle(request, source));
    }

    @Override
    public CompletableFuture<Long> sequence() {
        return CompletableFuture.completedFuture(registry.lastSequence());
    }

    private static <T> CompletableFuture<T> run(ExecutorService pool, Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            pool.execute(() -> {
                try {
                    result.complete(work.call());
                } catch (Exception | Error e) {
                    result.completeExceptionally(translate(e));
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new BusyException(TOO_MANY));
        }
        return result;
    }

    private static Throwable translate(Throwable fault) {
        if (fault instanceof RegistryBusyException) {
            return new BusyException(fault.getMessage());
        }
        if (fault instanceof InvalidCursorException) {
            return fault;
        }
        if (fault instanceof RegistryException) {
            // The registry has said so itself, once.
            LOG.atDebug().setCause(fault).log("the registry failed");
            return new UnavailableException("the registry is not available", fault);
        }
        if (fault instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new UnavailableException("the node is stopping", fault);
        }
        LOG.atError().setCause(fault).log("reading or writing the registry failed");
        return fault;
    }

    /** Finishes what was begun. The registry stays open: whoever opened it closes it. */
    @Override
    public void close() {
        reads.shutdown();
        scans.shutdown();
        registrations.shutdown();
        try {
            if (!registrations.awaitTermination(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                registrations.shutdownNow();
            }
            if (!reads.awaitTermination(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                reads.shutdownNow();
            }
            if (!scans.awaitTermination(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                scans.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
