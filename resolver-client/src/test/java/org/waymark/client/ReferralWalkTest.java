package org.waymark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.UnknownKeyException;
import org.waymark.trust.WrongIdentifierException;
import org.waymark.trust.WrongOwnerException;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.KeyRole;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/** A national, a secondary and an enterprise node, each with the prefix records above it. */
class ReferralWalkTest {

    private static final String ITEM = "88.118.8/JXDY2106023";
    private static final Identifier IDENTIFIER = Identifier.parse(ITEM);
    private static final RecordKey ITEM_KEY = FakeNode.item(ITEM);

    private final TestParty root = TestParty.of("88");
    private final TestParty secondary = TestParty.of("88.118");
    private final TestParty enterprise = TestParty.of("88.118.8");
    private final FakeNode nationalNode = new FakeNode();
    private final FakeNode secondaryNode = new FakeNode();
    private final FakeNode enterpriseNode = new FakeNode();
    private final IdentifierRecord item = enterprise.item(ITEM, "轴向柱塞变量泵");
    private final IdentifierRecord secondaryRecord = root.delegate(secondary, addressOf(secondaryNode));
    private final IdentifierRecord enterpriseRecord = secondary.delegate(enterprise, addressOf(enterpriseNode));
    private final List<AutoCloseable> open = new ArrayList<>(List.of(nationalNode, secondaryNode, enterpriseNode));

    private static List<NodeAddress> addressOf(FakeNode node) {
        return List.of(TestParty.address(node.port(), 0));
    }

