package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.identifier.Prefix;
import org.waymark.lifecycle.CaseHistory;
import org.waymark.lifecycle.CaseNumber;
import org.waymark.lifecycle.CaseQuestion;
import org.waymark.lifecycle.LifeCycle;
import org.waymark.lifecycle.PrefixApplication;
import org.waymark.lifecycle.PrefixDecision;
import org.waymark.node.TestParties;
import org.waymark.node.TestParties.Party;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TamperedRecordException;
import org.waymark.v1.Application;
import org.waymark.v1.CaseQuery;
import org.waymark.v1.CaseStep;
import org.waymark.v1.DecideRequest;
import org.waymark.v1.Decision;
import org.waymark.v1.Decision.Kind;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.KeyRole;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LifeCycleResponse.Code;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.PrefixCase.State;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.SignedStatement;
import org.waymark.v1.StatusRequest;

class PrefixCasesTest {

    private static final String SOURCE = "192.0.2.1";
    private static final String WISHED = "88.118.77";

    @TempDir
    Path directory;

    private final TestParties parties = new TestParties(Suite.SM2);
    private final Party root = parties.root;
    private final SigningKey enterprise = SigningKey.generate(Suite.ED25519);
    private Registry registry;
    private Registrar registrar;

    @BeforeEach
    void openRegistry() throws InterruptedException {
        open();
        assertThat(registrar.register(parties.prefixRecords().stream()
                        .map(IdentifierRecord::encoded)
                        .toList()))
                .allMatch(result -> result.getCode() == RegisterResult.Code.CREATED);
    }

    private void open() {
        registry = RocksRegistry.open(directory.resolve("registry"), RocksOptions.defaults());
        registrar = new Registrar(registry, new PrefixTable(registry), parties.anchors(), Clock.systemUTC());
    }

    @AfterEach
    void closeRegistry() {
        registry.close();
    }

    private Application.Builder draft(SigningKey key) {
        return Application.newBuilder()
                .setScheme(IdentifierScheme.VAA)
                .setUnder("88.118")
                .setWished(WISHED)
                .setName("湖南示例工程机械有限公司")
                .setCreditCode("91430100MAXYWM088M")
                .setContact("Li, 0731-0000000")
                .addKeys(PartyKey.active(key.verifyingKey(), Set.of(KeyRole.DELEGATE, KeyRole.RECORDS))
                        .toProto())
                .setAppliedAt(System.currentTimeMillis());
    }

    private LifeCycleResponse ask(LifeCycleRequest.Builder request) throws InterruptedException {
        return registrar.lifeCycle(request.build(), SOURCE);
    }

    private LifeCycleResponse apply(PrefixApplication application) throws InterruptedException {
        return ask(LifeCycleRequest.newBuilder().setApply(application.toProto()));
    }

    private PrefixApplication applied() throws InterruptedException {
        PrefixApplication application = PrefixApplication.sign(draft(enterprise).build(), enterprise);
        assertThat(apply(application).getCode()).isEqualTo(Code.DONE);
        return application;
    }

    private PrefixCase status(CaseNumber number) throws InterruptedException {
        LifeCycleResponse response = ask(LifeCycleRequest.newBuilder()
                .setStatus(StatusRequest.newBuilder().setNumber(number.bytes())));
        assertThat(response.getCode()).isEqualTo(Code.DONE);
        return response.getCases(0);
    }

    private LifeCycleResponse query(CaseQuery.Builder query, SigningKey key) throws InterruptedException {
        CaseQuestion question = CaseQuestion.sign(
                query.setScheme(IdentifierScheme.VAA)
                        .setSigner("88.118")
                        .setAskedAt(query.getAskedAt() == 0 ? System.currentTimeMillis() : query.getAskedAt())
                        .build(),
                key);
        return ask(LifeCycleRequest.newBuilder().setQuery(question.toProto()));
    }

    private PrefixCase caseOf(CaseNumber number) throws InterruptedException {
        return query(CaseQuery.newBuilder().setNumber(number.bytes()), root.delegatingKey())
                .getCases(0);
    }

