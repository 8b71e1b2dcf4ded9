package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.v1.SignedRecord;

class RecordSignerTest {

    private static List<RecordDraft> drafts(Party party, int count) {
        List<RecordDraft> drafts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            drafts.add(party.item("88.118.8/part" + i).build());
        }
        return drafts;
    }

    @ParameterizedTest
    @CsvSource({
        "ED25519, 0, 0", "ED25519, 1, 1", "ED25519, 2, 1", "ED25519, 64, 1", "ED25519, 65, 2",
        "SM2, 0, 0", "SM2, 1, 1", "SM2, 2, 1", "SM2, 64, 1", "SM2, 65, 2"
    })
    void sixtyFourRecordsShareASignature(Suite suite, int count, int signatures) {
        Party party = Party.of("vaa:88.118.8", suite);
        TrustedPrefix trusted = party.anchored();
        List<IdentifierRecord> records = new RecordSigner(party.records()).signAll(drafts(party, count));

        assertThat(records).hasSize(count);
        Set<Object> found = new HashSet<>();
        for (int i = 0; i < count; i++) {
            IdentifierRecord record = records.get(i);
            trusted.verify(Identifier.parse("88.118.8/part" + i), record, Party.NOW);
            assertThat(record.proof().treeSize()).isEqualTo(i < 64 ? Math.min(count, 64) : 1);
            assertThat(record.proof().leaf()).isEqualTo(i % 64);
            found.add(record.proof().signature());
        }
        assertThat(found).hasSize(signatures);
    }

    @Test
    void theTreeHasTheSizeThatIsAskedFor() {
        Party party = Party.of("vaa:88.118.8", Suite.ED25519);
        List<IdentifierRecord> records = new RecordSigner(party.records()).signAll(drafts(party, 7), 3);

        assertThat(records).extracting(record -> record.proof().treeSize()).containsExactly(3L, 3L, 3L, 3L, 3L, 3L, 1L);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65_537})
    void aTreeSizeOutOfBoundsIsRefused(int size) {
        RecordSigner signer = new RecordSigner(SigningKey.generate(Suite.ED25519));

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> signer.signAll(List.of(), size))
                .withMessageContaining("1 to 65536");
    }

    @ParameterizedTest
    @EnumSource
    void theProofOfAnotherRecordDoesNotVerify(Suite suite) throws Exception {
        Party party = Party.of("vaa:88.118.8", suite);
        List<IdentifierRecord> records = new RecordSigner(party.records()).signAll(drafts(party, 4));
        SignatureVerifier verifier = new SignatureVerifier();
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                SignedRecord swapped = SignedRecord.parseFrom(records.get(i).encoded()).toBuilder()
                        .setProof(records.get(j).proof().toProto())
                        .build();
                IdentifierRecord record = IdentifierRecord.parse(swapped.toByteString());
                assertThat(verifier.verifies(record, party.records().verifyingKey()))
                        .isEqualTo(i == j);
            }
        }
    }

    @Test
    void aVerifierThatRemembersARootStillChecksKeyAndHeader() {
        Party party = Party.of("vaa:88.118.8", Suite.ED25519);
        Party other = Party.of("vaa:88.118.8", Suite.ED25519);
        IdentifierRecord record = party.signsItem(party.item("88.118.8/x"));
        SignatureVerifier verifier = new SignatureVerifier();

        for (int round = 0; round < 2; round++) {
            assertThat(verifier.verifies(record, party.records().verifyingKey()))
                    .isTrue();
            assertThat(verifier.verifies(record, other.records().verifyingKey()))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"ED25519, ED25519", "ED25519, SM2", "SM2, ED25519", "SM2, SM2"})
    void aConsentIsOfTheKeyThatGaveIt(Suite parentSuite, Suite childSuite) {
        Party node = Party.of("vaa:88.118", parentSuite);
        Party maker = Party.of("vaa:88.118.8", childSuite);
        IdentifierRecord first = maker.delegated(node);
        RecordDraft second = maker.draft(node)
                .following(1, first.digest(node.delegate().suite().hash()))
                .build();
        IdentifierRecord record = new RecordSigner(node.delegate()).signWithConsent(second, maker.delegate());
        SignatureVerifier verifier = new SignatureVerifier();

        assertThat(verifier.verifies(record, node.delegate().verifyingKey())).isTrue();
        assertThat(verifier.consentVerifies(record, maker.delegate().verifyingKey()))
                .isTrue();
        assertThat(verifier.consentVerifies(record, maker.records().verifyingKey()))
                .isFalse();
        assertThat(verifier.consentVerifies(record, node.delegate().verifyingKey()))
                .isFalse();
        assertThat(verifier.consentVerifies(first, maker.delegate().verifyingKey()))
                .isFalse();
        assertThat(node.anchored().delegate(record, Party.NOW).prefix()).isEqualTo(maker.prefix());
    }

    /** The parent's signature of the record, put in the place of a consent, is none: the purposes differ. */
    @Test
    void aSignatureOfARecordIsNoConsent() throws Exception {
        Party node = Party.of("vaa:88.118", Suite.ED25519);
        IdentifierRecord first = node.selfSigned();
        RecordDraft second = node.draft(node)
                .following(1, first.digest(Suite.ED25519.hash()))
                .build();
        IdentifierRecord record = new RecordSigner(node.delegate()).signWithConsent(second, node.delegate());
        SignedRecord.Builder confused = SignedRecord.parseFrom(record.encoded()).toBuilder();
        confused.getConsentBuilder().setProof(confused.getProof());
        IdentifierRecord forged = IdentifierRecord.parse(confused.build().toByteString());
        SignatureVerifier verifier = new SignatureVerifier();

        assertThat(verifier.consentVerifies(record, node.delegate().verifyingKey()))
                .isTrue();
        assertThat(verifier.verifies(forged, node.delegate().verifyingKey())).isTrue();
        assertThat(verifier.consentVerifies(forged, node.delegate().verifyingKey()))
                .isFalse();
    }

    @Test
    void aConsentToAnotherVersionIsNone() throws Exception {
        Party node = Party.of("vaa:88.118", Suite.ED25519);
        Party maker = Party.of("vaa:88.118.8", Suite.SM2);
        IdentifierRecord first = maker.delegated(node);
        RecordSigner signer = new RecordSigner(node.delegate());
        IdentifierRecord agreed = signer.signWithConsent(
                maker.draft(node)
                        .following(1, first.digest(Suite.ED25519.hash()))
                        .build(),
                maker.delegate());
        SignedRecord other = SignedRecord.parseFrom(signer.sign(maker.draft(node)
                                .following(1, first.digest(Suite.ED25519.hash()))
                                .revoked()
                                .build())
                        .encoded())
                .toBuilder()
                .setConsent(SignedRecord.parseFrom(agreed.encoded()).getConsent())
                .build();

        assertThat(new SignatureVerifier()
                        .consentVerifies(
                                IdentifierRecord.parse(other.toByteString()),
                                maker.delegate().verifyingKey()))
                .isFalse();
    }
}
