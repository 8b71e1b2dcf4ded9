package org.waymark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.record.RecordValue;
import org.waymark.trust.BadSignatureException;
import org.waymark.trust.MissingConsentException;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.RevokedKeyException;
import org.waymark.trust.RevokedPrefixException;
import org.waymark.trust.RollbackException;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TakeoverException;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.UnknownKeyException;
import org.waymark.trust.UntrustedAnchorException;
import org.waymark.trust.VerificationException;
import org.waymark.trust.WrongIdentifierException;
import org.waymark.trust.WrongOwnerException;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

class ResolverClientTest {

    private static final String ITEM = "88.118.8/JXDY2106023";
    private static final Identifier IDENTIFIER = Identifier.parse(ITEM);
    private static final RecordKey ITEM_KEY = FakeNode.item(ITEM);
    private static final RecordKey ENTERPRISE_KEY = FakeNode.prefix("88.118.8");

    private final TestParty root = TestParty.of("88");
    private final TestParty secondary = TestParty.of("88.118");
    private final TestParty enterprise = TestParty.of("88.118.8");
    private final IdentifierRecord enterpriseRecord = secondary.delegate(enterprise);
    private final IdentifierRecord item = enterprise.item(ITEM, "轴向柱塞变量泵");
    private final FakeNode node = new FakeNode();
    private final List<AutoCloseable> open = new ArrayList<>(List.of(node));

    @BeforeEach
    void fill() {
        node.hold(root.root(), root.delegate(secondary), enterpriseRecord, item);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    private ResolverClient.Builder builder() {
        return ResolverClient.builder()
                .node("127.0.0.1", node.port())
                .connectionsPerNode(1)
                .requestTimeout(Duration.ofSeconds(20))
                .anchor(root.anchor());
    }

    private ResolverClient client(ResolverClient.Builder builder) {
        ResolverClient client = builder.build();
        open.add(0, client);
        return client;
    }

    private BlockingResolverClient client() {
        return client(builder().cachedAnswers(0)).blocking();
    }

    /** Prefix records that may be kept for no time at all. */
    private void nothingIsKept() {
        for (String prefix : List.of("88", "88.118", "88.118.8")) {
            node.twist(
                    FakeNode.prefix(prefix), reply -> new FakeNode.Reply(reply.outcome(), reply.payload(), 0, false));
        }
    }

    @Test
    void aRecordIsFoundAndVerifiedFromTheAnchorDown() {
        Resolution.Found found = (Resolution.Found) client().resolve(IDENTIFIER);

        assertThat(found.record()).isEqualTo(item);
        assertThat(found.chain())
                .extracting(prefix -> prefix.prefix().canonical())
                .containsExactly("88", "88.118", "88.118.8");
        assertThat(found.provenance().source()).isEqualTo(AnswerSource.NEAR_CACHE);
        assertThat(found.provenance().ownCache()).isFalse();
        assertThat(found.provenance().remainingLife()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aChainOfSm2KeysVerifies() {
        TestParty sm2 = TestParty.of("88.200", Suite.SM2);
        node.hold(sm2.root(), sm2.item("88.200/a", "pump"));

        assertThat(client(builder().anchor(sm2.anchor())).blocking().resolve(Identifier.parse("88.200/a")))
                .isInstanceOf(Resolution.Found.class);
    }

    @Test
    void aPrefixThatSignsPastTheOneBelowItIsNotBelieved() {
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        Identifier another = Identifier.parse("88.118.8/another");
        node.hold(secondary.item(another.canonical(), "made up"));

        assertThatThrownBy(() -> client.resolve(another)).isInstanceOf(WrongOwnerException.class);
    }

    @Test
    void aPrefixThatDelegatesPastTheOneBelowItIsNotBelieved() {
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        TestParty other = TestParty.of("88.118.9");
        node.hold(root.delegate(other), other.item("88.118.9/a", "made up"));

        assertThatThrownBy(() -> client.resolve(Identifier.parse("88.118.9/a")))
                .isInstanceOf(WrongOwnerException.class);
    }

    @Test
    void anAnchorBelowThePrefixThatSignsIsTheOwner() {
        node.forget(ITEM_KEY);
        node.hold(secondary.item(ITEM, "made up"));

        assertThatThrownBy(() ->
                        client(builder().anchor(enterprise.anchor())).blocking().resolve(IDENTIFIER))
                .isInstanceOf(WrongOwnerException.class);
    }

    @Test
    void aKeyThatGotItsRoleSinceIsLookedUpAgain() {
        SigningKey second = SigningKey.generate(Suite.ED25519);
        PartyKey delegating = PartyKey.active(second.verifyingKey(), Set.of(KeyRole.DELEGATE));
        IdentifierRecord before = secondary.delegateNext(
                enterprise, enterpriseRecord, enterprise.key(), List.of(enterprise.partyKey(), delegating));
        node.hold(before);
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        PartyKey signing = PartyKey.active(second.verifyingKey(), Set.of(KeyRole.DELEGATE, KeyRole.RECORDS));
        node.hold(
                secondary.delegateNext(enterprise, before, enterprise.key(), List.of(enterprise.partyKey(), signing)));
        node.hold(new RecordSigner(second)
                .sign(RecordDraft.item(Identifier.parse("88.118.8/b"), Prefix.parse("88.118.8"))
                        .build()));

        assertThat(client.resolve(Identifier.parse("88.118.8/b"))).isInstanceOf(Resolution.Found.class);
    }

    @Test
    void aSelectionOfValuesVerifiesToo() {
        Resolution.Found found =
                (Resolution.Found) client().resolve(IDENTIFIER, ResolveOptions.ALL.withTypes(List.of("model")));

        assertThat(found.record().values()).extracting(RecordValue::type).containsExactly("model");
        assertThat(found.record().isPartial()).isTrue();
    }

    @Test
    void whereNoAnchorVouchesForTheRootNothingIsTrusted() {
        ResolverClient client = client(ResolverClient.builder()
                .node("127.0.0.1", node.port())
                .anchor(TestParty.of("hdl:86").anchor()));

        assertThatThrownBy(() -> client.blocking().resolve(IDENTIFIER)).isInstanceOf(UntrustedAnchorException.class);
    }

    @Test
    void aRootWithOtherKeysThanTheAnchorIsNotTrusted() {
        ResolverClient client = client(ResolverClient.builder()
                .node("127.0.0.1", node.port())
                .anchor(TestParty.of("88").anchor()));

        assertThatThrownBy(() -> client.blocking().resolve(IDENTIFIER)).isInstanceOf(UntrustedAnchorException.class);
    }

    @Test
    void aRecordOfAnotherIdentifierIsRefused() {
        IdentifierRecord other = enterprise.item("88.118.8/other", "pump");
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, other));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(WrongIdentifierException.class);
    }

    @Test
    void aPrefixRecordOfAnotherPrefixIsRefused() {
        IdentifierRecord other = secondary.delegate(TestParty.of("88.118.9"));
        node.twist(ENTERPRISE_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, other));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(WrongIdentifierException.class);
    }

