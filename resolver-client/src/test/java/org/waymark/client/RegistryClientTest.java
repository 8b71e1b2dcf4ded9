package org.waymark.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Outcome;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.FrameType;

class RegistryClientTest {

    private static final RecordKey KEY = FakeNode.item("88.118.8/a");
    private static final ItemDraft DRAFT =
            ItemDraft.of(Identifier.parse("88.118.8/a")).value(2_000, "name", "pump");

    private final TestParty root = TestParty.of("88");
    private final TestParty enterprise = TestParty.of("88.118.8");
    private final FakeNode node = new FakeNode();
    private final NodeClient nodes = NodeClient.create(NodeClientOptions.builder()
            .node("127.0.0.1", node.port())
            .connectionsPerNode(1)
            .requestTimeout(Duration.ofSeconds(20))
            .build());
    private final RegistryClient registry = new RegistryClient(nodes);

    @BeforeEach
    void fill() {
        node.hold(root.root(), root.delegate(enterprise));
    }

    @AfterEach
    void close() {
        nodes.close();
        node.close();
    }

    private Registration publish(ItemDraft item) {
        return registry.publish(enterprise.key(), enterprise.prefix(), List.of(item))
                .join()
                .get(0);
    }

    @Test
    void theFirstVersionIsCreated() {
        Registration registration = publish(DRAFT);

        assertThat(registration.code()).isEqualTo(RegisterResult.Code.CREATED);
        assertThat(registration.isStored()).isTrue();
        assertThat(registration.key()).isEqualTo(KEY);
        assertThat(node.versions(KEY).get(0).values().get(0).data().toStringUtf8())
                .isEqualTo("pump");
    }

    @Test
    void theNextVersionNamesTheOneBeforeIt() {
        publish(DRAFT);

        assertThat(publish(DRAFT.value(2_001, "model", "SPV140")).code()).isEqualTo(RegisterResult.Code.UPDATED);

        List<IdentifierRecord> versions = node.versions(KEY);
        assertThat(SeenVersions.follows(versions.get(0), versions.get(1))).isTrue();
    }

    @Test
    void whatIsSaidAlreadyIsNotSaidAgain() {
        publish(DRAFT);
        long sent = registerFrames();

        assertThat(publish(DRAFT).code()).isEqualTo(RegisterResult.Code.UNCHANGED);
        assertThat(registerFrames()).isEqualTo(sent);
    }

    private long registerFrames() {
        return node.received.stream()
                .filter(header -> header.type() == FrameType.REGISTER)
                .count();
    }

    @Test
    void anotherLifeIsANewVersion() {
        publish(DRAFT);

        assertThat(publish(DRAFT.ttlSeconds(60)).code()).isEqualTo(RegisterResult.Code.UPDATED);
    }

    @Test
    void aRevokedItemCanBeActiveAgain() {
        publish(DRAFT);

        assertThat(publish(DRAFT.asRevoked()).code()).isEqualTo(RegisterResult.Code.UPDATED);
        assertThat(publish(DRAFT).code()).isEqualTo(RegisterResult.Code.UPDATED);
        assertThat(node.versions(KEY)).extracting(IdentifierRecord::isRevoked).containsExactly(false, true, false);
    }

    @Test
    void aRestrictedValueIsSaltedAndNamesItsReaders() {
        publish(DRAFT.restrictedValue(2_001, "cost", "17", List.of(Prefix.parse("88.118.900"))));

        assertThat(node.versions(KEY).get(0).values().get(1).readers()).containsExactly("88.118.900");
    }

    @Test
    void aVersionThatLostToAnotherWriterIsMadeAnewAfterTheOthers() {
        node.hold(enterprise.item("88.118.8/a", "of the other writer"));
        // The client reads before the other one writes.
        node.twist(KEY, reply -> FakeNode.Reply.of(Outcome.NOT_FOUND, AnswerDetail.newBuilder()));

        assertThat(publish(DRAFT).code()).isEqualTo(RegisterResult.Code.UPDATED);
        assertThat(node.versions(KEY)).hasSize(2);
    }

