package org.waymark.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordDraft;
import org.waymark.trust.BadSignatureException;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.RevokedKeyException;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.UnknownKeyException;
import org.waymark.v1.Application;
import org.waymark.v1.CaseStep;
import org.waymark.v1.Decision;
import org.waymark.v1.Decision.Kind;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.PrefixCase.State;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.SignedStatement;

class CaseHistoryTest {

    private static final Prefix NODE = Prefix.parse("88.118");

    private final SigningKey nodeKey = SigningKey.generate(Suite.SM2);
    private final SigningKey enterprise = SigningKey.generate(Suite.ED25519);

    private Application draft() {
        return Application.newBuilder()
                .setScheme(IdentifierScheme.VAA)
                .setUnder("88.118")
                .setWished("88.118.9")
                .setName("湖南示例工程机械有限公司")
                .setCreditCode("91430100MAXYWM088M")
                .setContact("Li, 0731-0000000")
                .addKeys(PartyKey.active(enterprise.verifyingKey(), Set.of(KeyRole.DELEGATE, KeyRole.RECORDS))
                        .toProto())
                .setAppliedAt(1_000)
                .build();
    }

    private static PrefixRecord nodeRecord(PartyKey key) {
        RecordDraft.Builder draft =
                RecordDraft.prefix(NODE, NODE).epoch(1).ownerEpoch(1).expiresAt(Long.MAX_VALUE / 2);
        PrefixRecord.describe(
                draft, PrefixDescription.newBuilder().setName("node").build(), List.of(key), List.of());
        IdentifierRecord record = new RecordSigner(SigningKey.generate(Suite.ED25519)).sign(draft.build());
        return PrefixRecord.of(record);
    }

    private PrefixRecord decider() {
        return nodeRecord(PartyKey.active(nodeKey.verifyingKey(), Set.of(KeyRole.DELEGATE)));
    }

    private PrefixDecision decision(CaseNumber number, int step, RecordDigest previous, Kind kind, SigningKey key) {
        Decision.Builder draft = Decision.newBuilder()
                .setNumber(number.bytes())
                .setStep(step)
                .setPrevious(previous.bytes())
                .setKind(kind)
                .setReason("checked")
                .setDecidedAt(2_000)
                .setScheme(IdentifierScheme.VAA)
                .setSigner("88.118");
        if (LifeCycle.publishes(kind)) {
            draft.setPrefix("88.118.9").setRecord(number.bytes());
        }
        return PrefixDecision.sign(draft.build(), key);
    }

    /** A case with these steps, each following the one before. */
    private PrefixCase.Builder caseOf(PrefixApplication application, Kind... kinds) {
        PrefixCase.Builder whole = PrefixCase.newBuilder()
                .setNumber(application.number().bytes())
                .setApplication(application.toProto().toByteString());
        RecordDigest head = application.number().digest();
        for (int i = 0; i < kinds.length; i++) {
            PrefixDecision decision = decision(application.number(), i + 1, head, kinds[i], nodeKey);
            head = decision.digest(nodeKey.suite().hash());
            whole.addSteps(CaseStep.newBuilder().setDecision(decision.toProto().toByteString()));
        }
        return whole.setStepCount(kinds.length).setHead(head.bytes());
    }