    private PrefixDecision decision(PrefixCase open, Kind kind, IdentifierRecord record, SigningKey key) {
        Decision.Builder draft = Decision.newBuilder()
                .setNumber(open.getNumber())
                .setStep(open.getStepCount() + 1)
                .setPrevious(open.getHead())
                .setKind(kind)
                .setReason("looked into")
                .setDecidedAt(System.currentTimeMillis())
                .setScheme(IdentifierScheme.VAA)
                .setSigner("88.118");
        if (record != null) {
            draft.setPrefix(record.key().identifier())
                    .setRecord(record.digest(key.suite().hash()).bytes());
        }
        return PrefixDecision.sign(draft.build(), key);
    }

    private LifeCycleResponse send(PrefixDecision decision, IdentifierRecord record) throws InterruptedException {
        DecideRequest.Builder request = DecideRequest.newBuilder().setDecision(decision.toProto());
        if (record != null) {
            request.setRecord(record.encoded());
        }
        return ask(LifeCycleRequest.newBuilder().setDecide(request));
    }

    private LifeCycleResponse decide(CaseNumber number, Kind kind, IdentifierRecord record)
            throws InterruptedException {
        PrefixCase open = caseOf(number);
        return send(decision(open, kind, record, root.delegatingKey()), record);
    }

    private IdentifierRecord approved(PrefixApplication application) {
        RecordDraft.Builder draft = RecordDraft.prefix(Prefix.parse(WISHED), root.prefix())
                .epoch(1)
                .ownerEpoch(1)
                .expiresAt(System.currentTimeMillis() + 86_400_000);
        PrefixRecord.describe(draft, application.description(), application.keys(), application.addresses());
        return new RecordSigner(root.delegatingKey()).sign(draft.build());
    }

    private IdentifierRecord current(String prefix) {
        return IdentifierRecord.parse(
                registry.read(Records.prefix(prefix)).orElseThrow().record());
    }

    private IdentifierRecord next(String prefix, boolean revoked) {
        IdentifierRecord current = current(prefix);
        RecordDraft.Builder draft = RecordDraft.prefix(Prefix.parse(prefix), root.prefix())
                .expiresAt(current.expiresAt())
                .ttlSeconds(current.ttlSeconds());
        current.values().forEach(value -> draft.value(value.index(), value.type(), value.data()));
        RecordDraft.Builder following = parties.following(current, draft);
        return root.sign(revoked ? following.revoked() : following);
    }

    private PrefixApplication enabled() throws InterruptedException {
        PrefixApplication application = applied();
        assertThat(decide(application.number(), Kind.REVIEW, null).getCode()).isEqualTo(Code.DONE);
        LifeCycleResponse response = decide(application.number(), Kind.APPROVE, approved(application));
        assertThat(response.getMessage()).isEmpty();
        assertThat(response.getSequence()).isEqualTo(registry.lastSequence());
        return application;
    }

    private RegisterResult registerItem(String suffix) throws InterruptedException {
        Party party = Party.withNewKeys(Suite.ED25519, WISHED);
        RecordDraft.Builder item = party.itemDraft(suffix);
        IdentifierRecord record = new RecordSigner(enterprise).sign(item.build());
        return registrar.register(List.of(record.encoded())).get(0);
    }

    @Test
    void anApplicationThatIsApprovedBecomesAPrefixThatRegisters() throws InterruptedException {
        PrefixApplication application = enabled();

        assertThat(status(application.number()).getState()).isEqualTo(State.ENABLED);
        assertThat(registerItem("PUMP-1").getCode()).isEqualTo(RegisterResult.Code.CREATED);
        PrefixCase whole = caseOf(application.number());
        PrefixRecord decider = PrefixRecord.of(current("88.118"));
        CaseHistory history = CaseHistory.verify(whole, whole.getStepsList(), decider);
        assertThat(history.decisions()).extracting(PrefixDecision::kind).containsExactly(Kind.REVIEW, Kind.APPROVE);
        assertThat(PrefixRecord.of(current(WISHED)).description().getContact()).isEmpty();
    }

