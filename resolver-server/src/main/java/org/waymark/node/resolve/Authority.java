package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/**
 * What has the last word on the prefixes that this node serves: the registry of this process, or that of another node. Safe for
 * use by many threads; never blocks.
 *
 * <p>The futures complete exceptionally with {@link UnavailableException} where the registry is away and with
 * {@link BusyException} where it has too much to do.
 */
public interface Authority extends AutoCloseable {

    /** Reads the registry. Whatever the key says, there is an answer: bad identifiers give INVALID_IDENTIFIER. */
    CompletableFuture<StoredAnswer> read(RecordKey key);

    /**
     * Reads the registry for each of these keys, as {@link #read} does. Does not throw.
     *
     * @param keys not changed afterwards
     */
    default void readAll(List<RecordKey> keys, Replies<StoredAnswer> replies) {
        for (int place = 0; place < keys.size(); place++) {
            replies.follow(place, read(keys.get(place)));
        }
    }

    /** Admits or refuses each record; one result a record, in order. Completes when what it admitted is durable. */
    CompletableFuture<List<RegisterResult>> register(List<ByteString> records);

    /**
     * Versions in ascending order.
     *
     * @param fromVersion the first one wanted, 1 or more
     * @param limit at most so many, 1 or more; a page may be shorter
     */
    CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit);

    /**
     * A page of what the registry holds of a prefix and under it, as {@code ScanRequest} specifies.
     *
     * @throws InvalidCursorException in the future, if the cursor is none of a scan's
     */
    CompletableFuture<ScanResponse> scan(ScanQuery query);

    /**
     * Carries out a request about the life cycle of a prefix, as lifecycle.proto specifies. Completes when what is to be kept is durable.
     *
     * @param source the network that it came from, for limits
     */
    CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source);

    /** A part of the log of the registry, as {@code LogRequest} specifies. */
    default CompletableFuture<LogResponse> log(LogRequest request) {
        return CompletableFuture.completedFuture(
                LogResponse.newBuilder().setMessage("this node serves no log").build());
    }

    /** The registry's last sequence number. */
    CompletableFuture<Long> sequence();

    @Override
    void close();
}