    private CaseHistory verify(PrefixCase.Builder whole) {
        return CaseHistory.verify(whole.build(), whole.getStepsList(), decider());
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void anApplicationIsReadAsItWasSigned(Suite suite) {
        SigningKey key = SigningKey.generate(suite);
        PrefixApplication signed = PrefixApplication.sign(
                draft().toBuilder()
                        .setKeys(
                                0,
                                PartyKey.active(key.verifyingKey(), Set.of(KeyRole.DELEGATE))
                                        .toProto())
                        .build(),
                key);
        PrefixApplication read = PrefixApplication.parse(signed.toProto());
        assertThat(read.number()).isEqualTo(signed.number());
        assertThat(CaseNumber.parse(read.number().toString())).isEqualTo(read.number());
        assertThat(read.wished()).contains(Prefix.parse("88.118.9"));
        assertThat(read.contact()).isEqualTo("Li, 0731-0000000");
        assertThat(read.description().getContact()).isEmpty();
    }

    @Test
    void theSameWordsGiveAnotherNumber() {
        assertThat(PrefixApplication.sign(draft(), enterprise).number())
                .isNotEqualTo(PrefixApplication.sign(draft(), enterprise).number());
    }

    private void refuses(UnaryOperator<Application.Builder> change, String... says) {
        assertThatThrownBy(() ->
                        PrefixApplication.sign(change.apply(draft().toBuilder()).build(), enterprise))
                .isInstanceOf(InvalidRecordException.class)
                .satisfies(e -> {
                    for (String word : says) {
                        assertThat(e).hasMessageContaining(word);
                    }
                });
    }

    @Test
    void whatBreaksARuleIsNamed() {
        refuses(a -> a.setCreditCode("91430100MAXYWM088K"), "application.credit_code", "it would be 'M'");
        refuses(a -> a.setWished("88.119.9"), "application.wished", "not below 88.118");
        refuses(a -> a.setWished("88.118"), "application.wished");
        refuses(a -> a.setUnder("nonsense"), "application.under");
        refuses(a -> a.setName(""), "application.name");
        refuses(a -> a.setContact("x".repeat(257)), "application.contact", "1 to 256");
        refuses(Application.Builder::clearKeys, "application.keys", "1 to 8");
        refuses(a -> a.addKeys(a.getKeys(0)), "application.keys[1]", "second time");
        refuses(
                a -> a.setKeys(0, a.getKeys(0).toBuilder().setState(KeyState.KEY_RETIRED)),
                "application.keys[0].state");
        refuses(
                a -> a.setKeys(0, a.getKeys(0).toBuilder().clearRoles().addRoles(KeyRole.RECORDS)),
                "application.keys[0].roles");
        refuses(
                a -> a.addAddresses(NodeAddress.newBuilder().setFace("waymark").setHost("x")),
                "application.addresses[0].port");
        refuses(a -> a.setIndustry("x".repeat(65)), "application.industry");
    }

    @Test
    void anApplicationOfAKeyThatTheApplicantHasNotIsRefused() {
        assertThatThrownBy(() -> PrefixApplication.sign(draft(), SigningKey.generate(Suite.ED25519)))
                .hasMessageContaining("application.proof");
    }

    @Test
    void anApplicationOverItsLimitIsNotRead() {
        SignedStatement large = SignedStatement.newBuilder()
                .setStatement(ByteString.copyFrom(new byte[9_000]))
                .build();
        assertThatThrownBy(() -> PrefixApplication.parse(large)).hasMessageContaining("at most 8192");
    }

    @Test
    void aRejectionSaysWhy() {
        CaseNumber number = PrefixApplication.sign(draft(), enterprise).number();
        Decision silent = Decision.newBuilder()
                .setNumber(number.bytes())
                .setStep(1)
                .setPrevious(number.bytes())
                .setKind(Kind.REJECT)
                .setScheme(IdentifierScheme.VAA)
                .setSigner("88.118")
                .build();
        assertThatThrownBy(() -> PrefixDecision.sign(silent, nodeKey)).hasMessageContaining("decision.reason");
    }

    @Test
    void aWholeHistoryVerifies() {
        PrefixApplication application = PrefixApplication.sign(draft(), enterprise);
        CaseHistory history = verify(
                caseOf(application, Kind.REVIEW, Kind.APPROVE, Kind.DISABLE, Kind.ENABLE, Kind.DISABLE, Kind.DELETE));
        assertThat(history.state()).contains(State.DELETING);
        assertThat(history.decisions()).extracting(PrefixDecision::kind).contains(Kind.ENABLE);
        assertThat(history.application().orElseThrow().number()).isEqualTo(application.number());
    }

    @Test
    void aHistoryThatWasTamperedWithIsFound() {
        PrefixApplication application = PrefixApplication.sign(draft(), enterprise);
        PrefixCase.Builder whole = caseOf(application, Kind.REVIEW, Kind.APPROVE, Kind.DISABLE);
        List<CaseStep> steps = new ArrayList<>(whole.getStepsList());

        assertThatThrownBy(() -> verify(whole.clone().removeSteps(1))).isInstanceOf(TamperedRecordException.class);
        assertThatThrownBy(() -> verify(whole.clone().removeSteps(2))).isInstanceOf(TamperedRecordException.class);
        assertThatThrownBy(() -> verify(whole.clone().setSteps(0, steps.get(1)).setSteps(1, steps.get(0))))
                .isInstanceOf(TamperedRecordException.class);
        PrefixApplication other = PrefixApplication.sign(draft(), enterprise);
        assertThatThrownBy(() ->
                        verify(whole.clone().setApplication(other.toProto().toByteString())))
                .isInstanceOf(TamperedRecordException.class);
        assertThatThrownBy(() -> verify(caseOf(application, Kind.REVIEW, Kind.DISABLE)))
                .isInstanceOf(TamperedRecordException.class)
                .hasMessageContaining("in review");
    }

    @Test
    void aDecisionBySomebodyElseIsFound() {
        PrefixApplication application = PrefixApplication.sign(draft(), enterprise);
        SigningKey stranger = SigningKey.generate(Suite.SM2);
        PrefixDecision forged =
                decision(application.number(), 1, application.number().digest(), Kind.REVIEW, stranger);
        PrefixCase.Builder whole = caseOf(application)
                .addSteps(CaseStep.newBuilder().setDecision(forged.toProto().toByteString()));
        assertThatThrownBy(() -> verify(whole)).isInstanceOf(UnknownKeyException.class);

        SignedStatement good = decision(
                        application.number(), 1, application.number().digest(), Kind.REVIEW, nodeKey)
                .toProto();
        SignedStatement swapped =
                good.toBuilder().setProof(forged.toProto().getProof()).build();
        whole.setSteps(0, CaseStep.newBuilder().setDecision(swapped.toByteString()));
        assertThatThrownBy(() -> verify(whole)).isInstanceOf(BadSignatureException.class);

        PrefixCase.Builder sound = caseOf(application, Kind.REVIEW);
        PartyKey revoked = PartyKey.active(nodeKey.verifyingKey(), Set.of(KeyRole.DELEGATE))
                .in(KeyState.KEY_REVOKED);
        assertThatThrownBy(() -> CaseHistory.verify(sound.build(), sound.getStepsList(), nodeRecord(revoked)))
                .isInstanceOf(RevokedKeyException.class);
    }
}