    @Test
    void everyStepIsThereAfterTheRegistryWasOpenedAgain() throws InterruptedException {
        PrefixApplication application = enabled();
        decide(application.number(), Kind.DISABLE, next(WISHED, true));
        registry.close();
        open();

        PrefixCase whole = caseOf(application.number());
        assertThat(whole.getState()).isEqualTo(State.DISABLED);
        assertThat(whole.getStepsCount()).isEqualTo(3);
        assertThat(PrefixApplication.sign(draft(enterprise).build(), enterprise).number())
                .isNotEqualTo(application.number());
    }

    @Test
    void aPrefixIsDisabledAndEnabledWithoutItsConsent() throws InterruptedException {
        CaseNumber number = enabled().number();

        assertThat(decide(number, Kind.DISABLE, next(WISHED, true)).getCases(0).getState())
                .isEqualTo(State.DISABLED);
        assertThat(registerItem("PUMP-1").getMessage()).contains("is revoked");
        assertThat(decide(number, Kind.ENABLE, next(WISHED, false)).getCases(0).getState())
                .isEqualTo(State.ENABLED);
        assertThat(registerItem("PUMP-1").getCode()).isEqualTo(RegisterResult.Code.CREATED);
    }

    @Test
    void aPrefixThatIsBeingDeletedTakesNothingAndDoesNotComeBack() throws InterruptedException {
        CaseNumber number = enabled().number();
        assertThat(decide(number, Kind.DELETE, next(WISHED, true)).getCases(0).getState())
                .isEqualTo(State.DELETING);

        assertThat(registerItem("PUMP-1").getMessage()).contains("is revoked");
        LifeCycleResponse refused = decide(number, Kind.ENABLE, next(WISHED, false));
        assertThat(refused.getCode()).isEqualTo(Code.WRONG_STATE);
        assertThat(refused.getMessage()).contains("deleting").contains("final");
        RegisterResult restored =
                registrar.register(List.of(next(WISHED, false).encoded())).get(0);
        assertThat(restored.getCode()).isEqualTo(RegisterResult.Code.UNAUTHORISED);
        assertThat(restored.getReason()).isEqualTo(RefusalReason.PREFIX_DELETED);
    }

    @Test
    void aPrefixThatNobodyAppliedForIsDecidedAboutToo() throws InterruptedException {
        CaseQuery.Builder query = CaseQuery.newBuilder().setPrefix("88.118.8");
        PrefixCase found = query(query, root.delegatingKey()).getCases(0);
        assertThat(found.getState()).isEqualTo(State.ENABLED);
        assertThat(found.getNumber())
                .isEqualTo(registry.read(Records.prefix("88.118.8"), 1)
                        .orElseThrow()
                        .digest());

        IdentifierRecord revoked = next("88.118.8", true);
        LifeCycleResponse response = send(decision(found, Kind.DISABLE, revoked, root.delegatingKey()), revoked);

        assertThat(response.getCode()).isEqualTo(Code.DONE);
        PrefixCase after = query(query, root.delegatingKey()).getCases(0);
        assertThat(after.getState()).isEqualTo(State.DISABLED);
        assertThat(after.getStepsCount()).isEqualTo(1);
        LifeCycleResponse status = ask(LifeCycleRequest.newBuilder()
                .setStatus(StatusRequest.newBuilder().setNumber(found.getNumber())));
        assertThat(status.getCode()).isEqualTo(Code.UNKNOWN_CASE);
    }

    @Test
    void sendingAgainChangesNothing() throws InterruptedException {
        PrefixApplication application = applied();
        assertThat(apply(application).getCode()).isEqualTo(Code.ALREADY);
        PrefixCase open = caseOf(application.number());
        PrefixDecision review = decision(open, Kind.REVIEW, null, root.delegatingKey());

        assertThat(send(review, null).getCode()).isEqualTo(Code.DONE);
        LifeCycleResponse again = send(review, null);
        assertThat(again.getCode()).isEqualTo(Code.ALREADY);
        assertThat(again.getCases(0).getStepCount()).isEqualTo(1);
        LifeCycleResponse other = send(decision(open, Kind.REJECT, null, root.delegatingKey()), null);
        assertThat(other.getCode()).isEqualTo(Code.WRONG_STATE);
        assertThat(other.getMessage()).contains("somebody else has decided");
    }

