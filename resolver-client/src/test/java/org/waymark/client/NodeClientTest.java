package org.waymark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.v1.Failure;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ResolveRequest;
import org.waymark.v1.Welcome;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

class NodeClientTest {

    private static final TestParty PARTY = TestParty.of("88.118.8");
    private static final IdentifierRecord ITEM = PARTY.item("88.118.8/a", "pump");

    private final FakeNode node = new FakeNode().hold(ITEM);
    private final List<AutoCloseable> open = new ArrayList<>(List.of(node));

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    private static NodeClientOptions.Builder options(FakeNode... nodes) {
        NodeClientOptions.Builder options = NodeClientOptions.builder()
                .connectionsPerNode(1)
                .requestTimeout(Duration.ofSeconds(20))
                .connectTimeout(Duration.ofSeconds(20))
                .longestBackOff(Duration.ofMillis(100));
        for (FakeNode node : nodes) {
            options.node("127.0.0.1", node.port());
        }
        return options;
    }

    private NodeClient client(NodeClientOptions.Builder options) {
        NodeClient client = NodeClient.create(options.build());
        open.add(0, client);
        return client;
    }

    private static CompletableFuture<RawAnswer> resolve(NodeClient client, String identifier) {
        return client.resolve(FakeNode.item(identifier), false, Set.of(), List.of());
    }

    private static Throwable failure(CompletableFuture<?> future) {
        try {
            future.get(30, TimeUnit.SECONDS);
            throw new AssertionError("did not fail");
        } catch (java.util.concurrent.ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anAnswerCarriesTheNodesBytesAsTheyAre() {
        RawAnswer answer = resolve(client(options(node)), "88.118.8/a").join();

        assertThat(answer)
                .isEqualTo(new RawAnswer(
                        Outcome.RECORD,
                        AnswerSource.NEAR_CACHE,
                        false,
                        60_000,
                        RawAnswer.NO_SEQUENCE,
                        ITEM.encoded(),
                        List.of(),
                        "127.0.0.1:" + node.port()));
    }

    @Test
    void anAuthoritativeAnswerCarriesTheSequenceApartFromThePayload() {
        RawAnswer answer = client(options(node))
                .resolve(ITEM.key(), true, Set.of(), List.of())
                .join();

        assertThat(answer.sequence()).isEqualTo(4_711);
        assertThat(answer.source()).isEqualTo(AnswerSource.REGISTRY);
        assertThat(answer.payload()).isEqualTo(ITEM.encoded());
    }

    @Test
    void answersInAnyOrderReachTheRightRequests() {
        List<Runnable> held = new CopyOnWriteArrayList<>();
        node.interception = (context, frame) -> {
            if (frame.header().type() != FrameType.RESOLVE) {
                return false;
            }
            ResolveRequest request = parse(frame.payload());
            FrameHeader header = frame.header();
            held.add(0, () -> node.answer(context, header, echo(request), 0, false));
            if (held.size() == 20) {
                held.forEach(Runnable::run);
            }
            return true;
        };
        NodeClient client = client(options(node));

        List<CompletableFuture<RawAnswer>> answers = IntStream.range(0, 20)
                .mapToObj(i -> resolve(client, "88.118.8/item" + i))
                .toList();

        for (int i = 0; i < 20; i++) {
            assertThat(answers.get(i).join().payload().toStringUtf8()).isEqualTo("88.118.8/item" + i);
        }
    }

    private static FakeNode.Reply echo(ResolveRequest request) {
        return new FakeNode.Reply(
                Outcome.RECORD, ByteString.copyFromUtf8(request.getKey().getIdentifier()), 0, false);
    }

    private static ResolveRequest parse(byte[] payload) {
        try {
            return ResolveRequest.parseFrom(payload);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void noMoreRequestsAreOpenThanTheNodeAllows() {
        node.welcome = Welcome.newBuilder(node.welcome).setMaxInFlight(3).build();
        AtomicInteger unanswered = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        node.interception = (context, frame) -> {
            if (frame.header().type() != FrameType.RESOLVE) {
                return false;
            }
            most.accumulateAndGet(unanswered.incrementAndGet(), Math::max);
            FrameHeader header = frame.header();
            ResolveRequest request = parse(frame.payload());
            context.executor()
                    .schedule(
                            () -> {
                                unanswered.decrementAndGet();
                                node.answer(context, header, echo(request), 0, false);
                            },
                            5,
                            TimeUnit.MILLISECONDS);
            return true;
        };
        NodeClient client = client(options(node));

        List<CompletableFuture<RawAnswer>> answers = IntStream.range(0, 30)
                .mapToObj(i -> resolve(client, "88.118.8/item" + i))
                .toList();

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().outcome()).isEqualTo(Outcome.RECORD));
        assertThat(most.get()).isEqualTo(3);
    }

    @Test
    void aSilentNodeRunsIntoTheTimeOut() {
        node.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;
        NodeClient client = client(options(node).requestTimeout(Duration.ofMillis(200)));

        assertThat(failure(resolve(client, "88.118.8/a")))
                .isInstanceOf(RequestTimeoutException.class)
                .hasMessageContaining("200 ms");
    }

    @Test
    void anAnswerThatComesTooLateIsDropped() {
        List<Runnable> held = new CopyOnWriteArrayList<>();
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.RESOLVE && held.isEmpty()) {
                FrameHeader header = frame.header();
                ResolveRequest request = parse(frame.payload());
                held.add(() -> node.answer(context, header, echo(request), 0, false));
                return true;
            }
            return false;
        };
        NodeClient client = client(options(node).requestTimeout(Duration.ofMillis(500)));
        CompletableFuture<RawAnswer> late = resolve(client, "88.118.8/late");
        Awaitility.await().until(() -> !held.isEmpty());
        // Another answer shows that the connection is alive, so that it is kept.
        resolve(client, "88.118.8/a").join();
        assertThat(failure(late)).isInstanceOf(RequestTimeoutException.class);

        held.get(0).run();

        assertThat(resolve(client, "88.118.8/a").join().payload()).isEqualTo(ITEM.encoded());
        assertThat(node.accepted).hasValue(1);
    }

