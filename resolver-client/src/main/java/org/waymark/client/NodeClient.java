package org.waymark.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;
import org.waymark.Limits;
import org.waymark.record.RecordKey;
import org.waymark.v1.AnswerChain;
import org.waymark.v1.HistoryRequest;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterRequest;
import org.waymark.v1.RegisterResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ResolveManyRequest;
import org.waymark.v1.ResolveRequest;
import org.waymark.v1.ScanRequest;
import org.waymark.v1.ScanResponse;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/**
 * Speaks the protocol of {@code resolver.proto} with a node, or the first of several that can be reached. Verifies nothing:
 * {@link ResolverClient} does. Safe for use by many threads.
 *
 * <p>The futures complete on an event loop, so what hangs on them must not block. They complete exceptionally with a
 * {@link WaymarkException}. When a connection ends before the answer, the request is sent once more over another one;
 * all requests may be repeated, registering too, since the same bytes again change nothing.
 */
public final class NodeClient implements AutoCloseable {

    private static final int PAYLOAD_BYTES = Limits.FRAME_BYTES - FrameHeader.BYTES_AFTER_LENGTH;

    private final NodePool pool;
    /** What every look-up asks for. */
    private final int flags;

    private NodeClient(NodePool pool, NodeClientOptions options) {
        this.pool = pool;
        this.flags = options.recursion() ? 0 : FrameHeader.NO_RECURSION;
    }

    /** A client that connects when the first request needs it. */
    public static NodeClient create(NodeClientOptions options) {
        return new NodeClient(new NodePool(options), options);
    }

    /** A client of other nodes that shares this one's threads: to be closed before it. */
    NodeClient beside(NodeClientOptions options) {
        return new NodeClient(pool.beside(options), options);
    }

    /** Where the threads that this client reads and writes on are to do something later. */
    ScheduledExecutorService scheduler() {
        return pool.scheduler();
    }

    /**
     * Looks a record up.
     *
     * @param authoritative asks the node to pass its caches
     * @param indexes only values with one of these, 1 to 2^32 - 1
     * @param types only values of one of these types, or, where one ends with a dot, of those that start with it. Where both are
     *     empty: all values. At most {@link Limits#SELECTORS} of each
     */
    public CompletableFuture<RawAnswer> resolve(
            RecordKey key, boolean authoritative, Set<Long> indexes, List<String> types) {
        return resolve(key, authoritative, false, indexes, types);
    }

    /**
     * Looks a record up; see {@link #resolve(RecordKey, boolean, Set, List)}.
     *
     * @param withChain asks for the prefix records above it to come along; a node may not do so
     */
    public CompletableFuture<RawAnswer> resolve(
            RecordKey key, boolean authoritative, boolean withChain, Set<Long> indexes, List<String> types) {
        byte[] payload = resolveRequest(key, withChain, indexes, types).toByteArray();
        int asked = authoritative ? flags | FrameHeader.AUTHORITATIVE : flags;
        return pool.ask(new NodeRequest<>(FrameType.RESOLVE, asked, payload, 1, () -> NodeClient::answer))
                .thenApply(answered -> answered.answer().from(answered.node()));
    }

    /**
     * Looks many records up, as many at a time as the nodes allow. The answers are in the order of the keys; each has an outcome of
     * its own. Where a frame of several look-ups fails as a whole, all fail.
     */
    public CompletableFuture<List<RawAnswer>> resolveMany(
            List<RecordKey> keys, boolean authoritative, Set<Long> indexes, List<String> types) {
        return resolveMany(keys, authoritative, key -> false, indexes, types);
    }

