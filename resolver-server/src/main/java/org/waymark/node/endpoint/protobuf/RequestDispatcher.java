package org.waymark.node.endpoint.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.Limits;
import org.waymark.node.endpoint.SourceNetwork;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.BranchAwayException;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.InvalidCursorException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.Replies;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.Selection;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.record.RecordKey;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Failure;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LogRequest;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.Outcome;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/**
 * Reads the requests of one connection, puts them to the resolver and the authority, and puts what comes back into the outbox. To
 * be used on the connection's event loop only; what completes elsewhere comes back to it.
 */
final class RequestDispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(RequestDispatcher.class);

    private static final Set<FrameType> REQUESTS = EnumSet.of(
            FrameType.RESOLVE,
            FrameType.RESOLVE_MANY,
            FrameType.REGISTER,
            FrameType.HISTORY,
            FrameType.SCAN,
            FrameType.LIFE_CYCLE,
            FrameType.LOG,
            FrameType.INFO);

    /**
     * A page of history or of a scan, a part of the log, or a registration, may be a frame as large as this many records; a look-up that passes the caches costs a read
     * of the disk. Each counts as so many requests.
     */
    static final int LARGE_REQUEST = Limits.FRAME_BYTES / Limits.RECORD_BYTES;

    private static final int MAX_PAYLOAD_BYTES = Limits.FRAME_BYTES - FrameHeader.BYTES_AFTER_LENGTH;

    private static final String BUSY = "over a limit for now; try again after a while";
    private static final String UNAVAILABLE = "the registry is away for now; try again after a while";
    private static final String INTERNAL = "the node failed at this; its log says more";

    private final Channel channel;
    private final RequestReader reader;
    private final Resolver resolver;
    private final Authority authority;
    private final Supplier<NodeInfo> info;
    private final ConnectionMetrics metrics;
    private final OpenRequests open;
    private final Outbox outbox;
    private final EachThread<ReadyAnswers.Batch> batches;
    private final Runnable afterLateAnswer;
    private final InetAddress client;
    private LookUps gathered;
    private ResolveMany unfinished;
    /** On behalf of whom its items are resolved. */
    private InetAddress unfinishedClient;

    /**
     * @param batches one for each event loop, each of {@link LookUps#MOST} look-ups
     * @param afterLateAnswer called on the event loop after an answer that took its time
     */
    RequestDispatcher(
            Channel channel,
            RequestReader reader,
            EachThread<ReadyAnswers.Batch> batches,
            Resolver resolver,
            Authority authority,
            Supplier<NodeInfo> info,
            ConnectionMetrics metrics,
            OpenRequests open,
            Outbox outbox,
            Runnable afterLateAnswer) {
        this.channel = channel;
        this.reader = reader;
        this.batches = batches;
        this.resolver = resolver;
        this.authority = authority;
        this.info = info;
        this.metrics = metrics;
        this.open = open;
        this.outbox = outbox;
        this.afterLateAnswer = afterLateAnswer;
        this.client = channel.remoteAddress() instanceof InetSocketAddress remote ? remote.getAddress() : null;
    }

    /** True while a resolve-many has items that were not started. */
    boolean hasUnstarted() {
        return unfinished != null;
    }

    /**
     * Starts one more item of the resolve-many, or some, as far as they may be open and the client takes its answers. Their answers
     * are looked up together where they may be ready.
     */
    void startNext() {
        ResolveMany many = unfinished;
        int from = many.nextItem();
        int to = Math.min(many.size(), from + Math.min(LookUps.MOST, Math.max(1, open.room())));
        ReadyAnswers.Batch batch = batches.get();
        batch.clear();
        for (int item = from; item < to; item++) {
            if (many.mayBeReady(item)) {
                batch.add(many.payload(), many.keyAt(item), many.keyLength(item));
            }
        }
        batch.locate();
        int lookup = 0;
        for (int item = from; item < to && outbox.hasRoom() && !open.isFull(); item++) {
            many.countStart();
            ByteBuffer ready = many.mayBeReady(item) ? batch.payload(lookup++) : null;
            if (ready != null && outbox.readyAnswer(batch, ready, many.flagsOfNextAnswer(), many.requestId(), item)) {
                many.countAnswer();
            } else {
                resolve(
                        many.lookup(item),
                        unfinishedClient,
                        new LookUps.Asker(many.requestId(), item, many, many.since()));
            }
        }
        outbox.readyDone(many.since());
        if (many.isStarted()) {
            unfinished = null;
        }
    }

    /**
     * Starts a look-up of a whole record. To be called only while one more may be open.
     *
     * @param since when it was read, by {@link System#nanoTime()}
     */
    void lookUp(RecordKey key, int requestId, long since) {
        gather(new Query(key, Selection.ALL, false, false, client), new LookUps.Asker(requestId, 0, null, since));
    }

    /**
     * Starts a request. A look-up is only gathered: {@link #askGathered()} asks. A resolve-many is only read: {@link #startNext()}
     * starts its items.
     *
     * @throws BadRequestException if the frame is not one of a client's requests; the connection can't go on
     */
    void start(Frame frame) throws BadRequestException {
        FrameType type = frame.header().type();
        if (type != FrameType.RESOLVE && type != FrameType.RESOLVE_MANY) {
            // What came first is asked first.
            askGathered();
        }
        if (!REQUESTS.contains(type)) {
            throw BadRequestException.malformed(
                    type == null ? "a frame of an unknown type" : "a " + type + " frame is no request");
        }
        int requestId = frame.header().requestId();
        try {
            read(type, requestId, frame);
        } catch (BadRequestException e) {
            metrics.malformed();
            outbox.failed(requestId, e.code(), e.getMessage());
        }
    }

    private void read(FrameType type, int requestId, Frame frame) throws BadRequestException {
        boolean authoritative = frame.header().has(FrameHeader.AUTHORITATIVE);
        InetAddress asking = frame.header().has(FrameHeader.NO_RECURSION) ? null : client;
        switch (type) {
            case RESOLVE ->
                resolve(
                        reader.resolve(frame.payload(), authoritative),
                        asking,
                        new LookUps.Asker(requestId, 0, null, System.nanoTime()));
            case RESOLVE_MANY -> {
                unfinished = reader.resolveMany(requestId, frame.payload(), authoritative);
                unfinishedClient = asking;
            }
            case REGISTER -> register(reader.register(frame.payload()), requestId);
            case HISTORY -> history(reader.history(frame.payload()), requestId);
            case SCAN -> scan(reader.scan(frame.payload()), requestId);
            case LIFE_CYCLE -> lifeCycle(reader.lifeCycle(frame.payload()), requestId);
            case LOG -> log(reader.log(frame.payload()), requestId);
            default -> outbox.frame(FrameHeader.request(FrameType.NODE_INFO, requestId), info.get());
        }
    }

    private void resolve(Lookup lookup, InetAddress asking, LookUps.Asker asker) {
        if (lookup instanceof Lookup.Asked asked) {
            gather(asked.query().onBehalfOf(asking), asker);
        } else if (lookup instanceof Lookup.NoIdentifier refused) {
            answer(detail(Outcome.INVALID_IDENTIFIER, refused.message()), false, asker);
        }
    }

    private void gather(Query query, LookUps.Asker asker) {
        if (gathered == null) {
            gathered = new LookUps(asked -> channel.eventLoop().execute(() -> takeLate(asked)));
        }
        gathered.add(query, asker);
        open.add(weight(query));
        if (gathered.isFull()) {
            askGathered();
        }
    }

    private static int weight(Query query) {
        return query.authoritative() ? LARGE_REQUEST : 1;
    }

    /** Puts the look-ups that were gathered to the resolver, all at once. Returns whether there were any. */
    boolean askGathered() {
        LookUps asked = gathered;
        if (asked == null) {
            return false;
        }
        gathered = null;
        resolver.resolveAll(asked.complete(), asked);
        asked.take(this::answer);
        return true;
    }

    private void takeLate(LookUps asked) {
        try {
            asked.take(this::answer);
            afterLateAnswer.run();
            outbox.flushSoon();
        } catch (RuntimeException e) {
            channel.pipeline().fireExceptionCaught(e);
        }
    }

    private void answer(Query query, LookUps.Asker asker, Answer answer, Throwable fault) {
        open.remove(weight(query));
        if (fault == null) {
            answer(answer, query.authoritative(), asker);
        } else {
            answer(unanswered(fault), false, asker);
        }
    }

    private void answer(Answer answer, boolean authoritative, LookUps.Asker asker) {
        ResolveMany many = asker.many();
        int flags = 0;
        if (many != null) {
            flags = many.flagsOfNextAnswer();
            many.countAnswer();
        }
        outbox.answer(answer, authoritative, flags, asker.requestId(), asker.item(), asker.since());
    }

    private Answer unanswered(Throwable fault) {
        if (fault instanceof BusyException) {
            return detail(Outcome.BUSY, BUSY);
        }
        if (fault instanceof BranchAwayException) {
            return detail(Outcome.ERROR, fault.getMessage());
        }
        if (fault instanceof UnavailableException) {
            return detail(Outcome.ERROR, UNAVAILABLE);
        }
        logFault(fault);
        return detail(Outcome.ERROR, INTERNAL);
    }

    private static Answer detail(Outcome outcome, String message) {
        byte[] payload = AnswerDetail.newBuilder().setMessage(message).build().toByteArray();
        return Answer.of(new StoredAnswer(outcome, payload, 0, 0, null), AnswerSource.NONE);
    }

    private void register(List<ByteString> records, int requestId) {
        long since = System.nanoTime();
        List<ByteString> within = new ArrayList<>(records.size());
        for (ByteString record : records) {
            if (record.size() <= Limits.RECORD_BYTES) {
                within.add(record);
            }
        }
        CompletableFuture<List<RegisterResult>> admission =
                within.isEmpty() ? CompletableFuture.completedFuture(List.of()) : ask(() -> authority.register(within));
        settle(admission, LARGE_REQUEST, (admitted, fault) -> {
            if (fault != null) {
                failed(requestId, fault);
                return;
            }
            RegisterResponse.Builder response = RegisterResponse.newBuilder();
            int next = 0;
            for (int i = 0; i < records.size(); i++) {
                int bytes = records.get(i).size();
                RegisterResult result = bytes > Limits.RECORD_BYTES ? tooLarge(i, bytes) : admitted.get(next++);
                metrics.registered(result.getCode());
                response.addResults(result);
            }
            outbox.frame(FrameHeader.request(FrameType.REGISTERED, requestId), response.build());
            metrics.registrationTook(System.nanoTime() - since, records.size());
        });
    }

    private static RegisterResult tooLarge(int place, int bytes) {
        return RegisterResult.newBuilder()
                .setCode(RegisterResult.Code.INVALID)
                .setReason(RefusalReason.LIMIT_EXCEEDED)
                .setField("records[" + place + "]")
                .setMessage("has " + bytes + " bytes; at most " + Limits.RECORD_BYTES + " are allowed")
                .build();
    }

    private void history(RequestReader.HistoryQuery query, int requestId) {
        settle(
                ask(() -> authority.history(query.key(), query.fromVersion(), query.limit())),
                LARGE_REQUEST,
                (page, fault) -> {
                    if (fault != null) {
                        failed(requestId, fault);
                    } else {
                        outbox.frame(
                                FrameHeader.request(FrameType.HISTORY_PAGE, requestId),
                                withinFrame(page, query.fromVersion()));
                    }
                });
    }

    /** The page, without the entries at its end that a frame has no room for. Versions have no gaps. */
    private static HistoryResponse withinFrame(HistoryResponse page, long fromVersion) {
        if (page.getSerializedSize() <= MAX_PAYLOAD_BYTES) {
            return page;
        }
        HistoryResponse.Builder shorter = HistoryResponse.newBuilder();
        int left =
                MAX_PAYLOAD_BYTES - CodedOutputStream.computeUInt64Size(HistoryResponse.NEXT_VERSION_FIELD_NUMBER, -1);
        for (HistoryEntry entry : page.getEntriesList()) {
            left -= CodedOutputStream.computeMessageSize(HistoryResponse.ENTRIES_FIELD_NUMBER, entry);
            if (left < 0) {
                break;
            }
            shorter.addEntries(entry);
        }
        return shorter.setNextVersion(fromVersion + shorter.getEntriesCount()).build();
    }

    /** A page fits into a frame, or the authority that gave it could not have sent it. */
    private void scan(ScanQuery query, int requestId) {
        settle(ask(() -> authority.scan(query)), LARGE_REQUEST, (page, fault) -> {
            if (fault != null) {
                failed(requestId, fault);
            } else {
                outbox.frame(FrameHeader.request(FrameType.SCAN_PAGE, requestId), page);
            }
        });
    }

    private void lifeCycle(LifeCycleRequest request, int requestId) {
        settle(ask(() -> authority.lifeCycle(request, source())), LARGE_REQUEST, (response, fault) -> {
            if (fault != null) {
                failed(requestId, fault);
            } else {
                outbox.frame(FrameHeader.request(FrameType.LIFE_CYCLE_RESULT, requestId), response);
            }
        });
    }

    private void log(LogRequest request, int requestId) {
        settle(ask(() -> authority.log(request)), LARGE_REQUEST, (part, fault) -> {
            if (fault != null) {
                failed(requestId, fault);
            } else {
                outbox.frame(FrameHeader.request(FrameType.LOG_PART, requestId), part);
            }
        });
    }

    private String source() {
        return channel.remoteAddress() instanceof InetSocketAddress remote
                ? SourceNetwork.of(remote.getAddress()).toString()
                : "";
    }

    private void failed(int requestId, Throwable fault) {
        if (fault instanceof InvalidCursorException) {
            outbox.failed(requestId, Failure.Code.MALFORMED, fault.getMessage());
        } else if (fault instanceof BusyException) {
            outbox.failed(requestId, Failure.Code.OVERLOADED, BUSY);
        } else if (fault instanceof UnavailableException) {
            outbox.failed(requestId, Failure.Code.UNAVAILABLE, UNAVAILABLE);
        } else {
            logFault(fault);
            outbox.failed(requestId, Failure.Code.INTERNAL, INTERNAL);
        }
    }

    private void logFault(Throwable fault) {
        LOG.atWarn()
                .addKeyValue("remote", channel.remoteAddress())
                .setCause(fault)
                .log("a request failed inside the node");
    }

    private static <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> question) {
        try {
            return question.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Hands over what came back: now where it is there, else on the event loop when it is; until then the request is open. */
    private <T> void settle(CompletableFuture<T> future, int requests, BiConsumer<T, Throwable> answer) {
        if (future.isDone()) {
            settleNow(future, answer);
            return;
        }
        open.add(requests);
        future.whenComplete((result, fault) -> channel.eventLoop().execute(() -> {
            open.remove(requests);
            try {
                answer.accept(result, Replies.causeOf(fault));
                outbox.flushSoon();
                afterLateAnswer.run();
            } catch (RuntimeException e) {
                channel.pipeline().fireExceptionCaught(e);
            }
        }));
    }

    private static <T> void settleNow(CompletableFuture<T> done, BiConsumer<T, Throwable> answer) {
        T result = null;
        Throwable fault = null;
        try {
            result = done.join();
        } catch (CompletionException | CancellationException e) {
            fault = Replies.causeOf(e);
        }
        answer.accept(result, fault);
    }
}