    @BeforeEach
    void fill() {
        IdentifierRecord rootRecord = root.root();
        nationalNode.hold(rootRecord).refer(secondaryRecord);
        secondaryNode.hold(rootRecord, secondaryRecord).refer(enterpriseRecord);
        enterpriseNode.hold(rootRecord, secondaryRecord, enterpriseRecord, item);
        for (FakeNode node : List.of(nationalNode, secondaryNode, enterpriseNode)) {
            node.sendsChains = true;
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    private ResolverClient.Builder builder() {
        return ResolverClient.builder()
                .node("127.0.0.1", nationalNode.port())
                .connectionsPerNode(1)
                .cachedAnswers(0)
                .requestTimeout(Duration.ofSeconds(20))
                .anchor(root.anchor());
    }

    private ResolverClient client(ResolverClient.Builder builder) {
        ResolverClient client = builder.build();
        open.add(0, client);
        return client;
    }

    private BlockingResolverClient client() {
        return client(builder()).blocking();
    }

    private static long requests(FakeNode node) {
        return node.received.stream()
                .filter(header -> header.type() != FrameType.HELLO)
                .count();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void referralsAreFollowedToTheRecordAndVerifiedFromTheAnchorDown() {
        Resolution.Found found = (Resolution.Found) client().resolve(IDENTIFIER);

        assertThat(found.record()).isEqualTo(item);
        assertThat(found.chain())
                .extracting(prefix -> prefix.prefix().canonical())
                .containsExactly("88", "88.118", "88.118.8");
    }

    @Test
    void aColdResolutionTakesOneRoundTripALevel() {
        client().resolve(IDENTIFIER);

        assertThat(List.of(requests(nationalNode), requests(secondaryNode), requests(enterpriseNode)))
                .containsExactly(1L, 1L, 1L);
    }

    @Test
    void aWarmResolutionAsksTheDeepestNodeAlone() {
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        IdentifierRecord another = enterprise.item("88.118.8/another", "pump");
        enterpriseNode.hold(another);

        assertThat(client.resolve(Identifier.parse("88.118.8/another"))).isInstanceOf(Resolution.Found.class);

        assertThat(List.of(requests(nationalNode), requests(secondaryNode), requests(enterpriseNode)))
                .containsExactly(1L, 1L, 2L);
        assertThat(enterpriseNode.accepted).hasValue(1);
    }

    @Test
    void nodesThatSendNoChainsAreAskedForThem() {
        for (FakeNode node : List.of(nationalNode, secondaryNode, enterpriseNode)) {
            node.sendsChains = false;
        }

        assertThat(client().resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
    }

    @Test
    void manyAreResolvedAtTheNodesThatServeThem() {
        IdentifierRecord hosted = secondary.item("88.118/valve", "valve");
        IdentifierRecord own = root.item("88/rule", "rule");
        secondaryNode.hold(hosted);
        nationalNode.hold(own);
        List<Identifier> all =
                new ArrayList<>(List.of(IDENTIFIER, Identifier.parse("88.118/valve"), Identifier.parse("88/rule")));
        IntStream.range(0, 50).forEach(i -> {
            enterpriseNode.hold(enterprise.item("88.118.8/" + i, "pump"));
            all.add(Identifier.parse("88.118.8/" + i));
        });
        BlockingResolverClient client = client();

        for (int round = 0; round < 2; round++) {
            assertThat(client.resolveAll(all))
                    .allSatisfy(resolution -> assertThat(resolution).isInstanceOf(Resolution.Found.class));
        }
    }

    @Test
    void whereReferralsAreNotFollowedTheyAreTheAnswer() {
        Resolution.Referral referral = (Resolution.Referral)
                client(builder().followReferrals(false)).blocking().resolve(IDENTIFIER);

        assertThat(referral.prefix().prefix()).isEqualTo(Prefix.parse("88.118"));
        assertThat(requests(secondaryNode)).isZero();
    }

    @Test
    void aReferralToAnotherFaceIsTheAnswer() {
        NodeAddress handle =
                TestParty.address(2_641, 0).toBuilder().setFace("handle").build();
        secondaryNode.refer(secondary.delegate(enterprise, List.of(handle)));

        assertThat(client().resolve(IDENTIFIER)).isInstanceOf(Resolution.Referral.class);
    }

    @Test
    void anyNodeMayBeAskedFirst() {
        nationalNode.hold(root.item("88.7/x", "pump"));
        IdentifierRecord homeAddress = new org.waymark.trust.RecordSigner(root.key())
                .sign(root.prefixDraft(root, List.of(root.partyKey()), addressOf(nationalNode), draft -> draft));
        FakeNode elsewhere = new FakeNode();
        open.add(elsewhere);
        elsewhere.refer(homeAddress);
        nationalNode.forget(FakeNode.prefix("88"));
        nationalNode.hold(homeAddress);
        ResolverClient client = client(ResolverClient.builder()
                .node("127.0.0.1", elsewhere.port())
                .cachedAnswers(0)
                .anchor(root.anchor()));

        assertThat(client.blocking().resolve(Identifier.parse("88.7/x"))).isInstanceOf(Resolution.Found.class);
    }

    @Test
    void aReferralToTheSamePrefixAgainIsALoop() {
        enterpriseNode.refer(enterpriseRecord);

        assertThatThrownBy(() -> client().resolve(IDENTIFIER))
                .isInstanceOf(ReferralException.class)
                .hasMessageContaining("the node of vaa:88.118.8 at 127.0.0.1:" + enterpriseNode.port())
                .hasMessageContaining("longer prefix");
    }

    @Test
    void aReferralUpwardIsRefused() {
        enterpriseNode.forget(ITEM_KEY);
        enterpriseNode.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.REFERRAL, secondaryRecord));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER))
                .isInstanceOf(ReferralException.class)
                .hasMessageContaining("refers to vaa:88.118:");
    }

    @Test
    void aReferralThatAnotherPartySignedIsNotFollowed() {
        TestParty impostor = new TestParty(secondary.prefix(), SigningKey.generate(Suite.ED25519));
        secondaryNode.refer(impostor.delegate(enterprise, addressOf(enterpriseNode)));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(UnknownKeyException.class);
        assertThat(requests(enterpriseNode)).isZero();
    }

    @Test
    void aReferralToAPrefixThatDoesNotCoverTheIdentifierIsNotFollowed() {
        TestParty other = TestParty.of("88.118.9");
        secondaryNode.twist(
                ITEM_KEY,
                reply -> FakeNode.Reply.of(Outcome.REFERRAL, secondary.delegate(other, addressOf(enterpriseNode))));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(WrongIdentifierException.class);
        assertThat(requests(enterpriseNode)).isZero();
    }

