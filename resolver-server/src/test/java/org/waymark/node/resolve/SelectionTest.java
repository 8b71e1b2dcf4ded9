package org.waymark.node.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.node.TestParties;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.record.RecordValue;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.Suite;
import org.waymark.trust.TrustedPrefix;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.AnswerSource;

@ParameterizedClass
@EnumSource(Suite.class)
class SelectionTest {

    private static final long NOW = System.currentTimeMillis();

    @Parameter
    Suite suite;

    private TestParties parties;
    private RecordKey owner;
    private IdentifierRecord pump;

    @BeforeEach
    void signPump() {
        parties = new TestParties(suite);
        owner = RecordKey.of(
                RecordKind.PREFIX,
                parties.maker.prefix().scheme(),
                parties.maker.prefix().canonical());
        pump = parties.maker.sign(parties.maker
                .itemDraft("PUMP-1")
                .value(3, "model.year", "2024")
                .value(4, "modelling", "no part of model")
                .restrictedValue(5, "price", new byte[] {1}, List.of(parties.platform.prefix()))
                .value(0xFFFF_FFFFL, "last", "x"));
    }

    @Test
    void nothingSelectedIsTheWholeAnswer() {
        StoredAnswer answer = answer(Outcome.RECORD, pump);

        assertThat(Selection.ALL.isAll()).isTrue();
        assertThat(Selection.ALL.applyTo(answer)).isSameAs(answer);
    }

    @Test
    void valuesAreSelectedByIndex() {
        assertThat(typesOf(new Selection(Set.of(1L, 3L, 77L), List.of()))).containsExactly("URL", "model.year");
    }

    @Test
    void theHighestIndexIsSelected() {
        assertThat(typesOf(new Selection(Set.of(0xFFFF_FFFFL), List.of()))).containsExactly("last");
    }

    @Test
    void valuesAreSelectedByType() {
        assertThat(typesOf(new Selection(Set.of(), List.of("model")))).containsExactly("model");
    }

    @Test
    void aTypeWithADotAtItsEndStandsForAllBelowIt() {
        assertThat(typesOf(new Selection(Set.of(), List.of("model.")))).containsExactly("model", "model.year");
    }

    @Test
    void indexesAndTypesAddUp() {
        assertThat(typesOf(new Selection(Set.of(1L), List.of("last")))).containsExactly("URL", "last");
    }

    @Test
    void whatNoValueHasSelectsNone() {
        assertThat(typesOf(new Selection(Set.of(77L), List.of("none")))).isEmpty();
    }

    @Test
    void whatWasSelectedStillVerifies() {
        for (Selection selection : List.of(
                new Selection(Set.of(1L), List.of()),
                new Selection(Set.of(3L, 4L), List.of("last")),
                new Selection(Set.of(77L), List.of()))) {
            assertVerifies(selected(selection, pump));
        }
    }

    @Test
    void aSelectionFromAPublicViewStillVerifies() {
        IdentifierRecord publicView = pump.publicView(suite.hash());

        IdentifierRecord selected = selected(new Selection(Set.of(2L, 5L), List.of()), publicView);

        assertThat(selected.values()).extracting(RecordValue::type).containsExactly("model");
        assertVerifies(selected);
    }

    @Test
    void aSelectionOfEverythingIsTheRecordAsItWas() {
        Selection all = new Selection(Set.of(1L, 2L, 3L, 4L, 5L, 0xFFFF_FFFFL), List.of());

        assertThat(selected(all, pump)).isEqualTo(pump);
    }

    @Test
    void allButThePayloadStaysAsItIs() {
        StoredAnswer answer = answer(Outcome.RECORD, pump);

        StoredAnswer selected = new Selection(Set.of(1L), List.of()).applyTo(answer);

        assertThat(selected.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(selected.sequence()).isEqualTo(answer.sequence());
        assertThat(selected.expiresAt()).isEqualTo(answer.expiresAt());
        assertThat(selected.owner()).isEqualTo(answer.owner());
        assertThat(selected.payload()).hasSizeLessThan(answer.payload().length);
    }

    @Test
    void otherAnswersThanRecordsAreLeftAlone() {
        Selection one = new Selection(Set.of(1L), List.of());

        for (Outcome outcome : List.of(
                Outcome.RECORD_REVOKED,
                Outcome.REFERRAL,
                Outcome.NOT_FOUND,
                Outcome.NOT_RESPONSIBLE,
                Outcome.INVALID_IDENTIFIER,
                Outcome.BUSY,
                Outcome.ERROR)) {
            StoredAnswer answer = answer(outcome, pump);
            assertThat(one.applyTo(answer)).as("%s", outcome).isSameAs(answer);
        }
    }

    @Test
    void theLinkCutsWhatTheChainBelowAnswers() {
        Answer below = new Answer(answer(Outcome.RECORD, pump), AnswerSource.REDIS, true);
        SelectionLink link = new SelectionLink(query -> CompletableFuture.completedFuture(below));
        Selection one = new Selection(Set.of(1L), List.of());

        Answer whole = link.resolve(Query.of(pump.key())).join();
        Answer cut = link.resolve(new Query(pump.key(), one, false)).join();

        assertThat(whole).isSameAs(below);
        assertThat(cut.content().payload())
                .isEqualTo(one.applyTo(below.content()).payload());
        assertThat(cut.source()).isEqualTo(AnswerSource.REDIS);
        assertThat(cut.stale()).isTrue();
    }

    @Test
    void theLinkPassesFailuresOn() {
        UnavailableException away = new UnavailableException("away", null);
        SelectionLink link = new SelectionLink(query -> CompletableFuture.failedFuture(away));
        Selection one = new Selection(Set.of(1L), List.of());

        assertThat(link.resolve(new Query(pump.key(), one, false)))
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .withCause(away);
    }

    private StoredAnswer answer(Outcome outcome, IdentifierRecord record) {
        return new StoredAnswer(outcome, record.encoded().toByteArray(), 7, NOW + 1_000, owner);
    }

    private IdentifierRecord selected(Selection selection, IdentifierRecord from) {
        return IdentifierRecord.parse(ByteString.copyFrom(
                selection.applyTo(answer(Outcome.RECORD, from)).payload()));
    }

    private List<String> typesOf(Selection selection) {
        return selected(selection, pump).values().stream()
                .map(RecordValue::type)
                .toList();
    }

    private void assertVerifies(IdentifierRecord record) {
        List<IdentifierRecord> prefixRecords = parties.prefixRecords();
        TrustedPrefix.anchored(parties.root.anchor(), prefixRecords.get(0), new SignatureVerifier(), NOW)
                .delegate(prefixRecords.get(1), NOW)
                .verify(parties.maker.identifier("PUMP-1"), record, NOW);
    }
}