    @Test
    void whatTheNodeCannotStoreNowIsSentAgainAsItIs() {
        List<byte[]> sent = new ArrayList<>();
        AtomicInteger attempts = new AtomicInteger();
        node.interception = (context, frame) -> {
            if (frame.header().type() != FrameType.REGISTER) {
                return false;
            }
            sent.add(frame.payload());
            if (attempts.incrementAndGet() > 2) {
                return false;
            }
            RegisterResponse response = RegisterResponse.newBuilder()
                    .addResults(RegisterResult.newBuilder().setCode(RegisterResult.Code.RETRY))
                    .build();
            FakeNode.send(context, FrameType.REGISTERED, frame.header().requestId(), response);
            return true;
        };

        assertThat(publish(DRAFT).code()).isEqualTo(RegisterResult.Code.CREATED);
        assertThat(sent).hasSize(3);
        assertThat(sent.get(1)).isEqualTo(sent.get(0));
        assertThat(sent.get(2)).isEqualTo(sent.get(0));
    }

    @Test
    void aRegistrationWhoseAnswerIsLostIsStoredOnce() {
        AtomicBoolean lost = new AtomicBoolean();
        IdentifierRecord item = enterprise.item("88.118.8/a", "pump");
        node.interception = (context, frame) -> {
            if (frame.header().type() == FrameType.REGISTER && lost.compareAndSet(false, true)) {
                node.hold(item);
                context.close();
                return true;
            }
            return false;
        };

        assertThat(registry.register(item).join().code()).isEqualTo(RegisterResult.Code.UNCHANGED);
        assertThat(node.versions(KEY)).containsExactly(item);
    }

    @Test
    void aRefusalIsAResultWithItsReason() {
        node.refuse(
                KEY,
                RegisterResult.newBuilder()
                        .setCode(RegisterResult.Code.UNAUTHORISED)
                        .setReason(RefusalReason.KEY_IS_RETIRED)
                        .setField("header.key_id")
                        .setMessage("the key is retired")
                        .build());

        Registration registration = publish(DRAFT);

        assertThat(registration.isStored()).isFalse();
        assertThat(registration.reason()).isEqualTo(RefusalReason.KEY_IS_RETIRED);
        assertThat(registration.field()).isEqualTo("header.key_id");
    }

    @Test
    void manyItemsShareSignatures() {
        List<ItemDraft> items = IntStream.range(0, 130)
                .mapToObj(
                        i -> ItemDraft.of(Identifier.parse("88.118.8/many" + i)).value(2_000, "name", "pump " + i))
                .toList();

        List<Registration> results =
                registry.publish(enterprise.key(), enterprise.prefix(), items).join();

        assertThat(results).hasSize(130).allMatch(Registration::isStored);
        assertThat(items.stream()
                        .map(item -> node.versions(AnswerVerifier.itemKey(item.identifier()))
                                .get(0)
                                .proof()
                                .signature())
                        .distinct())
                .hasSize(3);
    }

    @Test
    void theOwnerIsTheLongestRegisteredPrefix() {
        assertThat(registry.owner(Identifier.parse("88.118.8/a")).join()).contains(Prefix.parse("88.118.8"));
        assertThat(registry.owner(Identifier.parse("88.118.9/a")).join()).contains(Prefix.parse("88"));
        assertThat(registry.owner(Identifier.parse("20.500/a")).join()).isEqualTo(Optional.empty());
    }

    @Test
    void aRefusalByANodeThatDoesNotServeThePrefixNamesTheOneThatDoes() {
        node.refer(root.delegate(enterprise, List.of(TestParty.address(2_640, 0))));
        RegisterResult refusal = RegisterResult.newBuilder()
                .setCode(RegisterResult.Code.NOT_RESPONSIBLE)
                .setMessage("vaa:88.118.8 is served by a node of its own; register there")
                .build();
        node.refuse(KEY, refusal);

        assertThat(registry.register(enterprise.item("88.118.8/a", "pump"))
                        .join()
                        .refusal())
                .contains("register there; the node of vaa:88.118.8 is at waymark 127.0.0.1:2640");

        RecordKey other = FakeNode.item("88/x");
        node.refuse(other, refusal);
        assertThat(registry.register(root.item("88/x", "pump")).join().refusal())
                .endsWith("register there");
    }
}
