package org.waymark.node.endpoint.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.key;
import static org.waymark.node.endpoint.protobuf.TestEndpoint.record;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.node.endpoint.protobuf.WireClient.Received;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.InvalidCursorException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.Selection;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.record.RecordKey;
import org.waymark.v1.Failure;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.HistoryRequest;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterRequest;
import org.waymark.v1.RegisterResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.ResolveManyRequest;
import org.waymark.v1.ResolveRequest;
import org.waymark.v1.ScanRequest;
import org.waymark.v1.ScanResponse;
import org.waymark.v1.StatusRequest;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

@ExtendWith(NoLeaks.class)
class RequestsTest {

    private TestEndpoint endpoint;
    private WireClient client;

    @BeforeEach
    void connect() throws IOException {
        endpoint = new TestEndpoint();
        client = endpoint.greeted();
    }

    @AfterEach
    void close() {
        client.close();
        endpoint.close();
    }

    private static ResolveRequest request(String identifier) {
        return ResolveRequest.newBuilder().setKey(key(identifier).toProto()).build();
    }

    private static ByteString bytes(int count) {
        return ByteString.copyFrom(new byte[count]);
    }

    private AtomicReference<Query> rememberQuery() {
        AtomicReference<Query> asked = new AtomicReference<>();
        endpoint.onResolve(query -> {
            asked.set(query);
            return CompletableFuture.completedFuture(record("x"));
        });
        return asked;
    }

    /** The last request was refused by itself: the next one is answered. */
    private void assertConnectionGoesOn() throws IOException {
        client.write(WireClient.resolve(99, key("88.118.8/next")));
        assertThat(client.read().requestId()).isEqualTo(99);
    }

    @Test
    void aRecordIsAnsweredAsItIsStored() throws IOException {
        client.write(WireClient.resolve(0xCAFEBABE, key("88.118.8/a")));

        Received answer = client.read();

        assertThat(answer.type()).isEqualTo(FrameType.ANSWER);
        assertThat(answer.requestId()).isEqualTo(0xCAFEBABE);
        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(answer.source()).isEqualTo(AnswerSource.NEAR_CACHE.code());
        assertThat(answer.flags()).isZero();
        assertThat(answer.lifeMillis()).isBetween(1L, 60_000L);
        assertThat(new String(answer.payload(), StandardCharsets.UTF_8)).isEqualTo("about 88.118.8/a");
    }