    @Test
    void aRecordThatAnotherPartySignedIsRefused() {
        IdentifierRecord forged =
                new TestParty(enterprise.prefix(), SigningKey.generate(Suite.ED25519)).item(ITEM, "counterfeit");
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, forged));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(UnknownKeyException.class);
    }

    @Test
    void aRecordWithAnotherRecordsSignatureIsRefused() {
        IdentifierRecord other = enterprise.item(ITEM, "other");
        ByteString mixed = mix(item, other);
        node.twist(ITEM_KEY, reply -> new FakeNode.Reply(Outcome.RECORD, mixed, 60_000, false));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(BadSignatureException.class);
    }

    private static ByteString mix(IdentifierRecord header, IdentifierRecord proof) {
        try {
            return org.waymark.v1.SignedRecord.parseFrom(header.encoded()).toBuilder()
                    .setProof(org.waymark.v1.SignedRecord.parseFrom(proof.encoded())
                            .getProof())
                    .build()
                    .toByteString();
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRevokedRecordThatIsAnsweredAsActiveIsRefused() {
        IdentifierRecord revoked = enterprise.itemAfter(item, draft -> draft.revoked());
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, revoked));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(TamperedRecordException.class);
    }

    @Test
    void anActiveRecordThatIsAnsweredAsRevokedIsRefused() {
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD_REVOKED, item));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(TamperedRecordException.class);
    }

    @Test
    void anOlderVersionThanOneThatWasSeenIsRefused() {
        BlockingResolverClient client = client();
        node.hold(enterprise.itemAfter(item, draft -> draft.value(1, "name", "second")));
        assertThat(client.resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);

        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, item));

        assertThatThrownBy(() -> client.resolve(IDENTIFIER))
                .isInstanceOf(RollbackException.class)
                .hasMessageContaining("version 2");
    }

    @Test
    void anOlderVersionFromACacheIsHealedByTheRegistry() {
        BlockingResolverClient client = client();
        node.hold(enterprise.itemAfter(item, draft -> draft.value(1, "name", "second")));
        client.resolve(IDENTIFIER);
        AtomicInteger answers = new AtomicInteger();
        node.twist(ITEM_KEY, reply -> answers.getAndIncrement() == 0 ? FakeNode.Reply.of(Outcome.RECORD, item) : reply);

        Resolution.Found found = (Resolution.Found) client.resolve(IDENTIFIER);

        assertThat(found.record().version()).isEqualTo(2);
        assertThat(found.provenance().sequence()).isEqualTo(4_711);
    }

    @Test
    void aSecondRecordOfTheSameVersionIsRefused() {
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        IdentifierRecord fork = enterprise.item(ITEM, "another");
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, fork));

        assertThatThrownBy(() -> client.resolve(IDENTIFIER)).isInstanceOf(RollbackException.class);
    }

    @Test
    void aKeyThatWasAddedSinceIsFoundByReadingTheChainAnew() {
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        SigningKey added = SigningKey.generate(Suite.ED25519);
        List<PartyKey> keys = List.of(enterprise.partyKey(), PartyKey.active(added.verifyingKey(), TestParty.ROLES));
        node.hold(secondary.delegateNext(enterprise, enterpriseRecord, enterprise.key(), keys));
        String second = "88.118.8/second";
        node.hold(new TestParty(enterprise.prefix(), added).item(second, "signed by the new key"));

        assertThat(client.resolve(Identifier.parse(second))).isInstanceOf(Resolution.Found.class);
    }

    @Test
    void whatARevokedKeySignedIsRefused() {
        List<PartyKey> keys = List.of(
                PartyKey.active(SigningKey.generate(Suite.ED25519).verifyingKey(), TestParty.ROLES),
                enterprise.partyKey().in(KeyState.KEY_REVOKED));
        node.hold(secondary.delegateNext(enterprise, enterpriseRecord, enterprise.key(), keys));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(RevokedKeyException.class);
    }

    @Test
    void aChainThroughARevokedKeyIsRefused() {
        List<PartyKey> keys = List.of(
                PartyKey.active(SigningKey.generate(Suite.ED25519).verifyingKey(), TestParty.ROLES),
                secondary.partyKey().in(KeyState.KEY_REVOKED));
        node.forget(FakeNode.prefix("88.118"));
        node.hold(root.delegate(secondary, keys, draft -> draft));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(RevokedKeyException.class);
    }

    @Test
    void aChainThroughARevokedPrefixIsRefused() {
        node.forget(FakeNode.prefix("88.118"));
        node.hold(root.delegate(secondary, List.of(secondary.partyKey()), draft -> draft.revoked()));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(RevokedPrefixException.class);
    }

    @Test
    void replacedKeysWithoutConsentAreATakeover() {
        nothingIsKept();
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        takeOver();

        assertThatThrownBy(() -> client.resolve(IDENTIFIER))
                .isInstanceOf(TakeoverException.class)
                .hasMessageContaining("epoch 2");
    }

    private void takeOver() {
        TestParty usurper = TestParty.of("88.118.8");
        node.hold(secondary.delegate(
                usurper,
                List.of(usurper.partyKey()),
                draft -> draft.following(1, enterpriseRecord.digest(Suite.ED25519.hash()))
                        .epoch(2)));
        node.hold(usurper.itemAfter(item, draft -> draft.ownerEpoch(2).value(1, "name", "signed by the new owner")));
    }

    @Test
    void aTakeoverThatWasAcceptedIsFollowed() {
        nothingIsKept();
        BlockingResolverClient client = client(builder().cachedAnswers(0).acceptEpoch(enterprise.prefix(), 2))
                .blocking();
        client.resolve(IDENTIFIER);
        takeOver();

        assertThat(((Resolution.Found) client.resolve(IDENTIFIER)).record().version())
                .isEqualTo(2);
    }

    @Test
    void aNewVersionOfAPrefixWithoutConsentIsRefused() {
        nothingIsKept();
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        TestParty usurper = TestParty.of("88.118.8");
        node.hold(secondary.delegate(
                enterprise,
                List.of(enterprise.partyKey(), usurper.partyKey()),
                draft -> draft.following(1, enterpriseRecord.digest(Suite.ED25519.hash()))));

        assertThatThrownBy(() -> client.resolve(IDENTIFIER)).isInstanceOf(MissingConsentException.class);
    }

    /** As when the prefix above disables it, and enables it again. */
    @Test
    void aPrefixThatIsRevokedAndRestoredWithoutItsConsentIsBelieved() {
        nothingIsKept();
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        IdentifierRecord disabled = inStatus(enterpriseRecord, true);
        node.hold(disabled);

        assertThatThrownBy(() -> client.resolve(IDENTIFIER)).isInstanceOf(RevokedPrefixException.class);
        node.hold(inStatus(disabled, false));
        assertThat(client.resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
    }

    private IdentifierRecord inStatus(IdentifierRecord before, boolean revoked) {
        return secondary.delegate(enterprise, List.of(enterprise.partyKey()), draft -> {
            draft.following(before.version(), before.digest(Suite.ED25519.hash()))
                    .expiresAt(before.expiresAt())
                    .issuedAt(Math.max(System.currentTimeMillis(), before.issuedAt()));
            return revoked ? draft.revoked() : draft;
        });
    }

    @Test
    void consentByAKeyThatIsNotOfTheVersionBeforeIsNone() {
        nothingIsKept();
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        TestParty usurper = TestParty.of("88.118.8");
        node.hold(secondary.delegateNext(
                enterprise, enterpriseRecord, usurper.key(), List.of(enterprise.partyKey(), usurper.partyKey())));

        assertThatThrownBy(() -> client.resolve(IDENTIFIER)).isInstanceOf(MissingConsentException.class);
    }

    @Test
    void versionsThatWereMissedAreWalkedOneByOne() {
        nothingIsKept();
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        SigningKey second = SigningKey.generate(Suite.ED25519);
        List<PartyKey> keys = List.of(
                enterprise.partyKey().in(KeyState.KEY_RETIRED),
                PartyKey.active(second.verifyingKey(), TestParty.ROLES));
        IdentifierRecord two = secondary.delegateNext(enterprise, enterpriseRecord, enterprise.key(), keys);
        IdentifierRecord three = secondary.delegateNext(enterprise, two, second, keys);
        IdentifierRecord four = secondary.delegateNext(enterprise, three, second, keys);
        node.hold(two, three, four);

        Resolution.Found found = (Resolution.Found) client.resolve(IDENTIFIER);

        assertThat(found.chain().get(2).record().version()).isEqualTo(4);
    }

    @Test
    void aGapWithAMissingConsentIsRefused() {
        nothingIsKept();
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        TestParty usurper = TestParty.of("88.118.8");
        List<PartyKey> keys = List.of(enterprise.partyKey(), usurper.partyKey());
        IdentifierRecord two = secondary.delegateNext(enterprise, enterpriseRecord, usurper.key(), keys);
        node.hold(two, secondary.delegateNext(enterprise, two, usurper.key(), keys));

        assertThatThrownBy(() -> client.resolve(IDENTIFIER)).isInstanceOf(MissingConsentException.class);
    }

    @Test
    void anOlderPrefixRecordThanOneThatWasSeenIsRefused() {
        nothingIsKept();
        node.hold(
                secondary.delegateNext(enterprise, enterpriseRecord, enterprise.key(), List.of(enterprise.partyKey())));
        BlockingResolverClient client = client();
        client.resolve(IDENTIFIER);
        node.twist(ENTERPRISE_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, enterpriseRecord));

        assertThatThrownBy(() -> client.resolve(IDENTIFIER)).isInstanceOf(RollbackException.class);
    }

    @Test
    void whatDidNotVerifyIsNotRemembered() {
        BlockingResolverClient client = client();
        IdentifierRecord forged = new TestParty(enterprise.prefix(), SigningKey.generate(Suite.ED25519))
                .itemAfter(item, draft -> draft.value(1, "name", "forged"));
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, forged));
        assertThatThrownBy(() -> client.resolve(IDENTIFIER)).isInstanceOf(VerificationException.class);
        node.twist(ITEM_KEY, reply -> reply);

        assertThat(client.resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
    }

    @Test
    void aRevokedRecordIsReportedWithItsEvidence() {
        IdentifierRecord revoked = enterprise.itemAfter(item, draft -> draft.revoked());
        node.hold(revoked);

        Resolution.Revoked resolution = (Resolution.Revoked) client().resolve(IDENTIFIER);

        assertThat(resolution.reason()).isEqualTo(Resolution.Revoked.Reason.RECORD);
        assertThat(resolution.evidence()).isEqualTo(revoked);
        assertThat(resolution.chain()).hasSize(3);
    }

    @Test
    void aRevokedPrefixIsReportedWithItsEvidence() {
        IdentifierRecord revoked =
                secondary.delegate(enterprise, List.of(enterprise.partyKey()), draft -> draft.revoked());
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD_REVOKED, revoked));

        Resolution.Revoked resolution = (Resolution.Revoked) client().resolve(IDENTIFIER);

        assertThat(resolution.reason()).isEqualTo(Resolution.Revoked.Reason.PREFIX);
        assertThat(resolution.chain())
                .extracting(prefix -> prefix.prefix().canonical())
                .containsExactly("88", "88.118");
    }

    @Test
    void aRevokedKeyIsReportedWithItsEvidence() {
        List<PartyKey> keys = List.of(
                PartyKey.active(SigningKey.generate(Suite.ED25519).verifyingKey(), TestParty.ROLES),
                enterprise.partyKey().in(KeyState.KEY_REVOKED));
        IdentifierRecord evidence = secondary.delegate(enterprise, keys, draft -> draft);
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD_REVOKED, evidence));

        Resolution.Revoked resolution = (Resolution.Revoked) client().resolve(IDENTIFIER);

        assertThat(resolution.reason()).isEqualTo(Resolution.Revoked.Reason.KEY);
    }

    @Test
    void aForgedRevocationIsRefused() {
        IdentifierRecord forged =
                TestParty.of("88.118").delegate(enterprise, List.of(enterprise.partyKey()), draft -> draft.revoked());
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD_REVOKED, forged));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(UnknownKeyException.class);
    }

    @Test
    void aPrefixRecordOfAnotherBranchIsNoEvidence() {
        IdentifierRecord other =
                secondary.delegate(TestParty.of("88.118.9"), List.of(enterprise.partyKey()), draft -> draft.revoked());
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD_REVOKED, other));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(WrongIdentifierException.class);
    }

    @Test
    void aPrefixRecordWhoseSignerWasRevokedBreaksTheChain() {
        List<PartyKey> keys = List.of(
                PartyKey.active(SigningKey.generate(Suite.ED25519).verifyingKey(), TestParty.ROLES),
                secondary.partyKey().in(KeyState.KEY_REVOKED));
        IdentifierRecord evidence = root.delegate(secondary, keys, draft -> draft);
        node.twist(ENTERPRISE_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD_REVOKED, evidence));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(RevokedKeyException.class);
    }

    @Test
    void aReferralNamesTheVerifiedAddresses() {
        NodeAddress address = NodeAddress.newBuilder()
                .setFace("waymark")
                .setHost("node.example.com")
                .setPort(2640)
                .build();
        IdentifierRecord referral = new RecordSigner(secondary.key())
                .sign(secondary.prefixDraft(
                        enterprise, List.of(enterprise.partyKey()), List.of(address), draft -> draft));
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.REFERRAL, referral));

        Resolution.Referral resolution = (Resolution.Referral)
                client(builder().followReferrals(false)).blocking().resolve(IDENTIFIER);

        assertThat(resolution.prefix().addresses()).containsExactly(address);
        assertThat(resolution.chain()).hasSize(3);
    }

    @Test
    void aReferralWithoutAddressesIsRefused() {
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.REFERRAL, enterpriseRecord));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER)).isInstanceOf(TamperedRecordException.class);
    }

    @Test
    void negativeOutcomesAreTyped() {
        assertThat(client().resolve(Identifier.parse("88.118.8/none")))
                .isInstanceOfSatisfying(
                        Resolution.NotFound.class,
                        notFound -> assertThat(notFound.owner()).isEqualTo("88.118.8"));
        node.twist(
                ITEM_KEY,
                reply -> FakeNode.Reply.of(
                        Outcome.NOT_RESPONSIBLE, AnswerDetail.newBuilder().setMessage("not here")));
        assertThat(client().resolve(IDENTIFIER))
                .isInstanceOfSatisfying(
                        Resolution.NotResponsible.class,
                        elsewhere -> assertThat(elsewhere.message()).isEqualTo("not here"));
        node.twist(
                ITEM_KEY,
                reply -> FakeNode.Reply.of(
                        Outcome.INVALID_IDENTIFIER,
                        AnswerDetail.newBuilder().setMessage("bad").setPosition(3)));
        assertThat(client().resolve(IDENTIFIER))
                .isInstanceOfSatisfying(
                        Resolution.InvalidIdentifier.class,
                        invalid -> assertThat(invalid.position()).isEqualTo(3));
    }

    @Test
    void aBusyNodeIsAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        node.twist(
                ITEM_KEY,
                reply -> asked.incrementAndGet() < 3
                        ? FakeNode.Reply.of(
                                Outcome.BUSY, AnswerDetail.newBuilder().setMessage("busy"))
                        : reply);

        assertThat(client().resolve(IDENTIFIER)).isInstanceOf(Resolution.Found.class);
        assertThat(asked).hasValue(3);
    }

    @Test
    void aNodeThatStaysBusyIsGivenUpOn() {
        node.twist(
                ITEM_KEY,
                reply -> FakeNode.Reply.of(
                        Outcome.BUSY, AnswerDetail.newBuilder().setMessage("busy")));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER))
                .isInstanceOf(NodeBusyException.class)
                .hasMessage("busy");
        assertThat(node.lookUps).hasSize(4);
    }

    @Test
    void anErrorOfTheNodeIsAnException() {
        node.twist(
                ITEM_KEY,
                reply -> FakeNode.Reply.of(
                        Outcome.ERROR, AnswerDetail.newBuilder().setMessage("broken")));

        assertThatThrownBy(() -> client().resolve(IDENTIFIER))
                .isInstanceOf(NodeErrorException.class)
                .hasMessage("broken");
    }

    @Test
    void aKeptAnswerNeedsNoNode() {
        BlockingResolverClient client = client(builder()).blocking();
        client.resolve(IDENTIFIER);
        int lookUps = node.lookUps.size();

        Resolution again = client.resolve(IDENTIFIER);

        assertThat(again.provenance().ownCache()).isTrue();
        assertThat(again.provenance().remainingLife()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
        assertThat(((Resolution.Found) again).record()).isEqualTo(item);
        assertThat(node.lookUps).hasSize(lookUps);
    }

    @Test
    void anAnswerWithoutLifeIsNotKept() {
        node.twist(ITEM_KEY, reply -> new FakeNode.Reply(reply.outcome(), reply.payload(), 0, false));
        BlockingResolverClient client = client(builder()).blocking();
        client.resolve(IDENTIFIER);

        assertThat(client.resolve(IDENTIFIER).provenance().ownCache()).isFalse();
    }

    @Test
    void aStaleAnswerSaysSoAndIsNotKept() {
        node.twist(ITEM_KEY, reply -> new FakeNode.Reply(reply.outcome(), reply.payload(), 60_000, true));
        BlockingResolverClient client = client(builder()).blocking();

        assertThat(client.resolve(IDENTIFIER).provenance().stale()).isTrue();
        assertThat(client.resolve(IDENTIFIER).provenance().ownCache()).isFalse();
    }

    @Test
    void anAuthoritativeLookUpPassesTheClientsCache() {
        BlockingResolverClient client = client(builder()).blocking();
        client.resolve(IDENTIFIER);

        Resolution again = client.resolve(IDENTIFIER, ResolveOptions.ALL.authoritatively());

        assertThat(again.provenance().ownCache()).isFalse();
        assertThat(again.provenance().sequence()).isEqualTo(4_711);
    }

    @Test
    void prefixRecordsAreFetchedOnceForManyItems() {
        List<Identifier> identifiers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String identifier = "88.118.8/many" + i;
            identifiers.add(Identifier.parse(identifier));
            node.hold(enterprise.item(identifier, "pump " + i));
        }

        List<Resolution> resolutions = client().resolveAll(identifiers);

        assertThat(resolutions).extracting(Resolution::identifier).isEqualTo(identifiers);
        assertThat(resolutions).allMatch(Resolution.Found.class::isInstance);
        assertThat(node.lookUps).hasSize(53);
    }

    @Test
    void oneTamperedItemOfManyFailsAlone() {
        IdentifierRecord other = enterprise.item("88.118.8/other", "pump");
        node.hold(other);
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, other));
        ResolverClient client = client(builder());

        List<CompletableFuture<Resolution>> answers =
                client.resolveAll(List.of(IDENTIFIER, Identifier.parse("88.118.8/other")));

        assertThat(answers.get(0)).failsWithin(Duration.ofSeconds(20));
        assertThat(answers.get(1).join()).isInstanceOf(Resolution.Found.class);
    }

    @Test
    void historyIsVerifiedFromTheNewestVersionBack() {
        IdentifierRecord two = enterprise.itemAfter(item, draft -> draft.value(1, "name", "second"));
        IdentifierRecord three = enterprise.itemAfter(two, draft -> draft.value(1, "name", "third"));
        node.hold(two, three);

        assertThat(client().history(IDENTIFIER))
                .extracting(HistoryVersion::record)
                .containsExactly(item, two, three);
    }

    @Test
    void aHistoryWithAReplacedVersionIsRefused() {
        IdentifierRecord two = enterprise.itemAfter(item, draft -> draft.value(1, "name", "second"));
        node.forget(ITEM_KEY);
        node.hold(enterprise.item(ITEM, "replaced"), two);

        assertThatThrownBy(() -> client().history(IDENTIFIER)).isInstanceOf(TamperedRecordException.class);
    }

    /** So that a prefix that is disabled stops resolving here as soon as its record has to be fetched again. */
    @Test
    void anAnswerIsKeptNoLongerThanAPrefixRecordMayBe() {
        int day = 86_400_000;
        for (RecordKey key :
                List.of(FakeNode.prefix("88"), FakeNode.prefix("88.118"), FakeNode.prefix("88.118.8"), ITEM_KEY)) {
            node.twist(key, reply -> new FakeNode.Reply(reply.outcome(), reply.payload(), day, false));
        }
        for (ResolverClient.Builder builder : List.of(builder(), builder().withoutVerification())) {
            BlockingResolverClient client = client(builder).blocking();
            client.resolve(IDENTIFIER);

            Provenance again = client.resolve(IDENTIFIER).provenance();

            assertThat(again.ownCache()).isTrue();
            assertThat(again.remainingLife()).isBetween(Duration.ofSeconds(200), Duration.ofSeconds(300));
        }
    }

    @Test
    void withoutVerificationAForgedRecordIsShown() {
        IdentifierRecord forged = TestParty.of("88.118.8").item(ITEM, "forged");
        node.twist(ITEM_KEY, reply -> FakeNode.Reply.of(Outcome.RECORD, forged));

        Resolution.Found found = (Resolution.Found)
                client(builder().withoutVerification()).blocking().resolve(IDENTIFIER);

        assertThat(found.record()).isEqualTo(forged);
        assertThat(found.chain()).isEmpty();
    }

    @Test
    void aPrefixIsTrustedWithTheChainAboveIt() {
        assertThat(client().trust(enterprise.prefix()).chain())
                .extracting(PrefixRecord::prefix)
                .extracting(Prefix::canonical)
                .containsExactly("88", "88.118", "88.118.8");
    }

    @Test
    void optionsOutOfRangeAreRefusedWithTheRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResolverClient.builder().node("127.0.0.1", 1).build())
                .withMessageContaining("anchor");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().cachedAnswers(-1))
                .withMessageContaining("0 to 10000000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().acceptEpoch(enterprise.prefix(), 0))
                .withMessageContaining("1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ResolveOptions(Set.of(0L), List.of(), false))
                .withMessageContaining("1 to 4294967295");
    }
}