    /**
     * Looks many records up; see {@link #resolveMany(List, boolean, Set, List)}.
     *
     * @param withChain for which of them the prefix records are to come along
     */
    CompletableFuture<List<RawAnswer>> resolveMany(
            List<RecordKey> keys,
            boolean authoritative,
            Predicate<RecordKey> withChain,
            Set<Long> indexes,
            List<String> types) {
        if (keys.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        if (authoritative || keys.size() == 1) {
            // Only a single look-up may pass the caches.
            return inOrder(keys.stream()
                    .map(key -> resolve(key, authoritative, withChain.test(key), indexes, types)
                            .thenApply(List::of))
                    .toList());
        }
        List<ResolveRequest> requests = keys.stream()
                .map(key -> resolveRequest(key, withChain.test(key), indexes, types))
                .toList();
        return pool.connection().thenCompose(connection -> {
            List<CompletableFuture<List<RawAnswer>>> answers = new ArrayList<>();
            int from = 0;
            while (from < requests.size()) {
                int to = batchEnd(requests.stream()
                        .skip(from)
                        .limit(connection.maxManyItems())
                        .mapToInt(ResolveRequest::getSerializedSize)
                        .toArray());
                answers.add(resolveBatch(requests.subList(from, from + to)));
                from += to;
            }
            return inOrder(answers);
        });
    }

    private CompletableFuture<List<RawAnswer>> resolveBatch(List<ResolveRequest> requests) {
        byte[] payload =
                ResolveManyRequest.newBuilder().addAllRequests(requests).build().toByteArray();
        int items = requests.size();
        return pool.ask(new NodeRequest<>(FrameType.RESOLVE_MANY, flags, payload, items, () -> new ManyReader(items)))
                .thenApply(answered -> answered.answer().stream()
                        .map(answer -> answer.from(answered.node()))
                        .toList());
    }

    /**
     * Registers encoded records. They are sent in as many frames as the node's limits ask for, one after the other, so that later
     * versions may follow earlier ones. The results are in the order of the records.
     *
     * @throws IllegalArgumentException if a record is larger than {@link Limits#RECORD_BYTES}
     */
    public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i).size() > Limits.RECORD_BYTES) {
                throw new IllegalArgumentException("records[" + i + "] has "
                        + records.get(i).size() + " bytes; at most " + Limits.RECORD_BYTES + " are allowed");
            }
        }
        return registerFrom(List.copyOf(records), new ArrayList<>(records.size()));
    }

    private CompletableFuture<List<RegisterResult>> registerFrom(
            List<ByteString> records, List<RegisterResult> results) {
        if (results.size() == records.size()) {
            return CompletableFuture.completedFuture(List.copyOf(results));
        }
        return pool.connection()
                .thenCompose(connection -> {
                    int from = results.size();
                    int most = Math.min(records.size() - from, connection.maxBatch());
                    int batch = batchEnd(records.subList(from, from + most).stream()
                            .mapToInt(ByteString::size)
                            .toArray());
                    return registerBatch(records.subList(from, from + batch));
                })
                .thenCompose(batch -> {
                    results.addAll(batch);
                    return registerFrom(records, results);
                });
    }

    private CompletableFuture<List<RegisterResult>> registerBatch(List<ByteString> records) {
        byte[] payload =
                RegisterRequest.newBuilder().addAllRecords(records).build().toByteArray();
        int count = records.size();
        return pool.send(new NodeRequest<>(FrameType.REGISTER, 0, payload, 1, () -> frame -> {
            require(frame, FrameType.REGISTERED);
            List<RegisterResult> results =
                    parse(frame, RegisterResponse::parseFrom).getResultsList();
            if (results.size() != count) {
                throw new ProtocolViolationException(
                        "the node gave " + results.size() + " results for " + count + " records");
            }
            return results;
        }));
    }

    /** How many messages of these sizes fit into one frame, as a repeated field; at least 1. */
    private static int batchEnd(int[] sizes) {
        long bytes = 0;
        int count = 0;
        while (count < sizes.length) {
            bytes += 1 + CodedOutputStream.computeUInt32SizeNoTag(sizes[count]) + sizes[count];
            if (bytes > PAYLOAD_BYTES && count > 0) {
                break;
            }
            count++;
        }
        return count;
    }

    /**
     * Reads versions of a record, in ascending order.
     *
     * @param from the first version wanted, from 1
     * @param limit at most so many; 0: as many as fit into one frame
     */
    public CompletableFuture<HistoryResponse> history(RecordKey key, long from, int limit) {
        byte[] payload = HistoryRequest.newBuilder()
                .setKey(key.toProto())
                .setFromVersion(from)
                .setLimit(limit)
                .build()
                .toByteArray();
        return pool.send(new NodeRequest<>(FrameType.HISTORY, 0, payload, 1, () -> frame -> {
            require(frame, FrameType.HISTORY_PAGE);
            return parse(frame, HistoryResponse::parseFrom);
        }));
    }

    /**
     * Reads a page of what a node holds of a prefix and under it; {@code ScanRequest} in {@code resolver.proto} says in which order, and
     * what happens when records change meanwhile.
     *
     * @param prefix the key of the prefix's own record
     * @param cursor of the page before; empty for the first page
     * @param limit at most so many versions; 0: as many as fit
     * @param maxBytes at most so many bytes of records, but one record at least; 0: as many as fit into one frame
     * @param withHistory all versions, not the current ones alone
     */
    public CompletableFuture<ScanResponse> scan(
            RecordKey prefix, ByteString cursor, int limit, int maxBytes, boolean withHistory) {
        byte[] payload = ScanRequest.newBuilder()
                .setPrefix(prefix.toProto())
                .setCursor(cursor)
                .setLimit(limit)
                .setMaxBytes(maxBytes)
                .setWithHistory(withHistory)
                .build()
                .toByteArray();
        return pool.send(new NodeRequest<>(FrameType.SCAN, 0, payload, 1, () -> frame -> {
            require(frame, FrameType.SCAN_PAGE);
            return parse(frame, ScanResponse::parseFrom);
        }));
    }

    /**
     * Sends a request about the life cycle of a prefix; see {@code lifecycle.proto}, and {@link PrefixLifeCycle}. Sending it again is
     * safe: the same statement is kept once.
     */
    public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request) {
        return pool.send(new NodeRequest<>(FrameType.LIFE_CYCLE, 0, request.toByteArray(), 1, () -> frame -> {
            require(frame, FrameType.LIFE_CYCLE_RESULT);
            return parse(frame, LifeCycleResponse::parseFrom);
        }));
    }

    /** Reads a part of the node's log, or hands in cosignatures; {@code LogRequest} in {@code resolver.proto} says which parts there are. */
    public CompletableFuture<LogResponse> log(LogRequest request) {
        return pool.send(new NodeRequest<>(FrameType.LOG, 0, request.toByteArray(), 1, () -> frame -> {
            require(frame, FrameType.LOG_PART);
            return parse(frame, LogResponse::parseFrom);
        }));
    }

    /** Asks the node about itself. */
    public CompletableFuture<NodeInfo> info() {
        return pool.send(new NodeRequest<>(FrameType.INFO, 0, new byte[0], 1, () -> frame -> {
            require(frame, FrameType.NODE_INFO);
            return parse(frame, NodeInfo::parseFrom);
        }));
    }

    /** Closes the connections. Open requests fail. */
    @Override
    public void close() {
        pool.close();
    }

    private static ResolveRequest resolveRequest(
            RecordKey key, boolean withChain, Set<Long> indexes, List<String> types) {
        requireSelectors("indexes", indexes);
        requireSelectors("types", types);
        ResolveRequest.Builder request =
                ResolveRequest.newBuilder().setKey(key.toProto()).setWithChain(withChain);
        for (long index : indexes) {
            if (index < 1 || index > 0xFFFF_FFFFL) {
                throw new IllegalArgumentException("an index must be 1 to 4294967295, not " + index);
            }
            request.addIndexes((int) index);
        }
        return request.addAllTypes(types).build();
    }

    private static void requireSelectors(String what, Collection<?> selectors) {
        if (selectors.size() > Limits.SELECTORS) {
            throw new IllegalArgumentException(
                    "at most " + Limits.SELECTORS + " " + what + " may be selected, not " + selectors.size());
        }
    }

    private static <T> CompletableFuture<List<T>> inOrder(List<CompletableFuture<List<T>>> parts) {
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(done ->
                        parts.stream().flatMap(part -> part.join().stream()).toList());
    }

    private static RawAnswer answer(Frame frame) {
        require(frame, FrameType.ANSWER);
        FrameHeader header = frame.header();
        Outcome outcome = Outcome.forNumber(header.outcome());
        if (outcome == null || outcome == Outcome.OUTCOME_UNSPECIFIED) {
            throw new ProtocolViolationException("the node gave the unknown outcome " + header.outcome());
        }
        ByteString payload = UnsafeByteOperations.unsafeWrap(frame.payload());
        long sequence = RawAnswer.NO_SEQUENCE;
        if (header.has(FrameHeader.AUTHORITATIVE)) {
            if (payload.size() < Long.BYTES) {
                throw new ProtocolViolationException("an authoritative answer has no sequence number");
            }
            sequence = frame.content().getLong(frame.content().readerIndex());
            payload = payload.substring(Long.BYTES);
        }
        List<RawAnswer.Companion> chain = List.of();
        if (header.has(FrameHeader.CHAIN)) {
            int length = payload.size() < Integer.BYTES
                    ? -1
                    : payload.substring(0, Integer.BYTES).asReadOnlyByteBuffer().getInt();
            if (length < 0 || length > payload.size() - Integer.BYTES || length > Limits.ANSWER_CHAIN_BYTES + 4_096) {
                throw new ProtocolViolationException("the chain in front of an answer has no proper length");
            }
            chain = chain(payload.substring(Integer.BYTES, Integer.BYTES + length));
            payload = payload.substring(Integer.BYTES + length);
        }
        return new RawAnswer(
                outcome,
                AnswerSource.ofCode(header.source()),
                header.has(FrameHeader.STALE),
                Integer.toUnsignedLong(header.lifeMillis()),
                sequence,
                payload,
                chain,
                "");
    }

    private static List<RawAnswer.Companion> chain(ByteString encoded) {
        try {
            return AnswerChain.parseFrom(encoded).getLinksList().stream()
                    .limit(Limits.CHAIN_LENGTH)
                    .map(link ->
                            new RawAnswer.Companion(link.getRecord(), Integer.toUnsignedLong(link.getLifeMillis())))
                    .toList();
        } catch (InvalidProtocolBufferException e) {
            throw new ProtocolViolationException("the chain in front of an answer can't be read", e);
        }
    }

    private static void require(Frame frame, FrameType type) {
        if (frame.header().type() != type) {
            throw new ProtocolViolationException(
                    "the node sent a " + frame.header().type() + " where a " + type + " is due");
        }
    }

    private interface Parser<T> {
        T parse(byte[] payload) throws InvalidProtocolBufferException;
    }

    private static <T> T parse(Frame frame, Parser<T> parser) {
        try {
            return parser.parse(frame.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new ProtocolViolationException(
                    "the payload of a " + frame.header().type() + " can't be read", e);
        }
    }

    /** Collects the answers to a resolve-many, which come in any order. */
    private static final class ManyReader implements NodeRequest.Reader<List<RawAnswer>> {

        private final RawAnswer[] answers;
        private int missing;

        ManyReader(int items) {
            this.answers = new RawAnswer[items];
            this.missing = items;
        }

        @Override
        public List<RawAnswer> read(Frame frame) {
            RawAnswer answer = answer(frame);
            int item = frame.header().item();
            if (item < 0 || item >= answers.length || answers[item] != null) {
                throw new ProtocolViolationException("the node answered item " + Integer.toUnsignedLong(item) + " of "
                        + answers.length + ", or that one twice");
            }
            answers[item] = answer;
            missing--;
            if (frame.header().has(FrameHeader.LAST) != (missing == 0)) {
                throw new ProtocolViolationException(
                        "the node called an answer the last one of " + answers.length + " while " + missing + " miss");
            }
            return missing == 0 ? Arrays.asList(answers) : null;
        }
    }
}
