package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.waymark.trust.Party.END;
import static org.waymark.trust.Party.NOW;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.SignatureProof;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.SignedRecord;

/** The chain is 88 (the anchor), 88.118, 88.118.8, and an item. */
class TrustedPrefixTest {

    private static final String PART = "88.118.8/JXDY2106023";
    private static final Identifier PART_ID = Identifier.parse(PART);

    private final Party root = Party.of("vaa:88", Suite.ED25519);
    private final Party node = Party.of("vaa:88.118", Suite.SM2);
    private final Party maker = Party.of("vaa:88.118.8", Suite.ED25519);

    private TrustedPrefix trustedNode() {
        return root.anchored().delegate(node.delegated(root), NOW);
    }

    private TrustedPrefix trustedMaker() {
        return trustedNode().delegate(maker.delegated(node), NOW);
    }

    /** The maker's prefix record with these keys, verified. */
    private TrustedPrefix trustedMaker(PartyKey... keys) {
        return trustedNode().delegate(node.signs(maker.draft(node.prefix(), keys)), NOW);
    }

    private static <E extends VerificationException> void assertFails(
            Class<E> type, String message, ThrowingCallable call) {
        assertThatExceptionOfType(type).isThrownBy(call).withMessageContaining(message);
    }

    @ParameterizedTest
    @EnumSource
    void aChainFromTheAnchorDownToAnItemVerifies(Suite suite) {
        Party top = Party.of("vaa:88", suite);
        Party middle = Party.of("vaa:88.118", suite);
        Party bottom = Party.of("vaa:88.118.8", suite);

        TrustedPrefix trusted =
                top.anchored().delegate(middle.delegated(top), NOW).delegate(bottom.delegated(middle), NOW);

        assertThatCode(() -> trusted.verify(PART_ID, bottom.signsItem(bottom.item(PART)), NOW))
                .doesNotThrowAnyException();
        assertThat(trusted.chain())
                .extracting(PrefixRecord::prefix)
                .containsExactly(top.prefix(), middle.prefix(), bottom.prefix());
    }

    @Test
    void suitesMayDifferAlongAChain() {
        assertThatCode(() -> trustedMaker().verify(PART_ID, maker.signsItem(maker.item(PART)), NOW))
                .doesNotThrowAnyException();
    }

    @Test
    void anAnchorMayBeginBelowTheRoot() {
        assertThat(node.anchored().delegate(maker.delegated(node), NOW).chain()).hasSize(2);
    }

    @Test
    void aDelegationMaySkipPrefixesThatNobodyRegistered() {
        assertThat(root.anchored().delegate(maker.delegated(root), NOW).chain()).hasSize(2);
    }

    @Test
    void aPartialAnswerVerifies() {
        IdentifierRecord whole = maker.signsItem(maker.item(PART));
        IdentifierRecord part = whole.select(Suite.ED25519.hash(), Set.of(2L), List.of());

        assertThatCode(() -> trustedMaker().verify(PART_ID, part, NOW)).doesNotThrowAnyException();
    }

    @Test
    void aRevokedItemVerifiesAndSaysSo() {
        IdentifierRecord record = maker.signsItem(maker.item(PART).revoked());

        assertThatCode(() -> trustedMaker().verify(PART_ID, record, NOW)).doesNotThrowAnyException();
        assertThat(record.isRevoked()).isTrue();
    }

    @Test
    void aRetiredKeyStillVerifies() {
        TrustedPrefix trusted = trustedMaker(
                maker.delegateKey().in(KeyState.KEY_RETIRED), maker.recordsKey().in(KeyState.KEY_RETIRED));

        assertThatCode(() -> trusted.verify(PART_ID, maker.signsItem(maker.item(PART)), NOW))
                .doesNotThrowAnyException();
    }

    @Test
    void anUnknownKeyIsRefused() {
        Party stranger = Party.of("vaa:88.118.8", Suite.ED25519);

        assertFails(
                UnknownKeyException.class,
                "none of vaa:88.118.8",
                () -> trustedMaker().verify(PART_ID, stranger.signsItem(maker.item(PART)), NOW));
        assertFails(
                UnknownKeyException.class,
                "none of vaa:88.118",
                () -> trustedNode().delegate(stranger.signs(maker.draft(node)), NOW));
    }

