package org.waymark.node.endpoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.node.TestParties;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.Suite;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.AnswerSource;

class ChainVerifierTest {

    private final TestParties parties = new TestParties(Suite.SM2);
    private final Map<RecordKey, IdentifierRecord> held = new HashMap<>();
    private int checks;

    @BeforeEach
    void hold() {
        parties.prefixRecords().forEach(record -> held.put(record.key(), record));
    }

    private CompletableFuture<Answer> resolve(Query query) {
        IdentifierRecord record = held.get(query.key());
        StoredAnswer answer = record == null
                ? new StoredAnswer(Outcome.NOT_FOUND, new byte[0], 1, 0, null)
                : new StoredAnswer(Outcome.RECORD, record.encoded().toByteArray(), 1, Long.MAX_VALUE, null);
        return CompletableFuture.completedFuture(Answer.of(answer, AnswerSource.REGISTRY));
    }

    private ChainVerifier verifier(Set<Anchor> anchors) {
        return new ChainVerifier(
                this::resolve,
                anchors,
                work -> {
                    checks++;
                    work.run();
                },
                Clock.systemUTC());
    }

    private ChainVerifier.Verdict verdict(IdentifierRecord record) {
        return verifier(parties.anchors()).verify(record, null).join();
    }

    private static RecordKey keyOf(TestParties.Party party) {
        return RecordKey.of(
                RecordKind.PREFIX, party.prefix().scheme(), party.prefix().canonical());
    }

    private IdentifierRecord item() {
        return parties.maker.sign(parties.maker.itemDraft("x"));
    }

    @Test
    void aRecordVerifiesUpToTheAnchor() {
        ChainVerifier.Verdict verdict = verdict(item());
        assertThat(verdict.isVerified()).isTrue();
        assertThat(verdict.chain().stream().map(PrefixRecord::prefix))
                .containsExactly(parties.root.prefix(), parties.maker.prefix());
    }

    @Test
    void aRecordThatSomebodyElseSignedDoesNot() {
        TestParties.Party impostor = TestParties.Party.withNewKeys(Suite.SM2, "88.118.8");
        ChainVerifier.Verdict verdict = verdict(impostor.sign(impostor.itemDraft("x")));
        assertThat(verdict.isVerified()).isFalse();
        assertThat(verdict.fault()).contains("which is none of");
    }

    @Test
    void noSingleByteOfARecordCanBeChanged() {
        byte[] bytes = item().encoded().toByteArray();
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            IdentifierRecord record;
            try {
                record = IdentifierRecord.parse(ByteString.copyFrom(changed));
            } catch (IllegalArgumentException e) {
                continue;
            }
            assertThat(verdict(record).isVerified()).as("byte " + i).isFalse();
        }
    }

    @Test
    void aChainThatEndsAtNoAnchorIsWorthNothing() {
        TestParties others = new TestParties(Suite.SM2);
        ChainVerifier.Verdict verdict =
                verifier(others.anchors()).verify(item(), null).join();
        assertThat(verdict.isVerified()).isFalse();
        assertThat(verifier(Set.of()).verify(item(), null).join().fault()).contains("without anchors");
    }

    @Test
    void aPrefixRecordVerifiesAndARevokedOneToo() {
        assertThat(verdict(held.get(keyOf(parties.maker))).isVerified()).isTrue();
        assertThat(verdict(held.get(keyOf(parties.root))).isVerified()).isTrue();
        IdentifierRecord revoked = parties.root.signWithConsent(
                parties.following(
                        held.get(keyOf(parties.maker)),
                        parties.maker.prefixDraft(parties.root).revoked()),
                parties.maker.delegatingKey());
        held.put(revoked.key(), revoked);
        assertThat(verdict(revoked).isVerified()).isTrue();
        assertThat(verdict(item()).isVerified()).isFalse();
    }

    @Test
    void theSameBytesAreCheckedOnce() {
        ChainVerifier verifier = verifier(parties.anchors());
        IdentifierRecord record = item();
        verifier.verify(record, null).join();
        verifier.verify(record, null).join();
        assertThat(checks).isEqualTo(1);
        verifier.verify(parties.maker.sign(parties.maker.itemDraft("y")), null).join();
        assertThat(checks).isEqualTo(2);
    }
}