    @Test
    void aDecisionInTheWrongStateIsToldTheStateAndWhatIsAllowed() throws InterruptedException {
        PrefixApplication application = applied();

        LifeCycleResponse early = decide(application.number(), Kind.APPROVE, approved(application));

        assertThat(early.getCode()).isEqualTo(Code.WRONG_STATE);
        assertThat(early.getMessage())
                .isEqualTo("the state is awaiting review, in which approve is not allowed; allowed: review, reject");
        assertThat(registry.read(Records.prefix(WISHED))).isEmpty();
    }

    @Test
    void onlyAKeyThatDelegatesDecides() throws InterruptedException {
        PrefixApplication application = applied();
        PrefixCase open = caseOf(application.number());

        for (SigningKey key : List.of(SigningKey.generate(Suite.SM2), root.workingKey(), enterprise)) {
            LifeCycleResponse refused = send(decision(open, Kind.REVIEW, null, key), null);
            assertThat(refused.getCode()).isEqualTo(Code.UNAUTHORISED);
            assertThat(refused.getField()).isEqualTo("decision.key_id");
        }
        PrefixDecision forged = decision(open, Kind.REVIEW, null, root.delegatingKey());
        PrefixDecision other = decision(open, Kind.REJECT, null, root.delegatingKey());
        LifeCycleResponse refused = ask(LifeCycleRequest.newBuilder()
                .setDecide(DecideRequest.newBuilder()
                        .setDecision(forged.toProto().toBuilder()
                                .setProof(other.toProto().getProof()))));
        assertThat(refused.getField()).isEqualTo("decision.proof");
        assertThat(status(application.number()).getState()).isEqualTo(State.AWAITING_REVIEW);
    }

    @Test
    void onlyWhoMayReadsTheApplication() throws InterruptedException {
        PrefixApplication application = applied();
        CaseQuery.Builder all = CaseQuery.newBuilder();

        assertThat(status(application.number()).getApplication()).isEqualTo(ByteString.EMPTY);
        assertThat(apply(application).getCases(0).getApplication()).isEqualTo(ByteString.EMPTY);
        assertThat(query(all.clone(), enterprise).getCode()).isEqualTo(Code.UNAUTHORISED);
        assertThat(query(all.clone(), root.workingKey()).getCode()).isEqualTo(Code.UNAUTHORISED);
        long late = System.currentTimeMillis() - 6 * 60_000;
        assertThat(query(all.clone().setAskedAt(late), root.delegatingKey()).getField())
                .isEqualTo("query.asked_at");
        assertThat(query(all.clone(), root.delegatingKey()).getCasesList())
                .extracting(PrefixCase::getPrefix)
                .contains(WISHED, "88.118.8");
        CaseQuery.Builder waiting = CaseQuery.newBuilder().addStates(State.AWAITING_REVIEW);
        assertThat(query(waiting, root.delegatingKey()).getCasesList())
                .extracting(PrefixCase::getPrefix)
                .containsExactly(WISHED);
    }

    @Test
    void anApplicationThatCannotBecomeAPrefixIsRefused() throws InterruptedException {
        refused(draft(enterprise).setWished("88.118.8"), "application.wished", "registered already");
        refused(draft(enterprise).setWished("88.118.8.1"), "application.wished", "for vaa:88.118.8 to allot");
        refused(draft(enterprise).setUnder("88").setWished("88.9"), "application.under", "does not allot");
        refused(
                draft(enterprise).setAppliedAt(System.currentTimeMillis() + 600_000),
                "application.applied_at",
                "ahead");
    }