    @Test
    void whatAKeySignedUpToTheTimeOfItsRevocationVerifiesWhereThePrefixSaysSo() {
        TrustedPrefix trusted =
                trustedMaker(maker.delegateKey(), maker.recordsKey().revokedSince(NOW - 1_000));
        IdentifierRecord by = maker.signsItem(maker.item(PART).issuedAt(NOW - 1_000));
        IdentifierRecord after = maker.signsItem(maker.item(PART).issuedAt(NOW - 999));

        assertThatCode(() -> trusted.verify(PART_ID, by, NOW)).doesNotThrowAnyException();
        assertFails(
                RevokedKeyException.class,
                "revoked since 2025-12-31T23:59:59Z",
                () -> trusted.verify(PART_ID, after, NOW));
    }

    @Test
    void prefixRecordsByARevokedKeyNeverVerifyWhateverTheirTime() {
        IdentifierRecord record =
                root.signs(node.draft(root.prefix(), node.delegateKey().revokedSince(NOW), node.recordsKey()));
        TrustedPrefix trusted = root.anchored().delegate(record, NOW);

        assertFails(
                RevokedKeyException.class,
                "revoked",
                () -> trusted.delegate(node.signs(maker.draft(node).issuedAt(NOW - 1_000)), NOW));
    }

    @Test
    void aTimeOfRevocationAfterThePrefixRecordsOwnIsRefused() {
        IdentifierRecord record = node.signs(maker.draft(
                node.prefix(), maker.delegateKey(), maker.recordsKey().revokedSince(NOW + 1)));

        assertFails(
                TamperedRecordException.class, "revoked_at", () -> trustedNode().delegate(record, NOW));
    }

    @Test
    void aRevokedKeyIsRefused() {
        TrustedPrefix trusted =
                trustedMaker(maker.delegateKey(), maker.recordsKey().in(KeyState.KEY_REVOKED));

        assertFails(
                RevokedKeyException.class,
                maker.records().id().toString(),
                () -> trusted.verify(PART_ID, maker.signsItem(maker.item(PART)), NOW));
    }

    @Test
    void aChainThroughARevokedKeyIsRefused() {
        IdentifierRecord revoking =
                root.signs(node.draft(root.prefix(), node.delegateKey().in(KeyState.KEY_REVOKED), node.recordsKey()));
        TrustedPrefix trusted = root.anchored().delegate(revoking, NOW);

        assertFails(RevokedKeyException.class, "revoked", () -> trusted.delegate(maker.delegated(node), NOW));
    }

    @Test
    void aKeyOfTheWrongRoleIsRefused() {
        assertFails(
                WrongRoleException.class,
                "RECORDS",
                () -> trustedMaker().verify(PART_ID, maker.signs(maker.item(PART)), NOW));
        assertFails(
                WrongRoleException.class,
                "DELEGATE",
                () -> trustedNode().delegate(node.signsItem(maker.draft(node)), NOW));
    }

    @ParameterizedTest
    @EnumSource(
            value = KeyRole.class,
            names = {"NODE", "AUTH"})
    void aKeyOfAnotherRoleSignsNoItem(KeyRole role) {
        TrustedPrefix trusted = trustedMaker(PartyKey.active(maker.records().verifyingKey(), Set.of(role)));

        assertFails(
                WrongRoleException.class,
                "RECORDS",
                () -> trusted.verify(PART_ID, maker.signsItem(maker.item(PART)), NOW));
    }

    @Test
    void aKeyThatMaySignOnBehalfSignsAnItemAndThatShows() {
        PartyKey key = PartyKey.active(maker.records().verifyingKey(), Set.of(KeyRole.ON_BEHALF));
        TrustedPrefix trusted = trustedMaker(key);
        IdentifierRecord item = maker.signsItem(maker.item(PART));

        trusted.verify(PART_ID, item, NOW);

        assertThat(trusted.prefixRecord().isOnBehalf(item)).isTrue();
        assertThat(trustedMaker().prefixRecord().isOnBehalf(item)).isFalse();
        assertFails(
                RevokedKeyException.class,
                "revoked",
                () -> trustedMaker(key.in(KeyState.KEY_REVOKED)).verify(PART_ID, item, NOW));
    }

