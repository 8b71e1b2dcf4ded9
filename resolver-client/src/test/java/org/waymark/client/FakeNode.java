package org.waymark.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.AnswerChain;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Failure;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.HistoryRequest;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterRequest;
import org.waymark.v1.RegisterResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ResolveManyRequest;
import org.waymark.v1.ResolveRequest;
import org.waymark.v1.Welcome;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameDecoder;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/**
 * A node of the tests: keeps records in memory, admits whatever follows the version before it, and misbehaves where a test tells it
 * to.
 */
public final class FakeNode implements AutoCloseable {

    /** An answer before it is framed. */
    public record Reply(Outcome outcome, ByteString payload, int lifeMillis, boolean stale) {

        static Reply of(Outcome outcome, IdentifierRecord record) {
            return new Reply(outcome, record.encoded(), 60_000, false);
        }

        static Reply of(Outcome outcome, AnswerDetail.Builder detail) {
            return new Reply(outcome, detail.build().toByteString(), 0, false);
        }
    }

    /** What a test does in place of the node. */
    interface Interception {
        /** True where the frame was dealt with. */
        boolean handle(ChannelHandlerContext context, Frame frame);
    }

    private static final long SEQUENCE = 4_711;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Map<RecordKey, List<IdentifierRecord>> store = new ConcurrentHashMap<>();
    private final Channel channel;
    volatile Welcome welcome = Welcome.newBuilder()
            .setVersion(1)
            .setAgent("fake")
            .setMaxInFlight(1_000)
            .setMaxBatch(1_000)
            .build();
    volatile Interception interception = (context, frame) -> false;
    final Map<RecordKey, UnaryOperator<Reply>> twists = new ConcurrentHashMap<>();
    /** Prefixes that are served by nodes of their own. */
    final Map<Prefix, IdentifierRecord> referrals = new ConcurrentHashMap<>();
    /** What comes along in place of what is held. */
    final Map<RecordKey, IdentifierRecord> alongside = new ConcurrentHashMap<>();
    /** Whether prefix records come along with answers where that is asked for. */
    volatile boolean sendsChains;

    final Map<RecordKey, RegisterResult> refusals = new ConcurrentHashMap<>();
    final List<FrameHeader> received = new CopyOnWriteArrayList<>();
    final List<RecordKey> lookUps = new CopyOnWriteArrayList<>();
    final AtomicInteger accepted = new AtomicInteger();

    public FakeNode() {
        this(0);
    }