    private void refused(Application.Builder draft, String field, String words) throws InterruptedException {
        LifeCycleResponse response = apply(PrefixApplication.sign(draft.build(), enterprise));
        assertThat(response.getCode()).isEqualTo(Code.INVALID);
        assertThat(response.getField()).isEqualTo(field);
        assertThat(response.getMessage()).contains(words);
    }

    @Test
    void whatIsApprovedIsWhatWasAppliedFor() throws InterruptedException {
        PrefixApplication application = applied();
        decide(application.number(), Kind.REVIEW, null);
        Party other = Party.withNewKeys(Suite.ED25519, WISHED);

        LifeCycleResponse refused = decide(application.number(), Kind.APPROVE, root.sign(other.prefixDraft(root)));

        assertThat(refused.getCode()).isEqualTo(Code.INVALID);
        assertThat(refused.getMessage()).contains("of the application");
        assertThat(registry.read(Records.prefix(WISHED))).isEmpty();
    }

    @Test
    void aDisablingThatChangesTheKeysIsRefused() throws InterruptedException {
        CaseNumber number = enabled().number();
        Party other = Party.withNewKeys(Suite.ED25519, WISHED);
        IdentifierRecord taken = root.sign(
                parties.following(current(WISHED), other.prefixDraft(root).epoch(2))
                        .revoked());

        LifeCycleResponse refused = decide(number, Kind.DISABLE, taken);

        assertThat(refused.getCode()).isEqualTo(Code.INVALID);
        assertThat(refused.getMessage()).contains("but for the status");
        assertThat(status(number).getState()).isEqualTo(State.ENABLED);
    }

    @Test
    void aPrefixThatItsRecordAloneRevokedCountsAsDisabled() throws InterruptedException {
        CaseNumber number = enabled().number();
        registrar.register(List.of(next(WISHED, true).encoded()));

        assertThat(status(number).getState()).isEqualTo(State.DISABLED);
        assertThat(decide(number, Kind.ENABLE, next(WISHED, false)).getCode()).isEqualTo(Code.DONE);
        PrefixCase whole = caseOf(number);
        CaseHistory.verify(whole, whole.getStepsList(), PrefixRecord.of(current("88.118")));
    }

    @Test
    void aVersionThatWasRegisteredByItselfIsTakenAsPublished() throws InterruptedException {
        PrefixApplication application = applied();
        decide(application.number(), Kind.REVIEW, null);
        PrefixCase open = caseOf(application.number());
        IdentifierRecord record = approved(application);
        PrefixDecision approval = decision(open, Kind.APPROVE, record, root.delegatingKey());
        assertThat(send(approval, record).getCode()).isEqualTo(Code.DONE);
        IdentifierRecord revoked = next(WISHED, true);
        PrefixDecision disabling = decision(caseOf(application.number()), Kind.DISABLE, revoked, root.delegatingKey());
        registrar.register(List.of(revoked.encoded()));

        LifeCycleResponse late = send(disabling, revoked);

        // The record has done it; there is nothing left to disable.
        assertThat(late.getCode()).isEqualTo(Code.WRONG_STATE);
        assertThat(late.getMessage()).contains("disabled").contains("enable");
    }

    @Test
    void aVersionThatOthersHaveFollowedIsNotPublishedAgain() throws InterruptedException {
        CaseNumber number = enabled().number();
        IdentifierRecord old = next(WISHED, true);
        registrar.register(List.of(old.encoded()));
        registrar.register(List.of(next(WISHED, false).encoded()));

        LifeCycleResponse late = decide(number, Kind.DISABLE, old);

        assertThat(late.getCode()).isEqualTo(Code.INVALID);
        assertThat(late.getMessage()).contains("at version 3");
        assertThat(status(number).getState()).isEqualTo(State.ENABLED);
    }