    @Test
    void anItemOfAnotherOwnerIsRefused() {
        RecordDraft.Builder ofTheNode = RecordDraft.item(PART_ID, node.prefix()).issuedAt(NOW);

        assertFails(
                WrongOwnerException.class,
                "names 88.118 as owner",
                () -> trustedMaker().verify(PART_ID, maker.signsItem(ofTheNode), NOW));
    }

    @Test
    void aSiblingPrefixCantSignAnItem() {
        Party sibling = Party.of("vaa:88.118.9", Suite.ED25519);
        TrustedPrefix trusted = trustedNode().delegate(sibling.delegated(node), NOW);

        assertFails(
                WrongOwnerException.class,
                "not under the prefix vaa:88.118.9",
                () -> trusted.verify(PART_ID, sibling.signsItem(sibling.item(PART)), NOW));
    }

    @Test
    void aPrefixWhoseTextMerelyStartsTheSameIsNoOwner() {
        Party lookalike = Party.of("vaa:88.11", Suite.ED25519);
        TrustedPrefix trusted = root.anchored().delegate(lookalike.delegated(root), NOW);

        assertFails(
                WrongOwnerException.class,
                "not under",
                () -> trusted.verify(PART_ID, lookalike.signsItem(lookalike.item(PART)), NOW));
    }

    @Test
    void aSiblingPrefixCantDelegate() {
        Party sibling = Party.of("vaa:88.119", Suite.ED25519);
        TrustedPrefix trusted = root.anchored().delegate(sibling.delegated(root), NOW);

        assertFails(
                WrongOwnerException.class,
                "names 88.118 as owner",
                () -> trusted.delegate(sibling.signs(maker.draft(node)), NOW));
        assertFails(
                TamperedRecordException.class,
                "header.owner",
                () -> trusted.delegate(sibling.signs(maker.draft(sibling)), NOW));
    }

    @Test
    void aPrefixOfAnotherSchemeCantDelegate() {
        Party oid = Party.of("oid:1.2.156", Suite.ED25519);
        RecordDraft.Builder draft = Party.of("oid:1.2.156.1", Suite.ED25519).draft(oid);

        assertFails(WrongOwnerException.class, "as owner", () -> root.anchored().delegate(root.signs(draft), NOW));
    }

    @Test
    void aPrefixOfAnotherSchemeWithTheSameTextCantDelegate() {
        Party handle = Party.of("hdl:1.2", Suite.ED25519);
        Party below = Party.of("oid:1.2.156", Suite.ED25519);
        RecordDraft.Builder draft = below.draft(Prefix.parse("oid:1.2"), below.delegateKey());

        assertFails(
                WrongOwnerException.class, "as owner", () -> handle.anchored().delegate(handle.signs(draft), NOW));
    }

    @Test
    void aPrefixCantVouchForItself() {
        assertFails(
                WrongOwnerException.class,
                "signed by itself",
                () -> trustedNode().delegate(maker.selfSigned(), NOW));
        assertFails(
                WrongOwnerException.class,
                "signed by itself",
                () -> root.anchored().delegate(root.selfSigned(), NOW));
    }

    @Test
    void anItemOfAnotherEpochIsRefused() {
        TrustedPrefix second =
                trustedNode().delegate(node.signs(maker.draft(node).epoch(2)), NOW);

        assertFails(
                WrongEpochException.class,
                "of epoch 1 of vaa:88.118.8, which is now in epoch 2",
                () -> second.verify(PART_ID, maker.signsItem(maker.item(PART)), NOW));
        assertFails(
                WrongEpochException.class,
                "of epoch 2",
                () -> trustedMaker()
                        .verify(PART_ID, maker.signsItem(maker.item(PART).ownerEpoch(2)), NOW));
        assertThatCode(() ->
                        second.verify(PART_ID, maker.signsItem(maker.item(PART).ownerEpoch(2)), NOW))
                .doesNotThrowAnyException();
    }