    FakeNode(int port) {
        channel = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                        accepted.incrementAndGet();
                        connections.add(socket);
                        socket.pipeline().addLast(new FrameDecoder(Limits.FRAME_BYTES), new Handler());
                    }
                })
                .bind("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
    }

    public int port() {
        return ((java.net.InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Adds the next version of a record, or replaces what is held where the versions don't follow. */
    public FakeNode hold(IdentifierRecord... records) {
        for (IdentifierRecord record : records) {
            store.computeIfAbsent(record.key(), key -> new CopyOnWriteArrayList<>())
                    .add(record);
        }
        return this;
    }

    /** Answers with a referral to this prefix's own node for what is below it. */
    public FakeNode refer(IdentifierRecord... records) {
        for (IdentifierRecord record : records) {
            hold(record);
            referrals.put(PrefixRecord.of(record).prefix(), record);
        }
        return this;
    }

    private IdentifierRecord referral(RecordKey key) {
        Prefix prefix = key.kind() == RecordKind.PREFIX
                ? Prefix.of(key.scheme(), key.identifier())
                : Identifier.parse(key.scheme(), key.identifier()).prefix();
        for (Prefix rung : prefix.ladder()) {
            boolean isItself = key.kind() == RecordKind.PREFIX && rung.equals(prefix);
            if (!isItself && referrals.containsKey(rung)) {
                return referrals.get(rung);
            }
        }
        return null;
    }

    private AnswerChain chain(Reply reply) {
        AnswerChain.Builder chain = AnswerChain.newBuilder();
        if (reply.outcome() == Outcome.RECORD || reply.outcome() == Outcome.REFERRAL) {
            IdentifierRecord record = IdentifierRecord.parse(reply.payload());
            while (!record.key().equals(PrefixChains.key(record.owner()))
                    && !versions(PrefixChains.key(record.owner())).isEmpty()) {
                List<IdentifierRecord> versions = versions(PrefixChains.key(record.owner()));
                record = versions.get(versions.size() - 1);
                chain.addLinks(AnswerChain.Link.newBuilder()
                        .setRecord(alongside.getOrDefault(record.key(), record).encoded())
                        .setLifeMillis(60_000));
            }
        }
        return chain.build();
    }

    public void forget(RecordKey key) {
        store.remove(key);
    }

    public List<IdentifierRecord> versions(RecordKey key) {
        return store.getOrDefault(key, List.of());
    }

    /** Changes the answers for one record. */
    public void twist(RecordKey key, UnaryOperator<Reply> change) {
        twists.put(key, change);
    }

    public void refuse(RecordKey key, RegisterResult result) {
        refusals.put(key, result);
    }

    /**
     * Fails a registration as a whole.
     *
     * @param first the one that fails, from 1
     * @param isStored whether its records are stored all the same, so that only the answer is lost
     * @param allAfter whether those after it fail too; they are not stored
     */
    public void failRegistrations(int first, boolean isStored, boolean allAfter) {
        AtomicInteger count = new AtomicInteger();
        interception = (context, frame) -> {
            if (frame.header().type() != FrameType.REGISTER) {
                return false;
            }
            int number = count.incrementAndGet();
            boolean isFailing = number == first || allAfter && number > first;
            if (isFailing) {
                if (number == first && isStored) {
                    parse(frame).getRecordsList().forEach(this::register);
                }
                Failure failure =
                        Failure.newBuilder().setCode(Failure.Code.OVER_LIMIT).build();
                send(context, FrameType.FAILED, frame.header().requestId(), failure);
            }
            return isFailing;
        };
    }

    /** Stores what the next registration brings, and does not answer it. */
    public void loseAnAnswer() {
        AtomicInteger count = new AtomicInteger();
        interception = (context, frame) -> {
            boolean isLost = frame.header().type() == FrameType.REGISTER && count.incrementAndGet() == 1;
            if (isLost) {
                parse(frame).getRecordsList().forEach(this::register);
            }
            return isLost;
        };
    }

    /** Behaves again. */
    public void behave() {
        interception = (context, frame) -> false;
    }

    private static RegisterRequest parse(Frame frame) {
        try {
            return RegisterRequest.parseFrom(frame.payload());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    void dropConnections() {
        connections.close().awaitUninterruptibly();
    }

    static RecordKey key(ResolveRequest request) {
        return RecordKey.fromProto(request.getKey());
    }

    static void send(ChannelHandlerContext context, FrameHeader header, byte[] payload) {
        ByteBuf out = context.alloc().buffer();
        header.write(out, payload.length);
        context.writeAndFlush(out.writeBytes(payload));
    }

    static void send(ChannelHandlerContext context, FrameType type, int requestId, MessageLite payload) {
        send(context, FrameHeader.request(type, requestId), payload.toByteArray());
    }

    void answer(ChannelHandlerContext context, FrameHeader asked, Reply reply, int item, boolean last) {
        answer(context, asked, reply, ByteString.EMPTY, item, last);
    }

    private void answer(
            ChannelHandlerContext context, FrameHeader asked, ResolveRequest request, int item, boolean last) {
        Reply reply = reply(request);
        boolean isSent = sendsChains && request.getWithChain();
        answer(context, asked, reply, isSent ? chain(reply).toByteString() : ByteString.EMPTY, item, last);
    }

    private void answer(
            ChannelHandlerContext context, FrameHeader asked, Reply reply, ByteString chain, int item, boolean last) {
        boolean authoritative = asked.has(FrameHeader.AUTHORITATIVE);
        int flags = (authoritative ? FrameHeader.AUTHORITATIVE : 0)
                | (last ? FrameHeader.LAST : 0)
                | (reply.stale() ? FrameHeader.STALE : 0)
                | (chain.isEmpty() ? 0 : FrameHeader.CHAIN);
        ByteBuf out = context.alloc().buffer();
        FrameHeader.writeAnswer(
                out,
                reply.payload().size()
                        + (authoritative ? Long.BYTES : 0)
                        + (chain.isEmpty() ? 0 : Integer.BYTES + chain.size()),
                flags,
                reply.outcome(),
                authoritative ? AnswerSource.REGISTRY : AnswerSource.NEAR_CACHE,
                asked.requestId(),
                item,
                reply.lifeMillis());
        if (authoritative) {
            out.writeLong(SEQUENCE);
        }
        if (!chain.isEmpty()) {
            out.writeInt(chain.size()).writeBytes(chain.toByteArray());
        }
        out.writeBytes(reply.payload().toByteArray());
        context.writeAndFlush(out);
    }

    Reply reply(ResolveRequest request) {
        RecordKey key = key(request);
        lookUps.add(key);
        List<IdentifierRecord> versions = versions(key);
        Reply reply;
        IdentifierRecord referral = referral(key);
        if (referral != null) {
            reply = Reply.of(Outcome.REFERRAL, referral);
        } else if (versions.isEmpty()) {
            reply = Reply.of(Outcome.NOT_FOUND, AnswerDetail.newBuilder().setOwner("88.118.8"));
        } else {
            IdentifierRecord newest = versions.get(versions.size() - 1);
            newest = newest.select(HashFunction.SHA_256, Set.of(), request.getTypesList());
            reply = Reply.of(newest.isRevoked() ? Outcome.RECORD_REVOKED : Outcome.RECORD, newest);
        }
        return twists.getOrDefault(key, UnaryOperator.identity()).apply(reply);
    }

    private RegisterResult register(ByteString encoded) {
        IdentifierRecord record = IdentifierRecord.parse(encoded);
        RegisterResult refusal = refusals.get(record.key());
        if (refusal != null) {
            return refusal;
        }
        List<IdentifierRecord> versions = versions(record.key());
        if (versions.stream().anyMatch(known -> known.headerBytes().equals(record.headerBytes()))) {
            return RegisterResult.newBuilder()
                    .setCode(RegisterResult.Code.UNCHANGED)
                    .setCurrentVersion(versions.size())
                    .build();
        }
        Optional<IdentifierRecord> current =
                versions.isEmpty() ? Optional.empty() : Optional.of(versions.get(versions.size() - 1));
        boolean follows = record.version() == versions.size() + 1
                && (current.isEmpty() || SeenVersions.follows(current.get(), record));
        if (!follows) {
            RegisterResult.Builder conflict = RegisterResult.newBuilder()
                    .setCode(RegisterResult.Code.CONFLICT)
                    .setMessage("does not follow")
                    .setCurrentVersion(versions.size());
            current.ifPresent(newest -> conflict.setCurrentDigest(
                    newest.digest(HashFunction.SHA_256).bytes()));
            return conflict.build();
        }
        hold(record);
        return RegisterResult.newBuilder()
                .setCode(current.isEmpty() ? RegisterResult.Code.CREATED : RegisterResult.Code.UPDATED)
                .setSequence(SEQUENCE)
                .build();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS);
    }

    private final class Handler extends SimpleChannelInboundHandler<Frame> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, Frame frame) throws Exception {
            FrameHeader header = frame.header();
            received.add(header);
            if (interception.handle(context, frame)) {
                return;
            }
            int id = header.requestId();
            switch (header.type()) {
                case HELLO -> send(context, FrameHeader.greeting(FrameType.WELCOME, 1), welcome.toByteArray());
                case RESOLVE -> answer(context, header, ResolveRequest.parseFrom(frame.payload()), 0, false);
                case RESOLVE_MANY -> {
                    List<ResolveRequest> requests =
                            ResolveManyRequest.parseFrom(frame.payload()).getRequestsList();
                    // The last item first: clients must not count on any order.
                    for (int i = requests.size() - 1; i >= 0; i--) {
                        answer(context, header, requests.get(i), i, i == 0);
                    }
                }
                case REGISTER -> {
                    RegisterResponse.Builder response = RegisterResponse.newBuilder();
                    for (ByteString record :
                            RegisterRequest.parseFrom(frame.payload()).getRecordsList()) {
                        response.addResults(register(record));
                    }
                    send(context, FrameType.REGISTERED, id, response.build());
                }
                case HISTORY -> {
                    HistoryRequest request = HistoryRequest.parseFrom(frame.payload());
                    send(context, FrameType.HISTORY_PAGE, id, history(request));
                }
                case INFO ->
                    send(
                            context,
                            FrameType.NODE_INFO,
                            id,
                            NodeInfo.newBuilder()
                                    .setSoftware("fake/1")
                                    .setProtocolVersion(1)
                                    .setReady(true)
                                    .build());
                default -> context.close();
            }
        }

        /** Two versions a page. */
        private HistoryResponse history(HistoryRequest request) {
            List<IdentifierRecord> wanted = new ArrayList<>();
            for (IdentifierRecord record : versions(RecordKey.fromProto(request.getKey()))) {
                if (record.version() >= request.getFromVersion()) {
                    wanted.add(record);
                }
            }
            HistoryResponse.Builder page = HistoryResponse.newBuilder();
            for (IdentifierRecord record : wanted.subList(0, Math.min(2, wanted.size()))) {
                page.addEntries(HistoryEntry.newBuilder()
                        .setSequence(record.version())
                        .setCommittedAt(record.issuedAt())
                        .setRecord(record.encoded()));
            }
            if (wanted.size() > 2) {
                page.setNextVersion(wanted.get(2).version());
            }
            return page.build();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** The key of an item. */
    static RecordKey item(String identifier) {
        return AnswerVerifier.itemKey(Identifier.parse(identifier));
    }

    /** The key of a prefix. */
    public static RecordKey prefix(String prefix) {
        return PrefixChains.key(Prefix.parse(prefix));
    }
}