    @Test
    void aNodeThatIsAwayIsNamed() {
        secondaryNode.refer(secondary.delegate(enterprise, List.of(TestParty.address(freePort(), 0))));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER))
                .isInstanceOf(ReferralException.class)
                .hasMessageContaining("the node of vaa:88.118.8 at 127.0.0.1:")
                .hasMessageContaining("cannot connect")
                .extracting(e -> ((ReferralException) e).prefix())
                .isEqualTo(enterprise.prefix());
    }

    @Test
    void aNodeThatIsSilentIsNamedAfterItsTime() {
        enterpriseNode.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;

        assertThatThrownBy(() -> client(builder().requestTimeout(Duration.ofMillis(300)))
                        .blocking()
                        .resolve(IDENTIFIER))
                .isInstanceOf(ReferralException.class)
                .hasMessageContaining("the node of vaa:88.118.8")
                .hasCauseInstanceOf(WaymarkException.class);
    }

    @Test
    void aNodeThatIsNotResponsibleIsNamed() {
        enterpriseNode.twist(
                ITEM_KEY,
                reply -> FakeNode.Reply.of(
                        Outcome.NOT_RESPONSIBLE, AnswerDetail.newBuilder().setMessage("who is that?")));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER))
                .isInstanceOf(ReferralException.class)
                .hasMessageContaining("the node of vaa:88.118.8")
                .hasMessageContaining("not responsible: who is that?");
    }

    @Test
    void theNextAddressIsTriedWhereTheFirstIsAway() {
        secondaryNode.refer(secondary.delegate(
                enterprise, List.of(TestParty.address(enterpriseNode.port(), 7), TestParty.address(freePort(), 1))));

        assertThat(client().resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
    }

    @Test
    void theNextAddressIsTriedWhereTheFirstIsSilent() {
        FakeNode silent = new FakeNode();
        open.add(silent);
        silent.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;
        secondaryNode.refer(secondary.delegate(
                enterprise, List.of(TestParty.address(enterpriseNode.port(), 7), TestParty.address(silent.port(), 1))));

        assertThat(client(builder().requestTimeout(Duration.ofSeconds(4)))
                        .blocking()
                        .resolve(IDENTIFIER))
                .isInstanceOf(Resolution.Found.class);
        assertThat(requests(silent)).isPositive();
    }

    @Test
    void anAnswerIsPassedOnAsTheNodeSentIt() {
        ResolverClient client = client(builder().withoutRecursion());

        VerifiedAnswer answer = client.fetch(ITEM_KEY, false).join();

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(answer.payload()).isEqualTo(item.encoded());
        assertThat(answer.lifeMillis()).isBetween(1L, 60_000L);
        assertThat(answer.owner()).contains(Prefix.parse("88.118.8"));
        assertThat(answer.chain())
                .hasSize(3)
                .allSatisfy(link -> assertThat(link.lifeMillis()).isPositive());
        assertThat(enterpriseNode.received)
                .filteredOn(header -> header.type() == FrameType.RESOLVE)
                .allMatch(header -> header.has(FrameHeader.NO_RECURSION));
    }

    @Test
    void theRecordOfAPrefixIsPassedOnByTheNodeThatHoldsIt() {
        ResolverClient client = client(builder());

        VerifiedAnswer answer = client.fetch(enterpriseRecord.key(), false).join();

        assertThat(answer.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(answer.payload()).isEqualTo(enterpriseRecord.encoded());
        assertThat(requests(enterpriseNode)).isZero();
        VerifiedAnswer anchor = client.fetch(root.root().key(), false).join();
        assertThat(anchor.owner()).contains(Prefix.parse("88"));
    }

    @Test
    void thatThereIsNoSuchPrefixIsPassedOnAsItWasSaid() {
        RecordKey unknown = PrefixChains.key(Prefix.parse("88.118.9"));
        AnswerDetail.Builder detail = AnswerDetail.newBuilder().setOwner("88.118");
        secondaryNode.twist(unknown, reply -> FakeNode.Reply.of(Outcome.NOT_FOUND, detail));
        ResolverClient client = client(builder());

        VerifiedAnswer answer = client.fetch(unknown, false).join();

        assertThat(answer.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(answer.owner()).contains(Prefix.parse("88.118"));
        secondaryNode.twist(
                unknown,
                reply -> FakeNode.Reply.of(
                        Outcome.NOT_FOUND, AnswerDetail.newBuilder().setOwner("88.7")));
        assertThatThrownBy(() -> client.fetch(unknown, true).join()).hasCauseInstanceOf(WrongOwnerException.class);
    }

    @Test
    void aPrefixRecordThatAnotherPartySignedIsNotPassedOn() {
        TestParty impostor = TestParty.of("88.118");
        secondaryNode.twist(
                enterpriseRecord.key(),
                reply -> FakeNode.Reply.of(Outcome.RECORD, impostor.delegate(enterprise, addressOf(enterpriseNode))));

        assertThatThrownBy(() ->
                        client(builder()).fetch(enterpriseRecord.key(), false).join())
                .hasCauseInstanceOf(UnknownKeyException.class);
    }

    @Test
    void aBranchThatGaveNoAnswerIsLeftAloneForAPauseAndTriedByOneThen() {
        AtomicInteger pauses = new AtomicInteger();
        enterpriseNode.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;
        ResolverClient client = client(builder()
                .requestTimeout(Duration.ofMillis(300))
                .branchBackOff(Duration.ofMinutes(10), pauses::incrementAndGet));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            failure(client, ITEM_KEY);
            return pauses.get() > 0;
        });
        List<Long> before = List.of(requests(nationalNode), requests(secondaryNode), requests(enterpriseNode));

        for (int i = 0; i < 50; i++) {
            assertThat(failure(client, FakeNode.item("88.118.8/" + i)))
                    .isInstanceOf(ReferralException.class)
                    .hasMessageContaining("is asked again in");
        }

        assertThat(List.of(requests(nationalNode), requests(secondaryNode), requests(enterpriseNode)))
                .isEqualTo(before);
        assertThat(pauses).hasValue(1);
        // The branch above it goes on.
        RecordKey hosted = FakeNode.item("88.118/X");
        secondaryNode.hold(secondary.item("88.118/X", "a pump"));
        assertThat(client.fetch(hosted, false).join().outcome()).isEqualTo(Outcome.RECORD);
    }

    @Test
    void aBranchThatAnswersAgainIsAskedAgain() {
        enterpriseNode.interception = (context, frame) -> frame.header().type() == FrameType.RESOLVE;
        ResolverClient client =
                client(builder().requestTimeout(Duration.ofSeconds(1)).branchBackOff(Duration.ofMillis(100), () -> {}));
        assertThat(failure(client, ITEM_KEY)).isInstanceOf(ReferralException.class);
        enterpriseNode.interception = (context, frame) -> false;

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> client.fetch(ITEM_KEY, false).join().outcome() == Outcome.RECORD);
    }

    private static Throwable failure(ResolverClient client, RecordKey key) {
        try {
            client.fetch(key, false).orTimeout(30, TimeUnit.SECONDS).join();
            return null;
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    @Test
    void theAddressOfTheLowestPriorityIsTheFirst() {
        FakeNode second = new FakeNode();
        open.add(second);
        second.hold(item);
        secondaryNode.refer(secondary.delegate(
                enterprise, List.of(TestParty.address(second.port(), 2), TestParty.address(enterpriseNode.port(), 1))));

        client().resolve(IDENTIFIER);

        assertThat(requests(second)).isZero();
        assertThat(requests(enterpriseNode)).isOne();
    }

    @Test
    void aPrefixThatMovedIsFoundAtItsNewNode() {
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        FakeNode moved = new FakeNode();
        open.add(moved);
        IdentifierRecord next = new org.waymark.trust.RecordSigner(secondary.key())
                .signWithConsent(
                        secondary.prefixDraft(
                                enterprise,
                                List.of(enterprise.partyKey()),
                                addressOf(moved),
                                draft -> draft.following(1, enterpriseRecord.digest(Suite.ED25519.hash()))),
                        enterprise.key());
        moved.hold(item);
        secondaryNode.refer(next);
        enterpriseNode.close();

        assertThat(client.resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
        assertThat(requests(moved)).isOne();
    }

    @Test
    void aNodeThatComesBackIsAskedAgain() {
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        int port = enterpriseNode.port();
        enterpriseNode.close();
        assertThatThrownBy(() -> client.resolve(IDENTIFIER)).isInstanceOf(ReferralException.class);
        FakeNode back = new FakeNode(port);
        open.add(back);
        back.hold(item);

        await().until(() -> {
            try {
                return client.resolve(IDENTIFIER) instanceof Resolution.Found;
            } catch (ReferralException e) {
                return false;
            }
        });
    }

    @Test
    void eachStepIsTold() {
        List<Hop> hops = new CopyOnWriteArrayList<>();
        client(builder()).resolve(IDENTIFIER, ResolveOptions.ALL, hops::add).join();

        assertThat(hops).extracting(Hop::number).containsExactly(1, 2, 3);
        assertThat(hops)
                .extracting(hop -> hop.outcome().orElseThrow())
                .containsExactly(Outcome.REFERRAL, Outcome.REFERRAL, Outcome.RECORD);
        assertThat(hops)
                .extracting(hop -> hop.prefix().map(Prefix::canonical).orElse("-"))
                .containsExactly("-", "88.118", "88.118.8");
        assertThat(hops)
                .extracting(Hop::node)
                .containsExactly(
                        "127.0.0.1:" + nationalNode.port(),
                        "127.0.0.1:" + secondaryNode.port(),
                        "127.0.0.1:" + enterpriseNode.port());
    }

    @Test
    void connectionsThatAreNotUsedAreClosed() {
        ResolverClient client = client(builder().referredIdle(Duration.ofMillis(50)));
        client.blocking().resolve(IDENTIFIER);

        await().until(() -> client.referredNodes() == 0);
        assertThat(client.blocking().resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
    }

    @Test
    void noMoreNodesAreConnectedToThanAllowed() {
        ResolverClient client = client(builder().referredNodes(1));

        assertThat(client.blocking().resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
        assertThat(client.referredNodes()).isOne();
    }

    @Test
    void aKeyOfTheWrongRoleRefersNowhere() {
        SigningKey node = SigningKey.generate(Suite.ED25519);
        IdentifierRecord withNodeKey = root.delegate(
                secondary,
                List.of(
                        secondary.partyKey(),
                        org.waymark.trust.PartyKey.active(node.verifyingKey(), java.util.Set.of(KeyRole.NODE))),
                draft -> draft.value(3, "waymark.node", addressOf(secondaryNode).get(0)));
        nationalNode.refer(withNodeKey);
        TestParty online = new TestParty(secondary.prefix(), node);
        secondaryNode.refer(online.delegate(enterprise, addressOf(enterpriseNode)));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(org.waymark.trust.WrongRoleException.class);
    }

    @Test
    void theHistoryIsReadFromTheNodeThatServesThePrefix() {
        assertThat(client().history(IDENTIFIER)).hasSize(1);
    }

    @Test
    void aPrefixRecordThatComesAlongAndDoesNotVerifyIsFetchedInstead() {
        TestParty impostor = new TestParty(enterprise.prefix(), SigningKey.generate(Suite.ED25519));
        FakeNode hosting = new FakeNode();
        open.add(hosting);
        hosting.sendsChains = true;
        IdentifierRecord genuine = secondary.delegate(enterprise);
        hosting.hold(root.root(), secondaryRecord, genuine, item);
        // It comes along with the item, and is not what the node says when it is asked for it.
        hosting.alongside.put(FakeNode.prefix("88.118.8"), impostor.root());
        ResolverClient client = client(ResolverClient.builder()
                .node("127.0.0.1", hosting.port())
                .cachedAnswers(0)
                .anchor(root.anchor()));

        assertThat(client.blocking().resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
        assertThat(hosting.lookUps).contains(FakeNode.prefix("88.118.8"));
    }
}