    @Test
    void aPrefixRecordOfAnotherEpochIsRefused() {
        assertFails(
                WrongEpochException.class,
                "of epoch 2",
                () -> trustedNode().delegate(node.signs(maker.draft(node).ownerEpoch(2)), NOW));
        assertFails(
                WrongEpochException.class,
                "of epoch 2",
                () -> TrustedPrefix.anchored(
                        root.anchor(), root.signs(root.draft(root).ownerEpoch(2)), new SignatureVerifier(), NOW));
    }

    @Test
    void anExpiredItemIsRefused() {
        IdentifierRecord record = maker.signsItem(maker.item(PART).expiresAt(NOW + 10));

        assertThatCode(() -> trustedMaker().verify(PART_ID, record, NOW + 9)).doesNotThrowAnyException();
        assertFails(ExpiredRecordException.class, PART, () -> trustedMaker().verify(PART_ID, record, NOW + 10));
    }

    @Test
    void anExpiredPrefixIsRefused() {
        IdentifierRecord record = maker.signsItem(maker.item(PART));
        TrustedPrefix above = trustedNode();
        TrustedPrefix trusted = above.delegate(maker.delegated(node), NOW);

        assertThatCode(() -> trusted.verify(PART_ID, record, END - 1)).doesNotThrowAnyException();
        assertFails(ExpiredRecordException.class, "prefix", () -> trusted.verify(PART_ID, record, END));
        assertFails(ExpiredRecordException.class, "prefix", () -> above.delegate(maker.delegated(node), END));
        assertFails(
                ExpiredRecordException.class,
                "vaa:88.118.8",
                () -> trustedNode().delegate(node.signs(maker.draft(node).expiresAt(NOW)), NOW));
        assertFails(
                ExpiredRecordException.class,
                "vaa:88",
                () -> TrustedPrefix.anchored(root.anchor(), root.selfSigned(), new SignatureVerifier(), END));
    }

    @Test
    void anExpiredPrefixFurtherUpIsRefused() {
        IdentifierRecord brief = root.signs(node.draft(root).expiresAt(NOW + 10));
        TrustedPrefix trusted = root.anchored().delegate(brief, NOW).delegate(maker.delegated(node), NOW);

        assertFails(
                ExpiredRecordException.class,
                "vaa:88.118 ",
                () -> trusted.verify(PART_ID, maker.signsItem(maker.item(PART)), NOW + 10));
    }

    @Test
    void aRevokedPrefixIsRefused() {
        assertFails(
                RevokedPrefixException.class,
                "vaa:88.118.8",
                () -> trustedNode().delegate(node.signs(maker.draft(node).revoked()), NOW));
        assertFails(
                RevokedPrefixException.class,
                "vaa:88",
                () -> TrustedPrefix.anchored(
                        root.anchor(), root.signs(root.draft(root).revoked()), new SignatureVerifier(), NOW));
    }

    @Test
    void anItemOfAnotherIdentifierIsRefused() {
        IdentifierRecord record = maker.signsItem(maker.item("88.118.8/another"));

        assertFails(
                WrongIdentifierException.class,
                "asked for " + PART,
                () -> trustedMaker().verify(PART_ID, record, NOW));
    }

    @Test
    void aPrefixRecordIsNoItem() {
        Identifier arc = Identifier.parse("urn:oid:1.2.156");
        Party oid = Party.of("oid:1.2.156", Suite.ED25519);
        TrustedPrefix trusted = oid.anchored();

        assertFails(
                WrongIdentifierException.class,
                "got a record of prefix",
                () -> trusted.verify(arc, oid.selfSigned(), NOW));
    }

    @Test
    void anItemIsNoPrefixRecord() {
        assertFails(
                TamperedRecordException.class,
                "header.key.kind",
                () -> trustedNode().delegate(node.signs(node.item("88.118/x")), NOW));
    }

    @Test
    void aPartialPrefixRecordIsRefused() {
        IdentifierRecord partial = maker.delegated(node).select(Suite.SM2.hash(), Set.of(1L), List.of());

        assertFails(
                TamperedRecordException.class,
                "must all be there",
                () -> trustedNode().delegate(partial, NOW));
    }

    @Test
    void theAnchorsRecordMustHoldItsKey() {
        Party other = Party.of("vaa:88", Suite.ED25519);

        assertFails(
                UntrustedAnchorException.class,
                "does not hold the anchor's key",
                () -> TrustedPrefix.anchored(root.anchor(), other.selfSigned(), new SignatureVerifier(), NOW));
    }

