package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.Limits;
import org.waymark.identifier.Scheme;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.v1.Denial;
import org.waymark.v1.DenialStatement;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RecordKind;

/** A national prefix, a secondary one with a node of its own, and an enterprise that is hosted there. */
class AbsenceDenialTest {

    private static final long NOW = Party.NOW;
    private static final RecordKey ASKED = item("88.118.8/NO-SUCH-PART");

    private final Party national = Party.of("vaa:88", Suite.ED25519);
    private final Party secondary = Party.of("vaa:88.118", Suite.ED25519);
    private final Party enterprise = Party.of("vaa:88.118.8", Suite.ED25519);
    private final SigningKey nationalNode = SigningKey.generate(Suite.ED25519);
    private final SigningKey node = SigningKey.generate(Suite.ED25519);
    private final SignatureVerifier signatures = new SignatureVerifier();

    private static RecordKey item(String identifier) {
        return RecordKey.of(RecordKind.ITEM, Scheme.VAA, identifier);
    }

    private static PartyKey nodeKey(SigningKey key) {
        return PartyKey.active(key.verifyingKey(), Set.of(KeyRole.NODE));
    }

    private IdentifierRecord secondaryRecord(PartyKey key) {
        RecordDraft.Builder draft = RecordDraft.prefix(secondary.prefix(), national.prefix())
                .issuedAt(NOW)
                .expiresAt(Party.END);
        NodeAddress address = NodeAddress.newBuilder()
                .setFace("waymark")
                .setHost("127.0.0.1")
                .setPort(2_640)
                .build();
        return national.signs(PrefixRecord.describe(
                draft,
                PrefixDescription.newBuilder().setName("secondary").build(),
                List.of(secondary.delegateKey(), secondary.recordsKey(), key),
                List.of(address)));
    }

    /** The chain of the enterprise, under a secondary node with this key. */
    private TrustedPrefix chain(PartyKey key) {
        IdentifierRecord root = national.signs(national.draft(
                national.prefix(), national.delegateKey(), national.recordsKey(), nodeKey(nationalNode)));
        return TrustedPrefix.anchored(national.anchor(), root, signatures, NOW)
                .delegate(secondaryRecord(key), NOW)
                .delegate(enterprise.delegated(secondary), NOW);
    }

    private static DenialStatement.Builder statement(RecordKey key, Party signer, SigningKey by) {
        return DenialStatement.newBuilder()
                .setKey(key.toProto())
                .setOwner("88.118.8")
                .setOwnerEpoch(1)
                .setSigner(signer.prefix().canonical())
                .setKeyId(by.id().bytes())
                .setSequence(7)
                .setIssuedAt(NOW)
                .setTtl(30);
    }

    private Denial denial(UnaryOperator<DenialStatement.Builder> change) {
        return AbsenceDenial.sign(
                        node,
                        List.of(change.apply(statement(ASKED, secondary, node)).build()))
                .get(0);
    }

    private void verify(Denial denial, TrustedPrefix chain, long now) {
        AbsenceDenial.parse(denial).verify(ASKED, chain, signatures, now);
    }