    @Test
    void aRequestWhoseConnectionEndsIsSentOnceMore() {
        AtomicBoolean dropped = new AtomicBoolean();
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.RESOLVE && dropped.compareAndSet(false, true)) {
                context.close();
                return true;
            }
            return false;
        };

        assertThat(resolve(client(options(node)), "88.118.8/a").join().payload())
                .isEqualTo(ITEM.encoded());
        assertThat(node.accepted).hasValue(2);
    }

    @Test
    void aRequestThatLosesItsSecondConnectionTooFails() {
        AtomicInteger tries = new AtomicInteger();
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.RESOLVE) {
                tries.incrementAndGet();
                context.close();
                return true;
            }
            return false;
        };

        assertThat(failure(resolve(client(options(node)), "88.118.8/a"))).isInstanceOf(ConnectionLostException.class);
        assertThat(tries).hasValue(2);
    }

    @Test
    void garbageEndsTheConnectionAndNothingElse() {
        AtomicBoolean sent = new AtomicBoolean();
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.RESOLVE && sent.compareAndSet(false, true)) {
                context.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {(byte) 0xFF, 1, 2, 3, 4, 5, 6, 7}));
                return true;
            }
            return false;
        };

        assertThat(resolve(client(options(node)), "88.118.8/a").join().payload())
                .isEqualTo(ITEM.encoded());
    }

    @Test
    void aFrameOverTheLimitEndsTheConnectionBeforeItIsRead() {
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.RESOLVE) {
                context.writeAndFlush(Unpooled.buffer().writeInt(1024 * 1024 + 1));
                return true;
            }
            return false;
        };

        assertThat(failure(resolve(client(options(node)), "88.118.8/a")))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("1048577");
    }

    @Test
    void anAnswerOfTheWrongTypeEndsTheConnection() {
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.RESOLVE) {
                FakeNode.send(
                        context,
                        FrameHeader.request(FrameType.NODE_INFO, frame.header().requestId()),
                        new byte[0]);
                return true;
            }
            return false;
        };

        assertThat(failure(resolve(client(options(node)), "88.118.8/a")))
                .isInstanceOf(ConnectionLostException.class)
                .hasRootCauseInstanceOf(ProtocolViolationException.class);
    }

    @Test
    void afterAGoodbyeOpenRequestsAreAnsweredAndNewOnesGoElsewhere() {
        List<Runnable> held = new CopyOnWriteArrayList<>();
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.RESOLVE && held.isEmpty()) {
                FrameHeader header = frame.header();
                ResolveRequest request = parse(frame.payload());
                held.add(() -> node.answer(context, header, echo(request), 0, false));
                FakeNode.send(context, FrameHeader.request(FrameType.GOODBYE, 0), new byte[0]);
                return true;
            }
            return false;
        };
        NodeClient client = client(options(node));
        CompletableFuture<RawAnswer> first = resolve(client, "88.118.8/first");
        Awaitility.await().until(() -> !held.isEmpty());

        assertThat(resolve(client, "88.118.8/a").join().payload()).isEqualTo(ITEM.encoded());
        assertThat(first).isNotDone();
        held.get(0).run();

        assertThat(first.join().payload().toStringUtf8()).isEqualTo("88.118.8/first");
        assertThat(node.accepted).hasValue(2);
    }

    @Test
    void theNextNodeIsAskedWhenTheFirstIsAway() throws Exception {
        FakeNode away = new FakeNode();
        int port = away.port();
        away.close();
        NodeClientOptions.Builder options = options().node("127.0.0.1", port).node("127.0.0.1", node.port());

        assertThat(resolve(client(options), "88.118.8/a").join().payload()).isEqualTo(ITEM.encoded());
    }

    @Test
    void theFirstNodeIsUsedAgainWhenItComesBack() {
        FakeNode first = new FakeNode();
        open.add(first);
        NodeClient client = client(options(first, node));
        resolve(client, "88.118.8/a").join();
        int port = first.port();
        first.close();
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(resolve(client, "88.118.8/a").join().outcome())
                                .isEqualTo(Outcome.RECORD));

        FakeNode back = new FakeNode(port);
        open.add(back);

        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(resolve(client, "88.118.8/a").join().outcome())
                                .isEqualTo(Outcome.NOT_FOUND));
    }

    private static long requests(FakeNode node, FrameType type) {
        return node.received.stream().filter(header -> header.type() == type).count();
    }

    @Test
    void aNodeThatTakesRequestsAndDoesNotAnswerIsPassedOver() {
        FakeNode first = new FakeNode();
        open.add(first);
        first.hold(ITEM);
        first.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;
        NodeClient client = client(options(first, node).requestTimeout(Duration.ofSeconds(4)));

        for (int i = 0; i < 50; i++) {
            assertThat(resolve(client, "88.118.8/a").join().node()).isEqualTo("127.0.0.1:" + node.port());
        }
        // The first one, and on a slow machine one a pause.
        assertThat(requests(first, FrameType.RESOLVE)).isLessThan(5);

        first.interception = (context, frame) -> false;
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> resolve(client, "88.118.8/a").join().node().equals("127.0.0.1:" + first.port()));
    }

    @Test
    void aNodeThatIsConnectedToAndNeverGreetsIsPassedOver() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            NodeClient client = client(options()
                    .node("127.0.0.1", silent.getLocalPort())
                    .node("127.0.0.1", node.port())
                    .requestTimeout(Duration.ofSeconds(4)));

            assertThat(resolve(client, "88.118.8/a").join().payload()).isEqualTo(ITEM.encoded());
        }
    }

    @Test
    void whereAllNodesAreSilentTheRequestRunsIntoItsTimeOut() {
        FakeNode other = new FakeNode();
        open.add(other);
        other.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;
        node.interception = other.interception;
        NodeClient client = client(options(other, node).requestTimeout(Duration.ofMillis(500)));

        assertThat(failure(resolve(client, "88.118.8/a"))).isInstanceOf(RequestTimeoutException.class);
        assertThat(requests(other, FrameType.RESOLVE)).isPositive();
        assertThat(requests(node, FrameType.RESOLVE)).isPositive();
        other.interception = (context, frame) -> false;
        other.hold(ITEM);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(resolve(client, "88.118.8/a")
                                .get(20, TimeUnit.SECONDS)
                                .outcome())
                        .isEqualTo(Outcome.RECORD));
    }

    @Test
    void aRegistrationThatTakesLongIsNotSentToAnotherNode() {
        FakeNode first = new FakeNode();
        open.add(first);
        first.interception = (context, frame) -> frame.header().type() == FrameType.REGISTER;
        NodeClient client = client(options(first, node).requestTimeout(Duration.ofMillis(500)));

        assertThat(failure(client.register(List.of(ITEM.encoded())))).isInstanceOf(RequestTimeoutException.class);

        assertThat(requests(node, FrameType.REGISTER)).isZero();
    }

    @Test
    void whereNoNodeCanBeReachedTheMessageNamesThem() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }

        assertThat(failure(resolve(client(options().node("127.0.0.1", port)), "88.118.8/a")))
                .isInstanceOf(NodeUnavailableException.class)
                .hasMessageContaining("127.0.0.1:" + port);
    }

    @Test
    void aNodeThatDoesNotGreetIsAway() {
        node.interception = (context, frame) -> true;

        assertThat(failure(resolve(client(options(node).connectTimeout(Duration.ofMillis(100))), "88.118.8/a")))
                .isInstanceOf(NodeUnavailableException.class)
                .hasMessageContaining("greeting");
    }

    @Test
    void aNodeOfAnotherProtocolVersionIsRefused() {
        node.welcome = Welcome.newBuilder(node.welcome).setVersion(2).build();

        assertThat(failure(resolve(client(options(node)), "88.118.8/a"))).hasMessageContaining("version 2");
    }

    @Test
    void failuresOfTheNodeHaveTypes() {
        assertThat(failureFor(Failure.Code.OVERLOADED)).isInstanceOf(NodeBusyException.class);
        assertThat(failureFor(Failure.Code.INTERNAL)).isInstanceOf(NodeErrorException.class);
        assertThat(failureFor(Failure.Code.UNAVAILABLE)).isInstanceOf(NodeUnavailableException.class);
        assertThat(failureFor(Failure.Code.OVER_LIMIT))
                .isInstanceOfSatisfying(
                        RequestRefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(Failure.Code.OVER_LIMIT));
    }

    private Throwable failureFor(Failure.Code code) {
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.INFO) {
                Failure failure =
                        Failure.newBuilder().setCode(code).setMessage("as told").build();
                FakeNode.send(context, FrameType.FAILED, frame.header().requestId(), failure);
                return true;
            }
            return false;
        };
        Throwable failure = failure(client(options(node)).info());
        assertThat(failure).hasMessage("as told");
        return failure;
    }

    @Test
    void aFullQueueRefusesAtOnce() {
        node.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;
        NodeClient client = client(options(node).maxQueuedRequests(2));
        client.info().join();
        resolve(client, "88.118.8/1");
        resolve(client, "88.118.8/2");

        assertThat(failure(resolve(client, "88.118.8/3"))).isInstanceOf(NodeBusyException.class);
    }

    @Test
    void closingFailsWhatIsOpen() {
        node.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;
        NodeClient client = client(options(node));
        CompletableFuture<RawAnswer> answer = resolve(client, "88.118.8/a");
        Awaitility.await().until(() -> node.received.size() == 2);

        client.close();

        assertThat(failure(answer)).isInstanceOf(WaymarkException.class);
        assertThat(failure(resolve(client, "88.118.8/a"))).isInstanceOf(ClientClosedException.class);
    }

    @Test
    void aBatchLargerThanTheNodeAllowsGoesInSeveralFrames() {
        node.welcome = Welcome.newBuilder(node.welcome).setMaxBatch(2).build();
        List<ByteString> records = IntStream.range(0, 5)
                .mapToObj(i -> PARTY.item("88.118.8/new" + i, "pump").encoded())
                .toList();
        NodeClient client = client(options(node));

        List<RegisterResult> results = client.register(
                        List.of(records.get(0), ITEM.encoded(), records.get(1), records.get(2), records.get(3)))
                .join();

        assertThat(results)
                .extracting(RegisterResult::getCode)
                .containsExactly(
                        RegisterResult.Code.CREATED,
                        RegisterResult.Code.UNCHANGED,
                        RegisterResult.Code.CREATED,
                        RegisterResult.Code.CREATED,
                        RegisterResult.Code.CREATED);
        assertThat(node.received)
                .filteredOn(header -> header.type() == FrameType.REGISTER)
                .hasSize(3);
    }

    @Test
    void recordsThatDoNotFitIntoOneFrameGoInSeveral() {
        String large = "x".repeat(60_000);
        List<ByteString> records = IntStream.range(0, 20)
                .mapToObj(i -> PARTY.item("88.118.8/large" + i, large).encoded())
                .toList();

        List<RegisterResult> results = client(options(node)).register(records).join();

        assertThat(results).hasSize(20).allMatch(result -> result.getCode() == RegisterResult.Code.CREATED);
        assertThat(node.received)
                .filteredOn(header -> header.type() == FrameType.REGISTER)
                .hasSize(2);
    }

    @Test
    void answersToManyComeInTheOrderOfTheKeys() {
        node.welcome = Welcome.newBuilder(node.welcome)
                .setMaxBatch(7)
                .setMaxInFlight(5)
                .build();
        List<RecordKey> keys = new ArrayList<>();
        for (int i = 0; i < 23; i++) {
            IdentifierRecord item = PARTY.item("88.118.8/many" + i, "pump");
            keys.add(item.key());
            if (i % 2 == 0) {
                node.hold(item);
            }
        }

        List<RawAnswer> answers = client(options(node))
                .resolveMany(keys, false, Set.of(), List.of())
                .join();

        assertThat(answers).hasSize(23);
        for (int i = 0; i < 23; i++) {
            assertThat(answers.get(i).outcome()).isEqualTo(i % 2 == 0 ? Outcome.RECORD : Outcome.NOT_FOUND);
        }
        assertThat(node.received)
                .filteredOn(header -> header.type() == FrameType.RESOLVE_MANY)
                .hasSize(5);
    }

    @Test
    void anItemThatIsAnsweredTwiceEndsTheConnection() {
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.RESOLVE_MANY) {
                twice(context, frame.header());
                return true;
            }
            return false;
        };

        assertThatThrownBy(() -> client(options(node))
                        .resolveMany(List.of(ITEM.key(), FakeNode.item("88.118.8/b")), false, Set.of(), List.of())
                        .join())
                .isInstanceOf(CompletionException.class)
                .hasRootCauseInstanceOf(ProtocolViolationException.class);
    }

    private void twice(ChannelHandlerContext context, FrameHeader header) {
        FakeNode.Reply reply = FakeNode.Reply.of(Outcome.RECORD, ITEM);
        node.answer(context, header, reply, 0, false);
        node.answer(context, header, reply, 0, true);
    }

    @Test
    void optionsOutOfRangeAreRefusedWithTheRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeClientOptions.builder().connectionsPerNode(0))
                .withMessageContaining("1 to 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeClientOptions.builder().node("a", 65_536))
                .withMessageContaining("1 to 65535");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeClientOptions.builder().requestTimeout(Duration.ZERO))
                .withMessageContaining("1 ms to 1 h");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeClientOptions.builder().build())
                .withMessageContaining("at least one node");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeClientOptions.builder().nodes("a:b"))
                .withMessageContaining("host:port");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeClientOptions.builder().nodes("http://a:2640"))
                .withMessageContaining("host:port");
    }

    @Test
    void nodesAreReadFromAList() {
        NodeClientOptions options = NodeClientOptions.builder()
                .nodes("a:1, b ,[::1]:3,::1, tls://c")
                .build();

        assertThat(options.nodes())
                .containsExactly(
                        new NodeClientOptions.Node("a", 1, false),
                        new NodeClientOptions.Node("b", 2640, false),
                        new NodeClientOptions.Node("::1", 3, false),
                        new NodeClientOptions.Node("::1", 2640, false),
                        new NodeClientOptions.Node("c", 2640, true));
    }
}