    @Test
    void answersAreCountedByOutcomeAndSource() throws IOException {
        client.write(WireClient.resolve(1, key("88.118.8/a")), WireClient.resolve(2, key("88.118.8/b")));
        client.read();
        client.read();

        assertThat(endpoint.meters
                        .get("waymark.resolutions")
                        .tags("outcome", "RECORD", "source", "NEAR_CACHE")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void aLifeThatIsTooLongForTheFrameIsCut() throws IOException {
        endpoint.onResolve(query -> CompletableFuture.completedFuture(record(new byte[0], Long.MAX_VALUE)));
        client.write(WireClient.resolve(1, key("88.118.8/a")));

        assertThat(client.read().lifeMillis()).isEqualTo(0xFFFF_FFFFL);
    }

    @Test
    void aStaleAnswerSaysSoAndIsNotToBeKept() throws IOException {
        endpoint.onResolve(query -> CompletableFuture.completedFuture(
                new Answer(record(new byte[0], 1).content(), AnswerSource.REDIS, true)));
        client.write(WireClient.resolve(1, key("88.118.8/a")));

        Received answer = client.read();

        assertThat(answer.has(FrameHeader.STALE)).isTrue();
        assertThat(answer.lifeMillis()).isZero();
        assertThat(endpoint.count("waymark.resolutions.stale")).isEqualTo(1);
    }

    @Test
    void anAuthoritativeAnswerHasTheSequenceInFront() throws IOException {
        AtomicReference<Query> asked = rememberQuery();
        client.write(WireClient.frame(
                FrameHeader.request(FrameType.RESOLVE, 1).with(FrameHeader.AUTHORITATIVE), request("88.118.8/a")));

        Received answer = client.read();

        assertThat(asked.get().authoritative()).isTrue();
        assertThat(answer.has(FrameHeader.AUTHORITATIVE)).isTrue();
        assertThat(ByteBuffer.wrap(answer.payload()).getLong()).isEqualTo(7);
        assertThat(answer.payload()).hasSize(Long.BYTES + 1);
    }

    @Test
    void aPlainLookUpAsksForTheWholeRecord() throws IOException {
        AtomicReference<Query> asked = rememberQuery();
        client.write(WireClient.resolve(1, key("88.118.8/a")));
        client.read();

        assertThat(asked.get()).isEqualTo(Query.of(key("88.118.8/a")).onBehalfOf(InetAddress.getLoopbackAddress()));
    }

    @Test
    void aNodeThatIsToAnswerByItselfIsAskedOnNobodysBehalf() throws IOException {
        AtomicReference<Query> asked = rememberQuery();
        client.write(WireClient.frame(
                FrameHeader.request(FrameType.RESOLVE, 1).with(FrameHeader.NO_RECURSION),
                ResolveRequest.newBuilder().setKey(key("88.118.8/a").toProto()).build()));
        client.read();

        assertThat(asked.get()).isEqualTo(Query.of(key("88.118.8/a")));
    }

    @Test
    void aSelectionIsPassedOn() throws IOException {
        AtomicReference<Query> asked = rememberQuery();
        client.write(WireClient.frame(
                FrameType.RESOLVE,
                1,
                request("88.118.8/a").toBuilder()
                        .addIndexes(3)
                        .addIndexes(-1)
                        .addTypes("URL")
                        .build()));
        client.read();

        assertThat(asked.get().selection()).isEqualTo(new Selection(Set.of(3L, 0xFFFF_FFFFL), List.of("URL")));
    }

    @Test
    void anIndexOutsideOfAPackedListIsUnderstood() throws IOException {
        AtomicReference<Query> asked = rememberQuery();
        byte[] payload = WireClient.join(request("88.118.8/a").toByteArray(), new byte[] {0x10, 5, 0x10, 6});
        client.write(WireClient.frame(FrameHeader.request(FrameType.RESOLVE, 1), payload));
        client.read();

        assertThat(asked.get().selection().indexes()).containsExactlyInAnyOrder(5L, 6L);
    }

    @Test
    void tooManySelectorsAreOverTheLimit() throws IOException {
        ResolveRequest.Builder indexes = request("88.118.8/a").toBuilder();
        ResolveRequest.Builder types = request("88.118.8/a").toBuilder();
        for (int i = 0; i <= Limits.SELECTORS; i++) {
            indexes.addIndexes(i);
            types.addTypes("t" + i);
        }
        client.write(
                WireClient.frame(FrameType.RESOLVE, 1, indexes.build()),
                WireClient.frame(FrameType.RESOLVE, 2, types.build()));

        Failure first = client.read().failure();
        assertThat(first.getCode()).isEqualTo(Failure.Code.OVER_LIMIT);
        assertThat(first.getMessage()).contains("indexes").contains("256");
        assertThat(client.read().failure().getMessage()).contains("types").contains("256");
        assertConnectionGoesOn();
    }

    @Test
    void aTypeThatIsTooLongIsOverTheLimit() throws IOException {
        client.write(WireClient.frame(
                FrameType.RESOLVE,
                1,
                request("88.118.8/a").toBuilder().addTypes("t".repeat(130)).build()));

        assertThat(client.read().failure().getMessage()).contains("types[0] has 130 bytes");
        assertConnectionGoesOn();
    }

    @Test
    void aPayloadThatCannotBeReadIsRefusedByItself() throws IOException {
        client.write(WireClient.frame(FrameHeader.request(FrameType.RESOLVE, 5), new byte[] {0x0A, 100, 1}));

        Received failed = client.read();

        assertThat(failed.requestId()).isEqualTo(5);
        assertThat(failed.failure().getCode()).isEqualTo(Failure.Code.MALFORMED);
        assertThat(endpoint.count("waymark.frames.malformed")).isEqualTo(1);
        assertConnectionGoesOn();
    }

    @Test
    void aKeyInAnotherEncodingIsRefused() throws IOException {
        byte[] canonical = key("88.118.8/a").encoded();
        byte[] other = WireClient.join(canonical, new byte[] {0x08, 1});
        byte[] payload = WireClient.join(new byte[] {0x0A, (byte) other.length}, other);
        client.write(WireClient.frame(FrameHeader.request(FrameType.RESOLVE, 5), payload));

        assertThat(client.read().failure().getMessage()).contains("kind, scheme, identifier");
        assertConnectionGoesOn();
    }

    @Test
    void aLookUpWithoutKeyIsRefused() throws IOException {
        client.write(WireClient.frame(FrameHeader.request(FrameType.RESOLVE, 5), new byte[0]));

        assertThat(client.read().failure().getMessage()).isEqualTo("key is missing");
        assertConnectionGoesOn();
    }

    @Test
    void aKeyThatIsThereTwiceIsRefused() throws IOException {
        byte[] once = request("88.118.8/a").toByteArray();
        client.write(WireClient.frame(FrameHeader.request(FrameType.RESOLVE, 5), WireClient.join(once, once)));

        assertThat(client.read().failure().getMessage()).isEqualTo("key is there twice");
        assertConnectionGoesOn();
    }

    @Test
    void anIdentifierThatIsTooLongIsInvalid() throws IOException {
        client.write(WireClient.frame(
                FrameType.RESOLVE,
                1,
                ResolveRequest.newBuilder()
                        .setKey(org.waymark.v1.RecordKey.newBuilder()
                                .setKindValue(1)
                                .setSchemeValue(1)
                                .setIdentifier("8".repeat(2_049)))
                        .build()));

        Received answer = client.read();

        assertThat(answer.outcome()).isEqualTo(Outcome.INVALID_IDENTIFIER);
        assertThat(answer.detail().getMessage()).contains("more than 2048 bytes");
        assertConnectionGoesOn();
    }

    @Test
    void aBusyResolverGivesBusy() throws IOException {
        endpoint.onResolve(query -> CompletableFuture.failedFuture(new BusyException("queue 17 is full")));
        client.write(WireClient.resolve(1, key("88.118.8/a")));

        Received answer = client.read();

        assertThat(answer.outcome()).isEqualTo(Outcome.BUSY);
        assertThat(answer.lifeMillis()).isZero();
        assertThat(answer.detail().getMessage()).contains("try again").doesNotContain("17");
    }

    @Test
    void anUnavailableRegistryGivesAnErrorWithoutInternals() throws IOException {
        endpoint.onResolve(query -> CompletableFuture.supplyAsync(() -> {
            throw new UnavailableException("10.0.0.7 is down", null);
        }));
        client.write(WireClient.resolve(1, key("88.118.8/a")));

        Received answer = client.read();

        assertThat(answer.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(answer.detail().getMessage()).contains("away").doesNotContain("10.0.0.7");
    }

    @Test
    void aResolverThatThrowsGivesAnErrorWithoutInternals() throws IOException {
        endpoint.onResolve(query -> {
            throw new IllegalStateException("a secret");
        });
        client.write(WireClient.resolve(1, key("88.118.8/a")));

        Received answer = client.read();

        assertThat(answer.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(answer.detail().getMessage()).doesNotContain("secret");
    }

    @Test
    void answersOvertakeEachOther() throws IOException {
        CompletableFuture<Answer> slow = new CompletableFuture<>();
        endpoint.onResolve(query ->
                query.key().identifier().endsWith("slow") ? slow : CompletableFuture.completedFuture(record("quick")));
        client.write(WireClient.resolve(1, key("88.118.8/slow")), WireClient.resolve(2, key("88.118.8/quick")));

        assertThat(client.read().requestId()).isEqualTo(2);
        slow.complete(record("slow"));
        assertThat(client.read().requestId()).isEqualTo(1);
    }

    @Test
    void everyItemOfAResolveManyIsAnsweredAndTheLastOneSaysSo() throws IOException {
        endpoint.onResolve(query -> query.key().identifier().endsWith("3")
                ? CompletableFuture.supplyAsync(() -> record("late"))
                : CompletableFuture.completedFuture(record(query.key().identifier())));
        ResolveManyRequest.Builder many = ResolveManyRequest.newBuilder();
        for (int i = 0; i < 40; i++) {
            many.addRequests(request("88.118.8/" + i));
        }
        client.write(WireClient.frame(FrameType.RESOLVE_MANY, 6, many.build()));

        Set<Integer> items = new TreeSet<>();
        List<Boolean> last = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Received answer = client.read();
            assertThat(answer.requestId()).isEqualTo(6);
            items.add(answer.item());
            last.add(answer.has(FrameHeader.LAST));
            if (answer.item() % 10 != 3) {
                assertThat(answer.payload()).asString().isEqualTo("88.118.8/" + answer.item());
            }
        }

        assertThat(items)
                .containsExactlyElementsOf(IntStream.range(0, 40).boxed().toList());
        assertThat(last.subList(0, 39)).containsOnly(false);
        assertThat(last.get(39)).isTrue();
    }

    @Test
    void anInvalidIdentifierInAResolveManySpoilsOnlyItsItem() throws IOException {
        ResolveManyRequest many = ResolveManyRequest.newBuilder()
                .addRequests(request("88.118.8/a"))
                .addRequests(ResolveRequest.newBuilder()
                        .setKey(org.waymark.v1.RecordKey.newBuilder()
                                .setKindValue(1)
                                .setSchemeValue(1)
                                .setIdentifier("8".repeat(2_049))))
                .build();
        client.write(WireClient.frame(FrameType.RESOLVE_MANY, 6, many));

        List<Received> answers = List.of(client.read(), client.read());
        assertThat(answers)
                .extracting(Received::item, Received::outcome)
                .containsExactlyInAnyOrder(tuple(0, Outcome.RECORD), tuple(1, Outcome.INVALID_IDENTIFIER));
        assertThat(answers).extracting(answer -> answer.has(FrameHeader.LAST)).containsExactly(false, true);
    }

    @Test
    void anItemThatCannotBeReadFailsTheResolveManyAsAWhole() throws IOException {
        ResolveManyRequest many = ResolveManyRequest.newBuilder()
                .addRequests(request("88.118.8/a"))
                .addRequests(ResolveRequest.getDefaultInstance())
                .build();
        client.write(WireClient.frame(FrameType.RESOLVE_MANY, 6, many));

        assertThat(client.read().failure().getMessage()).isEqualTo("requests[1].key is missing");
        assertConnectionGoesOn();
    }

    @Test
    void anEmptyResolveManyIsRefused() throws IOException {
        client.write(WireClient.frame(FrameType.RESOLVE_MANY, 6, ResolveManyRequest.getDefaultInstance()));

        assertThat(client.read().failure().getMessage()).isEqualTo("requests is empty; 1 to 50 are allowed");
        assertConnectionGoesOn();
    }

    @Test
    void theItemsOfAResolveManySelectOnlySoMuchTogether() throws IOException {
        ResolveRequest.Builder item =
                ResolveRequest.newBuilder().setKey(key("88.118.8/a").toProto());
        for (int i = 1; i <= Limits.SELECTORS; i++) {
            item.addIndexes(i);
        }
        ResolveManyRequest.Builder many = ResolveManyRequest.newBuilder();
        for (int i = 0; i < Limits.SELECTORS_OF_MANY / Limits.SELECTORS; i++) {
            many.addRequests(item);
        }
        client.write(
                WireClient.frame(FrameType.RESOLVE_MANY, 1, many.build()),
                WireClient.frame(
                        FrameType.RESOLVE_MANY, 2, many.addRequests(item).build()));
        for (int i = 0; i < many.getRequestsCount(); i++) {
            Received received = client.read();
            if (received.requestId() == 1) {
                assertThat(received.outcome()).isEqualTo(Outcome.RECORD);
            } else {
                assertThat(received.failure().getCode()).isEqualTo(Failure.Code.OVER_LIMIT);
            }
        }
        assertConnectionGoesOn();
    }

    @Test
    void aResolveManyOverTheLimitIsRefused() throws IOException {
        ResolveManyRequest many = ResolveManyRequest.newBuilder()
                .addAllRequests(Collections.nCopies(51, request("88.118.8/a")))
                .build();
        client.write(WireClient.frame(FrameType.RESOLVE_MANY, 6, many));

        assertThat(client.read().failure().getCode()).isEqualTo(Failure.Code.OVER_LIMIT);
        assertConnectionGoesOn();
    }

    @Test
    void recordsAreRegisteredInOrder() throws IOException {
        client.write(WireClient.frame(
                FrameType.REGISTER,
                8,
                RegisterRequest.newBuilder()
                        .addRecords(bytes(1))
                        .addRecords(bytes(2))
                        .build()));

        Received registered = client.read();

        assertThat(registered.type()).isEqualTo(FrameType.REGISTERED);
        assertThat(registered.requestId()).isEqualTo(8);
        assertThat(RegisterResponse.parseFrom(registered.payload()).getResultsList())
                .extracting(RegisterResult::getSequence)
                .containsExactly(1L, 2L);
        assertThat(endpoint.meters
                        .get("waymark.registrations")
                        .tags("result", "CREATED")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void aRecordThatIsTooLargeIsRefusedByItself() throws IOException {
        client.write(WireClient.frame(
                FrameType.REGISTER,
                8,
                RegisterRequest.newBuilder()
                        .addRecords(bytes(1))
                        .addRecords(bytes(Limits.RECORD_BYTES + 1))
                        .addRecords(bytes(3))
                        .build()));

        List<RegisterResult> results =
                RegisterResponse.parseFrom(client.read().payload()).getResultsList();

        assertThat(results)
                .extracting(RegisterResult::getCode)
                .containsExactly(RegisterResult.Code.CREATED, RegisterResult.Code.INVALID, RegisterResult.Code.CREATED);
        assertThat(results.get(1).getReason()).isEqualTo(RefusalReason.LIMIT_EXCEEDED);
        assertThat(results.get(1).getField()).isEqualTo("records[1]");
        assertThat(results.get(2).getSequence()).isEqualTo(3);
    }

    @Test
    void registrationsOfNoneOrTooManyAreRefused() throws IOException {
        client.write(
                WireClient.frame(FrameType.REGISTER, 1, RegisterRequest.getDefaultInstance()),
                WireClient.frame(
                        FrameType.REGISTER,
                        2,
                        RegisterRequest.newBuilder()
                                .addAllRecords(Collections.nCopies(51, bytes(1)))
                                .build()));

        assertThat(client.read().failure().getCode()).isEqualTo(Failure.Code.MALFORMED);
        assertThat(client.read().failure().getCode()).isEqualTo(Failure.Code.OVER_LIMIT);
        assertConnectionGoesOn();
    }

    @Test
    void aRegistrationThatFailsSaysWhy() throws IOException {
        List<Failure.Code> codes = new ArrayList<>();
        for (RuntimeException fault :
                List.of(new BusyException("b"), new UnavailableException("u", null), new IllegalStateException("i"))) {
            endpoint.authority.onRegister = records -> CompletableFuture.failedFuture(fault);
            client.write(WireClient.frame(
                    FrameType.REGISTER,
                    1,
                    RegisterRequest.newBuilder().addRecords(bytes(1)).build()));
            codes.add(client.read().failure().getCode());
        }

        assertThat(codes).containsExactly(Failure.Code.OVERLOADED, Failure.Code.UNAVAILABLE, Failure.Code.INTERNAL);
    }

    @Test
    void historyIsAskedForWithinItsRanges() throws IOException {
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        endpoint.authority.onHistory = (key, fromVersion, limit) -> {
            asked.add(key + " " + fromVersion + " " + limit);
            return CompletableFuture.completedFuture(
                    HistoryResponse.newBuilder().setNextVersion(9).build());
        };
        HistoryRequest request =
                HistoryRequest.newBuilder().setKey(key("88.118.8/a").toProto()).build();
        client.write(
                WireClient.frame(FrameType.HISTORY, 1, request),
                WireClient.frame(
                        FrameType.HISTORY,
                        2,
                        request.toBuilder().setFromVersion(4).setLimit(5).build()),
                WireClient.frame(
                        FrameType.HISTORY, 3, request.toBuilder().setLimit(-1).build()));

        for (int i = 0; i < 3; i++) {
            Received page = client.read();
            assertThat(page.type()).isEqualTo(FrameType.HISTORY_PAGE);
            assertThat(HistoryResponse.parseFrom(page.payload()).getNextVersion())
                    .isEqualTo(9);
        }
        assertThat(asked).containsExactly("88.118.8/a 1 1000", "88.118.8/a 4 5", "88.118.8/a 1 1000");
    }

    @Test
    void aPageOfHistoryEndsWhereTheFrameIsFull() throws IOException {
        HistoryEntry entry = HistoryEntry.newBuilder()
                .setSequence(1)
                .setRecord(bytes(60 * 1_024))
                .build();
        endpoint.authority.onHistory = (key, fromVersion, limit) ->
                CompletableFuture.completedFuture(HistoryResponse.newBuilder()
                        .addAllEntries(Collections.nCopies(20, entry))
                        .build());
        client.write(WireClient.frame(
                FrameType.HISTORY,
                1,
                HistoryRequest.newBuilder()
                        .setKey(key("88.118.8/a").toProto())
                        .setFromVersion(3)
                        .build()));

        HistoryResponse page = HistoryResponse.parseFrom(client.read().payload());

        assertThat(page.getEntriesCount()).isEqualTo(17);
        assertThat(page.getNextVersion()).isEqualTo(20);
    }

    @Test
    void aRequestAboutTheLifeOfAPrefixIsPassedOnWithTheAddressThatItCameFrom() throws IOException {
        LifeCycleRequest request = LifeCycleRequest.newBuilder()
                .setStatus(StatusRequest.newBuilder().setFromStep(3))
                .build();
        client.write(WireClient.frame(FrameType.LIFE_CYCLE, 1, request));

        WireClient.Received result = client.read();

        assertThat(result.type()).isEqualTo(FrameType.LIFE_CYCLE_RESULT);
        assertThat(LifeCycleResponse.parseFrom(result.payload()).getMessage()).isEqualTo("STATUS from 127.0.0.1");
    }

    @Test
    void aRequestAboutTheLifeOfAPrefixHasItsLimits() throws IOException {
        client.write(
                WireClient.frame(FrameHeader.request(FrameType.LIFE_CYCLE, 1), new byte[100_000]),
                WireClient.frame(FrameHeader.request(FrameType.LIFE_CYCLE, 2), new byte[] {0x0A, 0x7F}));

        assertThat(Failure.parseFrom(client.read().payload()).getCode()).isEqualTo(Failure.Code.OVER_LIMIT);
        assertThat(Failure.parseFrom(client.read().payload()).getCode()).isEqualTo(Failure.Code.MALFORMED);
    }

    @Test
    void aScanIsAskedForWithinItsRanges() throws IOException {
        List<ScanQuery> asked = new CopyOnWriteArrayList<>();
        endpoint.authority.onScan = query -> {
            asked.add(query);
            return CompletableFuture.completedFuture(ScanResponse.newBuilder()
                    .setCursor(ByteString.copyFromUtf8("next"))
                    .build());
        };
        ScanRequest request =
                ScanRequest.newBuilder().setPrefix(prefixKey("88.118")).build();
        ByteString cursor = ByteString.copyFromUtf8("cursor");
        client.write(
                WireClient.frame(FrameType.SCAN, 1, request),
                WireClient.frame(
                        FrameType.SCAN,
                        2,
                        request.toBuilder()
                                .setCursor(cursor)
                                .setLimit(-1)
                                .setMaxBytes(7)
                                .setWithHistory(true)
                                .build()));

        for (int id = 1; id <= 2; id++) {
            WireClient.Received page = client.read();
            assertThat(page.type()).isEqualTo(FrameType.SCAN_PAGE);
            assertThat(ScanResponse.parseFrom(page.payload()).getCursor().toStringUtf8())
                    .isEqualTo("next");
        }
        Prefix prefix = Prefix.parse("88.118");
        assertThat(asked)
                .containsExactlyInAnyOrder(
                        new ScanQuery(prefix, ByteString.EMPTY, Limits.BATCH_ITEMS, Limits.FRAME_BYTES, false),
                        new ScanQuery(prefix, cursor, Limits.BATCH_ITEMS, 7, true));
    }

    private static org.waymark.v1.RecordKey prefixKey(String text) {
        return RecordKey.of(RecordKind.PREFIX, Scheme.VAA, text).toProto();
    }

    @Test
    void aScanThatIsWrongIsRefused() throws IOException {
        endpoint.authority.onScan =
                query -> CompletableFuture.failedFuture(new InvalidCursorException("cursor is not one"));
        ScanRequest good =
                ScanRequest.newBuilder().setPrefix(prefixKey("88.118")).build();
        client.write(
                WireClient.frame(FrameType.SCAN, 1, ScanRequest.getDefaultInstance()),
                WireClient.frame(
                        FrameType.SCAN,
                        2,
                        ScanRequest.newBuilder()
                                .setPrefix(key("88.118.8/a").toProto())
                                .build()),
                WireClient.frame(
                        FrameType.SCAN,
                        3,
                        ScanRequest.newBuilder().setPrefix(prefixKey("88..8")).build()),
                WireClient.frame(
                        FrameType.SCAN,
                        4,
                        good.toBuilder()
                                .setCursor(ByteString.copyFrom(new byte[Limits.SCAN_CURSOR_BYTES + 1]))
                                .build()),
                WireClient.frame(FrameHeader.request(FrameType.SCAN, 5), new byte[10_000]),
                WireClient.frame(FrameHeader.request(FrameType.SCAN, 6), new byte[] {0x0A}),
                WireClient.frame(FrameType.SCAN, 7, good));

        for (String message : List.of(
                "key.scheme",
                "prefix.kind",
                "empty segment",
                "cursor has 2065 bytes",
                "10000",
                "ScanRequest",
                "not one")) {
            WireClient.Received answer = client.read();
            assertThat(answer.type()).isEqualTo(FrameType.FAILED);
            assertThat(answer.failure().getMessage()).contains(message);
        }
    }

    @Test
    void aHistoryRequestThatIsWrongIsRefused() throws IOException {
        client.write(
                WireClient.frame(FrameType.HISTORY, 1, HistoryRequest.getDefaultInstance()),
                WireClient.frame(FrameHeader.request(FrameType.HISTORY, 2), new byte[5_000]),
                WireClient.frame(FrameHeader.request(FrameType.HISTORY, 3), new byte[] {0x0A}));

        assertThat(client.read().failure().getMessage()).contains("key.scheme");
        assertThat(client.read().failure().getCode()).isEqualTo(Failure.Code.OVER_LIMIT);
        assertThat(client.read().failure().getMessage()).contains("HistoryRequest");
        assertConnectionGoesOn();
    }

    @Test
    void theNodeTellsHowItIs() throws IOException {
        client.write(WireClient.frame(FrameHeader.request(FrameType.INFO, 4), new byte[0]));

        Received info = client.read();

        assertThat(info.type()).isEqualTo(FrameType.NODE_INFO);
        assertThat(info.requestId()).isEqualTo(4);
        assertThat(NodeInfo.parseFrom(info.payload()).getSoftware()).isEqualTo("waymark-node test");
    }
}