    @Test
    void aDecisionIsNotOfATimeBeforeTheStepBefore() throws InterruptedException {
        PrefixApplication application = applied();
        decide(application.number(), Kind.REVIEW, null);
        PrefixCase open = caseOf(application.number());
        Decision early = Decision.newBuilder()
                .setNumber(open.getNumber())
                .setStep(2)
                .setPrevious(open.getHead())
                .setKind(Kind.REJECT)
                .setReason("too late")
                .setDecidedAt(System.currentTimeMillis() - 60_000)
                .setScheme(IdentifierScheme.VAA)
                .setSigner("88.118")
                .build();
        PrefixDecision rejection = PrefixDecision.sign(early, root.delegatingKey());

        assertThat(send(rejection, null).getField()).isEqualTo("decision.decided_at");
        PrefixCase forged = open.toBuilder()
                .addSteps(CaseStep.newBuilder().setDecision(rejection.toProto().toByteString()))
                .setStepCount(2)
                .setHead(rejection.digest(root.delegatingKey().suite().hash()).bytes())
                .build();
        PrefixRecord decider = PrefixRecord.of(current("88.118"));
        assertThatThrownBy(() -> CaseHistory.verify(forged, forged.getStepsList(), decider))
                .isInstanceOf(TamperedRecordException.class)
                .hasMessageContaining("before that of the one before");
    }

    @Test
    void aRecordThatNamesNoPrefixIsMalformed() throws InterruptedException {
        PrefixApplication application = applied();
        decide(application.number(), Kind.REVIEW, null);
        IdentifierRecord record = approved(application);
        byte[] bytes = record.encoded().toByteArray();
        String spoilt = new String(bytes, StandardCharsets.ISO_8859_1).replace(WISHED, "88.118..7");
        DecideRequest.Builder request = DecideRequest.newBuilder()
                .setDecision(decision(caseOf(application.number()), Kind.APPROVE, record, root.delegatingKey())
                        .toProto())
                .setRecord(ByteString.copyFrom(spoilt, StandardCharsets.ISO_8859_1));

        LifeCycleResponse refused = ask(LifeCycleRequest.newBuilder().setDecide(request));

        assertThat(refused.getCode()).isEqualTo(Code.INVALID);
        assertThat(refused.getMessage()).contains("names no prefix");
    }

    @Test
    void aFloodOfOneKeyIsStoppedAndADecisionMakesRoom() throws InterruptedException {
        List<PrefixApplication> taken = new ArrayList<>();
        for (int i = 0; i < PendingApplications.MOST_OF_KEY; i++) {
            taken.add(applied());
        }
        PrefixApplication more = PrefixApplication.sign(draft(enterprise).build(), enterprise);
        assertThat(apply(more).getCode()).isEqualTo(Code.TOO_MANY);
        registry.close();
        open();
        assertThat(apply(more).getCode()).isEqualTo(Code.TOO_MANY);
        assertThat(decide(taken.get(0).number(), Kind.REJECT, null).getCode()).isEqualTo(Code.DONE);
        assertThat(apply(more).getCode()).isEqualTo(Code.DONE);
    }

    @Test
    void aFloodFromOneAddressIsStopped() throws InterruptedException {
        PrefixApplication application = applied();
        for (int i = 1; i < PendingApplications.MOST_OF_SOURCE; i++) {
            assertThat(apply(application).getCode()).isEqualTo(Code.ALREADY);
        }
        assertThat(apply(application).getCode()).isEqualTo(Code.TOO_MANY);
        LifeCycleRequest request =
                LifeCycleRequest.newBuilder().setApply(application.toProto()).build();
        assertThat(registrar.lifeCycle(request, "192.0.2.2").getCode()).isEqualTo(Code.ALREADY);
    }

    @Test
    void whatIsNoSignedApplicationDoesNotCount() throws InterruptedException {
        PrefixApplication application = applied();
        SignedStatement forged = application.toProto().toBuilder()
                .setStatement(draft(enterprise).build().toByteString())
                .build();
        for (int i = 0; i < PendingApplications.MOST_OF_SOURCE; i++) {
            assertThat(ask(LifeCycleRequest.newBuilder().setApply(forged)).getCode())
                    .isEqualTo(Code.INVALID);
        }
        assertThat(apply(application).getCode()).isEqualTo(Code.ALREADY);
    }