    @Test
    void theAnchorsRecordMustBeSignedByItsKey() {
        Party other = Party.of("vaa:88", Suite.ED25519);
        RecordDraft.Builder both = root.draft(root.prefix(), root.delegateKey(), other.delegateKey());

        assertFails(
                UntrustedAnchorException.class,
                "not by the anchor's",
                () -> TrustedPrefix.anchored(root.anchor(), other.signs(both), new SignatureVerifier(), NOW));
    }

    @Test
    void theAnchorsRecordMustBeSelfSigned() {
        RecordDraft.Builder draft = node.draft(root.prefix(), node.delegateKey());

        assertFails(
                UntrustedAnchorException.class,
                "owned by vaa:88",
                () -> TrustedPrefix.anchored(node.anchor(), node.signs(draft), new SignatureVerifier(), NOW));
    }

    @Test
    void theAnchorsRecordMustBeThatOfItsPrefix() {
        assertFails(
                WrongIdentifierException.class,
                "asked for prefix vaa:88",
                () -> TrustedPrefix.anchored(root.anchor(), node.selfSigned(), new SignatureVerifier(), NOW));
    }

    @Test
    void aRevokedAnchorKeyIsRefused() {
        RecordDraft.Builder draft = root.draft(root.prefix(), root.delegateKey().in(KeyState.KEY_REVOKED));

        assertFails(
                RevokedKeyException.class,
                root.delegate().id().toString(),
                () -> TrustedPrefix.anchored(root.anchor(), root.signs(draft), new SignatureVerifier(), NOW));
    }

    @Test
    void anAnchorKeyThatMayNotDelegateIsRefused() {
        RecordDraft.Builder draft =
                root.draft(root.prefix(), PartyKey.active(root.delegate().verifyingKey(), Set.of(KeyRole.RECORDS)));

        assertFails(
                WrongRoleException.class,
                "DELEGATE",
                () -> TrustedPrefix.anchored(root.anchor(), root.signs(draft), new SignatureVerifier(), NOW));
    }

    @Test
    void changedValuesAreNoticed() throws Exception {
        SignedRecord signed =
                SignedRecord.parseFrom(maker.signsItem(maker.item(PART)).encoded());
        SignedRecord other = SignedRecord.parseFrom(maker.signsItem(RecordDraft.item(PART_ID, maker.prefix())
                        .value(1, "URL", "https://example.org")
                        .value(2, "model", "ZE60"))
                .encoded());
        IdentifierRecord forged = IdentifierRecord.parse(
                signed.toBuilder().setValues(0, other.getValues(0)).build().toByteString());

        assertFails(
                TamperedRecordException.class,
                "not those that were signed",
                () -> trustedMaker().verify(PART_ID, forged, NOW));
    }

    @Test
    void aDisclosureThatDoesNotFitIsNoticed() throws Exception {
        SignedRecord.Builder part = SignedRecord.parseFrom(maker.signsItem(maker.item(PART))
                        .select(Suite.ED25519.hash(), Set.of(1L), List.of())
                        .encoded())
                .toBuilder();
        part.getDisclosureBuilder().clearSiblings();
        IdentifierRecord forged = IdentifierRecord.parse(part.build().toByteString());

        assertFails(
                TamperedRecordException.class,
                "disclosure.siblings",
                () -> trustedMaker().verify(PART_ID, forged, NOW));
    }

    @ParameterizedTest
    @EnumSource(value = Purpose.class, names = "RECORD", mode = EnumSource.Mode.EXCLUDE)
    void aSignatureForAnotherPurposeIsNoSignatureOfARecord(Purpose purpose) {
        IdentifierRecord confused = signedFor(purpose, maker.records(), maker.item(PART));

        assertFails(BadSignatureException.class, PART, () -> trustedMaker().verify(PART_ID, confused, NOW));
    }

    @Test
    void aSignatureForTheOtherSuiteIsNoSignature() {
        RecordDraft draft = maker.item(PART).build();
        SigningKey key = maker.records();
        ByteString header = draft.headerFor(key.id().bytes(), key.suite().hash());
        byte[] root = RecordDraft.headerLeaf(key.suite().hash(), header);
        byte[] signature = key.sign(Purpose.RECORD.signedBytes(Suite.SM2, 1, root));
        IdentifierRecord confused = draft.signed(header, proof(signature), null);

        assertFails(BadSignatureException.class, PART, () -> trustedMaker().verify(PART_ID, confused, NOW));
    }

