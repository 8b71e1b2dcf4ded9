package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.waymark.client.NodeBusyException;
import org.waymark.client.NodeClient;
import org.waymark.client.RawAnswer;
import org.waymark.client.RequestRefusedException;
import org.waymark.client.WaymarkException;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.PrefixTable;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ScanResponse;

/** The registry of another node, reached over our own protocol: look-ups that pass its caches, and registrations. */
public final class RemoteAuthority implements Authority {

    private final NodeClient node;
    private final Clock clock;
    private final AtomicLong lastSequence = new AtomicLong();

    public RemoteAuthority(NodeClient node, Clock clock) {
        this.node = node;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<StoredAnswer> read(RecordKey key) {
        return translate(() -> node.resolve(key, true, Set.of(), List.of()), answer -> {
            if (answer.outcome() == Outcome.BUSY) {
                throw new BusyException("the node that holds the registry is busy");
            }
            if (answer.outcome() == Outcome.ERROR || answer.sequence() == RawAnswer.NO_SEQUENCE) {
                throw new UnavailableException("the node that holds the registry could not read it", null);
            }
            lastSequence.accumulateAndGet(answer.sequence(), Math::max);
            RecordKey owner = ownerOf(key, answer);
            boolean isCacheable = owner != null && answer.lifeMillis() > 0;
            return new StoredAnswer(
                    answer.outcome(),
                    answer.payload().toByteArray(),
                    answer.sequence(),
                    isCacheable ? clock.millis() + answer.lifeMillis() : 0,
                    owner);
        });
    }

    /** The prefix that an answer hangs on; null where it hangs on none, so that it is not kept. */
    private static RecordKey ownerOf(RecordKey key, RawAnswer answer) {
        try {
            return switch (answer.outcome()) {
                case RECORD, RECORD_REVOKED, REFERRAL -> {
                    IdentifierRecord record = IdentifierRecord.parse(answer.payload());
                    yield record.kind() == RecordKind.PREFIX ? record.key() : prefixKey(key, record.ownerText());
                }
                case NOT_FOUND ->
                    prefixKey(key, AnswerDetail.parseFrom(answer.payload()).getOwner());
                default -> null;
            };
        } catch (InvalidRecordException | InvalidIdentifierException | InvalidProtocolBufferException e) {
            throw new UnavailableException("the node that holds the registry gave an answer that can't be read", e);
        }
    }

    private static RecordKey prefixKey(RecordKey key, String prefix) {
        return RecordKey.of(
                RecordKind.PREFIX, key.scheme(), Prefix.of(key.scheme(), prefix).canonical());
    }

    @Override
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        return translate(() -> node.register(records), results -> {
            results.forEach(result -> lastSequence.accumulateAndGet(result.getSequence(), Math::max));
            return results;
        });
    }

    @Override
    public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
        return translate(() -> node.history(key, fromVersion, limit), Function.identity());
    }

    @Override
    public CompletableFuture<ScanResponse> scan(ScanQuery query) {
        return translate(
                () -> node.scan(
                                PrefixTable.keyOf(query.prefix()),
                                query.cursor(),
                                query.limit(),
                                query.maxBytes(),
                                query.withHistory())
                        .exceptionallyCompose(RemoteAuthority::refusedCursor),
                Function.identity());
    }

    /** The cursor is the one part of a scan that only the node with the registry reads. */
    private static CompletableFuture<ScanResponse> refusedCursor(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return CompletableFuture.failedFuture(
                cause instanceof RequestRefusedException ? new InvalidCursorException(cause.getMessage()) : cause);
    }

    /** For the other node, all that comes through this one comes from one address. */
    @Override
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
        return translate(() -> node.lifeCycle(request), response -> {
            lastSequence.accumulateAndGet(response.getSequence(), Math::max);
            return response;
        });
    }

    @Override
    public CompletableFuture<LogResponse> log(LogRequest request) {
        return translate(() -> node.log(request), Function.identity());
    }

    /** As far as this node has heard. */
    @Override
    public CompletableFuture<Long> sequence() {
        return CompletableFuture.completedFuture(lastSequence.get());
    }

    private interface Request<T> {
        CompletableFuture<T> send();
    }

    private static <T, R> CompletableFuture<R> translate(Request<T> request, Function<T, R> reading) {
        CompletableFuture<T> sent;
        try {
            sent = request.send();
        } catch (IllegalArgumentException | WaymarkException e) {
            sent = CompletableFuture.failedFuture(e);
        }
        return sent.handle((answer, failure) -> {
            if (failure == null) {
                return reading.apply(answer);
            }
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause instanceof NodeBusyException) {
                throw new BusyException("the node that holds the registry is busy");
            }
            if (cause instanceof InvalidCursorException refused) {
                throw refused;
            }
            throw new UnavailableException("the node that holds the registry is away: " + cause.getMessage(), cause);
        });
    }

    @Override
    public void close() {
        node.close();
    }
}