    @Test
    void theApplicationsOfOneNetworkDoNotFillTheListUntilTheyLapse() throws InterruptedException {
        PrefixApplication first = applied();
        for (int i = 1; i < PendingApplications.MOST_OF_SOURCE; i++) {
            assertThat(apply(ofNewKey()).getCode()).isEqualTo(Code.DONE);
        }
        registry.close();
        open();
        PrefixApplication more = ofNewKey();
        LifeCycleRequest request =
                LifeCycleRequest.newBuilder().setApply(more.toProto()).build();

        assertThat(apply(more).getMessage()).contains("from this network wait");
        PrefixApplication elsewhere = ofNewKey();
        assertThat(registrar
                        .lifeCycle(
                                LifeCycleRequest.newBuilder()
                                        .setApply(elsewhere.toProto())
                                        .build(),
                                "192.0.2.2")
                        .getCode())
                .isEqualTo(Code.DONE);
        Clock later = Clock.offset(Clock.systemUTC(), LifeCycle.AWAITS_REVIEW.plusMinutes(1));
        registrar = new Registrar(registry, new PrefixTable(registry), parties.anchors(), later);
        assertThat(registrar.lifeCycle(request, SOURCE).getMessage()).isEmpty();
        assertThat(status(first.number()).getState()).isEqualTo(State.REJECTED);
        assertThat(status(more.number()).getState()).isEqualTo(State.AWAITING_REVIEW);
    }

    @Test
    void aLapsedApplicationIsNotDecidedAboutAndOneInReviewDoesNotLapse() throws InterruptedException {
        PrefixApplication lapsed = applied();
        PrefixApplication reviewed = PrefixApplication.sign(draft(enterprise).build(), enterprise);
        apply(reviewed);
        decide(reviewed.number(), Kind.REVIEW, null);
        PrefixDecision late = decision(status(lapsed.number()), Kind.REVIEW, null, root.delegatingKey());
        Clock later = Clock.offset(Clock.systemUTC(), LifeCycle.AWAITS_REVIEW.plusMinutes(1));
        registrar = new Registrar(registry, new PrefixTable(registry), parties.anchors(), later);

        assertThat(send(late, null).getCode()).isEqualTo(Code.WRONG_STATE);
        assertThat(status(reviewed.number()).getState()).isEqualTo(State.IN_REVIEW);
    }

    private PrefixApplication ofNewKey() {
        SigningKey key = SigningKey.generate(Suite.ED25519);
        return PrefixApplication.sign(draft(key).build(), key);
    }

    @Test
    void longHistoriesAndLongListsComeInPages() throws InterruptedException {
        CaseNumber number = enabled().number();
        for (int i = 0; i < 35; i++) {
            decide(number, Kind.DISABLE, next(WISHED, true));
            decide(number, Kind.ENABLE, next(WISHED, false));
        }
        PrefixCase first = caseOf(number);
        assertThat(first.getStepCount()).isEqualTo(72);
        assertThat(first.getStepsCount()).isEqualTo(64);
        assertThat(first.getNextStep()).isEqualTo(65);
        PrefixCase second = query(
                        CaseQuery.newBuilder().setNumber(number.bytes()).setFromStep(65), root.delegatingKey())
                .getCases(0);
        assertThat(second.getStepsCount()).isEqualTo(8);
        assertThat(second.getNextStep()).isZero();
    }

    @Test
    void applicationsOfTheFutureAreNotDecidedAboutInThePast() throws InterruptedException {
        PrefixApplication application = applied();
        registrar = new Registrar(
                registry,
                new PrefixTable(registry),
                parties.anchors(),
                Clock.fixed(Instant.now().minusSeconds(3_600), ZoneOffset.UTC));
        PrefixCase open = status(application.number());
        LifeCycleResponse refused = send(decision(open, Kind.REVIEW, null, root.delegatingKey()), null);
        assertThat(refused.getField()).isEqualTo("decision.decided_at");
    }
}