    private <E extends VerificationException> void isRefused(
            Class<E> as, Denial denial, TrustedPrefix chain, long now) {
        assertThatExceptionOfType(as).isThrownBy(() -> verify(denial, chain, now));
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void denialsOfOneMomentShareASignatureAndVerifyEachByItself(Suite suite) {
        SigningKey key = SigningKey.generate(suite);
        List<RecordKey> keys =
                IntStream.range(0, 5).mapToObj(i -> item("88.118.8/none" + i)).toList();

        List<Denial> denials = AbsenceDenial.sign(
                key,
                keys.stream()
                        .map(asked -> statement(asked, secondary, key).build())
                        .toList());

        assertThat(denials.stream()
                        .map(denial -> denial.getProof().getSignature())
                        .distinct())
                .hasSize(1);
        TrustedPrefix chain = chain(nodeKey(key));
        for (int i = 0; i < keys.size(); i++) {
            AbsenceDenial denial = AbsenceDenial.parse(denials.get(i));
            denial.verify(keys.get(i), chain, signatures, NOW);
            assertThat(denial.treeSize()).isEqualTo(5);
            assertThat(denial.sequence()).isEqualTo(7);
        }
    }

    @Test
    void aDenialOfAnotherIdentifierIsRefused() {
        isRefused(
                WrongIdentifierException.class,
                denial(statement -> statement.setKey(item("88.118.8/other").toProto())),
                chain(nodeKey(node)),
                NOW);
    }

    @Test
    void aDenialForAnotherOwnerOrEpochIsRefused() {
        TrustedPrefix chain = chain(nodeKey(node));

        isRefused(WrongOwnerException.class, denial(statement -> statement.setOwner("88.118")), chain, NOW);
        isRefused(WrongEpochException.class, denial(statement -> statement.setOwnerEpoch(2)), chain, NOW);
    }

    @Test
    void aKeyOfThePrefixAboveTheServingOneMayNotDeny() {
        DenialStatement statement = statement(ASKED, national, nationalNode).build();

        isRefused(
                WrongOwnerException.class,
                AbsenceDenial.sign(nationalNode, List.of(statement)).get(0),
                chain(nodeKey(node)),
                NOW);
    }

    @Test
    void aKeyWithoutTheRoleOrThatIsNotActiveMayNotDeny() {
        Denial denial = denial(statement -> statement);

        isRefused(
                WrongRoleException.class,
                denial,
                chain(PartyKey.active(node.verifyingKey(), Set.of(KeyRole.RECORDS))),
                NOW);
        isRefused(WrongRoleException.class, denial, chain(nodeKey(node).in(KeyState.KEY_RETIRED)), NOW);
        isRefused(RevokedKeyException.class, denial, chain(nodeKey(node).in(KeyState.KEY_REVOKED)), NOW);
        isRefused(UnknownKeyException.class, denial, chain(nodeKey(SigningKey.generate(Suite.ED25519))), NOW);
    }

    @Test
    void aDenialEndsWithItsLife() {
        TrustedPrefix chain = chain(nodeKey(node));
        Denial denial = denial(statement -> statement);
        long last = NOW + 30_000 + Limits.CLOCK_AHEAD_MILLIS;

        assertThatCode(() -> verify(denial, chain, last)).doesNotThrowAnyException();
        isRefused(ExpiredRecordException.class, denial, chain, last + 1);
        isRefused(ExpiredRecordException.class, denial, chain, NOW - Limits.CLOCK_AHEAD_MILLIS - 1);
    }

    @Test
    void noAlteredByteOfTheStatementVerifies() {
        TrustedPrefix chain = chain(nodeKey(node));
        Denial denial = denial(statement -> statement);
        for (int at = 0; at < denial.getStatement().size(); at++) {
            byte[] bytes = denial.getStatement().toByteArray();
            bytes[at] ^= 1;
            Denial altered =
                    denial.toBuilder().setStatement(ByteString.copyFrom(bytes)).build();

            assertThat(refuses(altered, chain)).as("byte %d", at).isTrue();
        }
    }

    private boolean refuses(Denial denial, TrustedPrefix chain) {
        try {
            verify(denial, chain, NOW);
            return false;
        } catch (VerificationException | InvalidRecordException e) {
            return true;
        }
    }

    @Test
    void aDenialIsExpectedWhereAKeyMaySignOne() {
        assertThat(AbsenceDenial.isExpected(chain(nodeKey(node)))).isTrue();
        assertThat(AbsenceDenial.isExpected(chain(nodeKey(node).in(KeyState.KEY_REVOKED))))
                .isFalse();
    }

    @Test
    void aTreeHasItsLimit() {
        DenialStatement one = statement(ASKED, secondary, node).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        AbsenceDenial.sign(node, java.util.Collections.nCopies(AbsenceDenial.LARGEST_TREE + 1, one)));
        assertThatIllegalArgumentException().isThrownBy(() -> AbsenceDenial.sign(node, List.of()));
    }
}
