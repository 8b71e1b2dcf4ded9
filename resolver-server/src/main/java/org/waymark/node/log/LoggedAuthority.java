package org.waymark.node.log;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.waymark.Limits;
import org.waymark.log.Checkpoint;
import org.waymark.log.EntryBundle;
import org.waymark.log.LogFormatException;
import org.waymark.log.LogProof;
import org.waymark.log.SignedNote;
import org.waymark.log.Tile;
import org.waymark.log.TiledTree;
import org.waymark.node.registry.RegistryDamagedException;
import org.waymark.node.registry.RegistryException;
import org.waymark.node.registry.RegistryLog;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Replies;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/** An authority, and the log of its registry, which is read by threads of its own. */
public final class LoggedAuthority implements Authority {

    private static final int THREADS = 2;
    private static final int WAITING = 1_024;
    private static final int IDLE_SECONDS = 30;

    private static final String NOT_SIGNED = "the log is not signed yet";
    private static final String NOT_COVERED = "the newest checkpoint does not cover it";

    private final Authority authority;
    private final RegistryLog log;
    private final Checkpoints checkpoints;
    private final ExecutorService readers;

    public LoggedAuthority(Authority authority, RegistryLog log, Checkpoints checkpoints) {
        this.authority = authority;
        this.log = log;
        this.checkpoints = checkpoints;
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                    Thread thread = new Thread(task, "log-read");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        readers = pool;
    }

    @Override
    public CompletableFuture<LogResponse> log(LogRequest request) {
        CompletableFuture<LogResponse> result = new CompletableFuture<>();
        try {
            readers.execute(new Reading(request, result));
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new BusyException("too many parts of the log are asked for"));
        }
        return result;
    }

    /** A request that waits for a thread. */
    private final class Reading implements Runnable {

        private final LogRequest request;
        private final CompletableFuture<LogResponse> result;

        Reading(LogRequest request, CompletableFuture<LogResponse> result) {
            this.request = request;
            this.result = result;
        }

        @Override
        public void run() {
            try {
                result.complete(part(request));
            } catch (RegistryException e) {
                result.completeExceptionally(new UnavailableException("the log can't be read", e));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        }

        void drop() {
            result.completeExceptionally(new UnavailableException("the node goes away", null));
        }
    }

    private LogResponse part(LogRequest request) {
        if (!request.getCosignatures().isEmpty()) {
            String fault = request.getCosignatures().size() > Limits.COSIGNATURES_BYTES
                    ? "at most " + Limits.COSIGNATURES_BYTES + " bytes of cosignatures are taken at once"
                    : checkpoints.cosign(request.getCosignatures().toStringUtf8());
            return missing(fault);
        }
        String path = request.getPath();
        if (path.length() > Limits.LOG_PATH_BYTES) {
            return missing("a part of the log has a path of at most " + Limits.LOG_PATH_BYTES + " bytes");
        }
        try {
            return part(path);
        } catch (LogFormatException | RegistryDamagedException e) {
            return missing(e.getMessage());
        }
    }

    private LogResponse part(String path) {
        if (path.equals("checkpoint/cosigned")) {
            return note(checkpoints.cosigned(), "no witness has cosigned a checkpoint yet");
        }
        Optional<SignedNote> newest = checkpoints.newest();
        if (newest.isEmpty() || path.equals("checkpoint")) {
            return note(newest, NOT_SIGNED);
        }
        if (path.startsWith("proof/")) {
            return proof(path.substring("proof/".length()), newest.get());
        }
        Tile tile = Tile.parse(path);
        if (tile.leaves() > Checkpoint.of(newest.get()).head().size()) {
            return missing(NOT_COVERED);
        }
        if (tile.level() == Tile.ENTRIES) {
            return content(EntryBundle.encode(log.entries(tile.first(), tile.width())));
        }
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        for (byte[] hash : log.hashes(tile.level(), tile.first(), tile.width())) {
            hashes.writeBytes(hash);
        }
        return content(hashes.toByteArray());
    }

    private LogResponse proof(String number, SignedNote newest) {
        if (!number.matches("0|[1-9][0-9]{0,16}")) {
            throw new LogFormatException("a proof's path is proof/LEAF, with the place of the leaf, from 0");
        }
        long leaf = Long.parseLong(number);
        long size = Checkpoint.of(newest).head().size();
        return leaf >= size
                ? missing(NOT_COVERED)
                : content(new LogProof(leaf, new TiledTree(log, size).inclusion(leaf), newest).encoded());
    }

    private static LogResponse note(Optional<SignedNote> note, String otherwise) {
        return note.map(there -> content(there.encoded())).orElseGet(() -> missing(otherwise));
    }

    private static LogResponse content(byte[] bytes) {
        return LogResponse.newBuilder()
                .setContent(UnsafeByteOperations.unsafeWrap(bytes))
                .build();
    }

    private static LogResponse missing(String why) {
        return LogResponse.newBuilder().setMessage(why).build();
    }

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        return authority.read(key);
    }

    @Override
    public void readAll(List<RecordKey> keys, Replies<StoredAnswer> replies) {
        authority.readAll(keys, replies);
    }

    @Override
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return authority.register(records);
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return authority.history(key, fromVersion, limit);
    }

    @Override
    public CompletableFuture<ScanResponse> scan(ScanQuery query) {
        return authority.scan(query);
    }

    @Override
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
        return authority.lifeCycle(request, source);
    }

    @Override
    public CompletableFuture<Long> sequence() {
        return authority.sequence();
    }

    /** Ends the threads that read the log; what waits for them fails. What is behind stays open. */
    public void stopReading() {
        readers.shutdownNow().forEach(waiting -> ((Reading) waiting).drop());
    }

    @Override
    public void close() {
        stopReading();
        authority.close();
    }
}
