package org.waymark.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.trust.TamperedRecordException;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.Outcome;
import org.waymark.v1.ScanResponse;

/**
 * Reads answers from a node, or one of several that serve the same, for those who verify them: asks again while a node is busy, turns
 * failures into exceptions, and leaves the event loop.
 */
final class RecordSource {

    /** The most versions of one record that are read. */
    private static final int HISTORY_VERSIONS = 100_000;

    /** Lends the client of the nodes for one request. */
    interface Nodes {

        <T> CompletableFuture<T> ask(Function<NodeClient, CompletableFuture<T>> request);

        /** A client that is always there. */
        static Nodes of(NodeClient client) {
            return new Nodes() {
                @Override
                public <T> CompletableFuture<T> ask(Function<NodeClient, CompletableFuture<T>> request) {
                    return request.apply(client);
                }
            };
        }
    }

    private final Nodes nodes;
    private final Executor executor;
    private final BackOff backOff;

    RecordSource(NodeClient nodes, Executor executor, BackOff backOff) {
        this(Nodes.of(nodes), executor, backOff);
    }

    RecordSource(Nodes nodes, Executor executor, BackOff backOff) {
        this.nodes = nodes;
        this.executor = executor;
        this.backOff = backOff;
    }

    /** Looks up, without the prefix records above. */
    CompletableFuture<RawAnswer> fetch(RecordKey key, ResolveOptions options, boolean authoritative) {
        return fetch(key, options, authoritative, false);
    }

    /**
     * Looks up; completes on the executor, never with BUSY or ERROR.
     *
     * @param withChain asks for the prefix records above to come along
     */
    CompletableFuture<RawAnswer> fetch(
            RecordKey key, ResolveOptions options, boolean authoritative, boolean withChain) {
        return whileBusy(() -> nodes.ask(
                        client -> client.resolve(key, authoritative, withChain, options.indexes(), options.types()))
                .thenApply(RecordSource::requireAnswer));
    }

    /** Looks many up; one future a key. */
    List<CompletableFuture<RawAnswer>> fetchAll(
            List<RecordKey> keys, ResolveOptions options, Predicate<RecordKey> withChain) {
        CompletableFuture<List<RawAnswer>> all = whileBusy(() ->
                nodes.ask(client -> client.resolveMany(keys, false, withChain, options.indexes(), options.types())));
        List<CompletableFuture<RawAnswer>> answers = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            int at = i;
            // An item for which the node was too busy is asked for again by itself, after a pause.
            answers.add(all.thenComposeAsync(
                    list -> list.get(at).outcome() == Outcome.BUSY
                            ? backOff.after(1)
                                    .thenCompose(
                                            paused -> fetch(keys.get(at), options, false, withChain.test(keys.get(at))))
                            : CompletableFuture.completedFuture(requireAnswer(list.get(at))),
                    executor));
        }
        return answers;
    }

    /** All versions from this one on. */
    CompletableFuture<List<HistoryEntry>> history(RecordKey key, long fromVersion) {
        return history(key, fromVersion, new ArrayList<>());
    }

    private CompletableFuture<List<HistoryEntry>> history(RecordKey key, long from, List<HistoryEntry> read) {
        return whileBusy(() -> nodes.ask(client -> client.history(key, from, 0)))
                .thenCompose(page -> {
                    read.addAll(page.getEntriesList());
                    if (page.getNextVersion() == 0) {
                        return CompletableFuture.completedFuture(read);
                    }
                    if (page.getNextVersion() <= from || read.size() > HISTORY_VERSIONS) {
                        throw new ProtocolViolationException("the node's history of " + key + " does not end");
                    }
                    return history(key, page.getNextVersion(), read);
                });
    }

    /** A page of a scan. */
    CompletableFuture<ScanResponse> scan(RecordKey prefix, ByteString cursor, ScanOptions options) {
        return whileBusy(() ->
                nodes.ask(client -> client.scan(prefix, cursor, options.pageVersions(), 0, options.withHistory())));
    }

    private <T> CompletableFuture<T> whileBusy(Supplier<CompletableFuture<T>> request) {
        return backOff.retrying(request, failure -> failure instanceof NodeBusyException)
                .whenCompleteAsync((answer, failure) -> {}, executor);
    }

    private static RawAnswer requireAnswer(RawAnswer answer) {
        if (answer.outcome() == Outcome.BUSY) {
            throw new NodeBusyException(detail(answer).getMessage());
        }
        if (answer.outcome() == Outcome.ERROR) {
            throw new NodeErrorException(detail(answer).getMessage());
        }
        return answer;
    }

    /** The detail of an answer that holds no record. */
    static AnswerDetail detail(RawAnswer answer) {
        try {
            return AnswerDetail.parseFrom(answer.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new ProtocolViolationException("the detail of an answer can't be read", e);
        }
    }

    /**
     * Reads a record.
     *
     * @throws TamperedRecordException if it is none
     */
    static IdentifierRecord record(RecordKey asked, ByteString payload) {
        try {
            return IdentifierRecord.parse(payload);
        } catch (InvalidRecordException | InvalidIdentifierException e) {
            throw new TamperedRecordException("the answer for " + asked + " is not a record: " + e.getMessage());
        }
    }

    /** What a future failed with. */
    static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