    @Test
    void aSignatureByAnotherKeyThanTheHeaderNamesIsBad() {
        RecordDraft draft = maker.item(PART).build();
        SigningKey named = maker.records();
        SigningKey signing = maker.delegate();
        ByteString header = draft.headerFor(named.id().bytes(), named.suite().hash());
        byte[] root = RecordDraft.headerLeaf(signing.suite().hash(), header);
        byte[] signature = signing.sign(Purpose.RECORD.signedBytes(signing.suite(), 1, root));
        IdentifierRecord record = draft.signed(header, proof(signature), null);

        assertFails(BadSignatureException.class, PART, () -> trustedMaker().verify(PART_ID, record, NOW));
        assertThat(new SignatureVerifier().verifies(record, signing.verifyingKey()))
                .isFalse();
    }

    /** RFC 9162 paths alone do not fix the size of a tree (leaf 0 of 3 has the path of leaf 0 of 4); the signed bytes do. */
    @Test
    void anotherTreeSizeIsABadSignature() throws Exception {
        List<IdentifierRecord> three = new RecordSigner(maker.records())
                .signAll(List.of(
                        maker.item(PART).build(),
                        maker.item("88.118.8/b").build(),
                        maker.item("88.118.8/c").build()));
        SignedRecord first = SignedRecord.parseFrom(three.get(0).encoded());
        // One that has verified the root for the right size before, and remembers it.
        TrustedPrefix trusted = trustedMaker();
        trusted.verify(PART_ID, three.get(0), NOW);
        for (int size : new int[] {1, 2, 4, 5, 6, 7, 8, 9}) {
            SignedRecord.Builder changed = first.toBuilder();
            changed.getProofBuilder().setTreeSize(size);
            IdentifierRecord record = IdentifierRecord.parse(changed.build().toByteString());
            assertFails(BadSignatureException.class, PART, () -> trusted.verify(PART_ID, record, NOW));
        }
    }

    @Test
    void aChainLongerThanTheLimitIsRefused() {
        Party link = root;
        TrustedPrefix trusted = root.anchored();
        StringBuilder prefix = new StringBuilder("vaa:88");
        for (int depth = 2; depth <= Limits.CHAIN_LENGTH; depth++) {
            Party below = Party.of(prefix.append(".1").toString(), Suite.ED25519);
            trusted = trusted.delegate(below.delegated(link), NOW);
            link = below;
        }
        Party last = link;
        TrustedPrefix longest = trusted;
        Party below = Party.of(prefix.append(".1").toString(), Suite.ED25519);

        assertThat(longest.chain()).hasSize(Limits.CHAIN_LENGTH);
        assertFails(WrongOwnerException.class, "longer than 16", () -> longest.delegate(below.delegated(last), NOW));
    }

    @Test
    void anAnchorReadsItsOwnText() {
        Anchor anchor = root.anchor();

        assertThat(anchor.toString()).startsWith("vaa:88#").hasSize(7 + 64);
        assertThat(Anchor.parse(anchor.toString())).isEqualTo(anchor);
        for (String text : List.of("vaa:88", "vaa:88#", "#" + anchor.keyId(), "vaa:88#" + "x".repeat(64), "")) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> Anchor.parse(text));
        }
        assertThat(anchor.prefix()).isEqualTo(Prefix.parse("vaa:88"));
    }

    private static IdentifierRecord signedFor(Purpose purpose, SigningKey key, RecordDraft.Builder builder) {
        RecordDraft draft = builder.build();
        ByteString header = draft.headerFor(key.id().bytes(), key.suite().hash());
        byte[] root = RecordDraft.headerLeaf(key.suite().hash(), header);
        return draft.signed(header, proof(key.sign(purpose.signedBytes(key.suite(), 1, root))), null);
    }

    private static SignatureProof proof(byte[] signature) {
        return new SignatureProof(1, 0, ByteString.EMPTY, ByteString.copyFrom(signature));
    }
}
