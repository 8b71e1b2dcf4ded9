package org.waymark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.AbsenceDenial;
import org.waymark.trust.ExpiredRecordException;
import org.waymark.trust.PartyKey;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.UnprovenAbsenceException;
import org.waymark.trust.WrongOwnerException;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Denial;
import org.waymark.v1.DenialStatement;
import org.waymark.v1.KeyRole;
import org.waymark.v1.Outcome;

/** Answers that there is no record, signed and not. */
class AbsenceTest {

    private static final String MISSING = "88.118.8/NO-SUCH-PART";
    private static final Identifier IDENTIFIER = Identifier.parse(MISSING);
    private static final RecordKey KEY = FakeNode.item(MISSING);

    private final TestParty root = TestParty.of("88");
    private final TestParty secondary = TestParty.of("88.118");
    private final TestParty enterprise = TestParty.of("88.118.8");
    private final SigningKey nodeKey = SigningKey.generate(Suite.ED25519);
    private final IdentifierRecord keyless = root.delegate(secondary);
    private final IdentifierRecord keyed = root.delegate(
            secondary,
            List.of(secondary.partyKey(), PartyKey.active(nodeKey.verifyingKey(), Set.of(KeyRole.NODE))),
            draft -> draft);
    private final FakeNode node = new FakeNode();
    private final List<AutoCloseable> open = new ArrayList<>(List.of(node));

    @BeforeEach
    void fill() {
        node.hold(root.root(), keyed, secondary.delegate(enterprise));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    private ResolverClient.Builder builder() {
        return ResolverClient.builder().node("127.0.0.1", node.port()).anchor(root.anchor());
    }

    private Resolution.NotFound resolve(ResolverClient.Builder builder) {
        ResolverClient client = builder.build();
        open.add(0, client);
        return (Resolution.NotFound) client.blocking().resolve(IDENTIFIER);
    }

    private Denial denial(UnaryOperator<DenialStatement.Builder> change) {
        DenialStatement.Builder statement = DenialStatement.newBuilder()
                .setKey(KEY.toProto())
                .setOwner("88.118.8")
                .setOwnerEpoch(1)
                .setSigner("88.118")
                .setKeyId(nodeKey.id().bytes())
                .setSequence(12)
                .setIssuedAt(System.currentTimeMillis())
                .setTtl(30);
        return AbsenceDenial.sign(nodeKey, List.of(change.apply(statement).build()))
                .get(0);
    }

    private void answer(AnswerDetail.Builder detail, boolean stale) {
        node.twist(
                KEY,
                reply -> new FakeNode.Reply(Outcome.NOT_FOUND, detail.build().toByteString(), 30_000, stale));
    }

    private static AnswerDetail.Builder detail(Denial denial) {
        return AnswerDetail.newBuilder().setOwner("88.118.8").setDenial(denial);
    }

    private void anUnsignedOne() {
        answer(AnswerDetail.newBuilder().setOwner("88.118.8"), false);
    }

    private void withoutNodeKey() {
        node.forget(FakeNode.prefix("88.118"));
        node.hold(keyless);
    }

    @Test
    void aSignedDenialIsProof() {
        answer(detail(denial(statement -> statement)), false);

        Resolution.NotFound notFound = resolve(builder().requireProofOfAbsence());

        assertThat(notFound.isProven()).isTrue();
        assertThat(notFound.proof().orElseThrow().sequence()).isEqualTo(12);
        assertThat(notFound.chain()).hasSize(3);
    }

    @Test
    void anUnsignedOneIsRefusedWhereThePrefixHasAKeyForIt() {
        anUnsignedOne();

        assertThatThrownBy(() -> resolve(builder())).isInstanceOf(UnprovenAbsenceException.class);
    }

    @Test
    void anUnsignedOneIsTheNodesWordWhereThePrefixHasNoKeyForIt() {
        withoutNodeKey();
        anUnsignedOne();

        assertThat(resolve(builder()).isProven()).isFalse();
    }

    @Test
    void anUnsignedOneIsRefusedWhereProofIsRequired() {
        withoutNodeKey();
        anUnsignedOne();

        assertThatThrownBy(() -> resolve(builder().requireProofOfAbsence()))
                .isInstanceOf(UnprovenAbsenceException.class);
    }

    @Test
    void withoutVerificationItIsWhatTheNodeSays() {
        anUnsignedOne();

        assertThat(resolve(builder().withoutVerification()).isProven()).isFalse();
    }

    @Test
    void anOldDenialIsRefusedUnlessTheNodeSaysThatItIsStale() {
        Denial old = denial(statement -> statement.setIssuedAt(System.currentTimeMillis() - 3_600_000));
        answer(detail(old), false);
        assertThatThrownBy(() -> resolve(builder())).isInstanceOf(ExpiredRecordException.class);

        answer(detail(old), true);
        assertThat(resolve(builder()).isProven()).isFalse();
    }

    @Test
    void aBrokenDenialIsRefused() {
        answer(detail(denial(statement -> statement.setOwner("88.118.08x/"))), false);

        assertThatThrownBy(() -> resolve(builder())).isInstanceOf(TamperedRecordException.class);
    }

    @Test
    void aDenialUnderAPrefixThatIsNotTheIdentifiersIsRefused() {
        answer(AnswerDetail.newBuilder().setOwner("88.200"), false);

        assertThatThrownBy(() -> resolve(builder())).isInstanceOf(WrongOwnerException.class);
    }

    @Test
    void aDenialThatPassesOverAPrefixThatIsKnownIsRefused() {
        IdentifierRecord item = enterprise.item("88.118.8/pump", "pump");
        node.hold(item);
        ResolverClient client = builder().build();
        open.add(0, client);
        client.blocking().resolve(Identifier.parse("88.118.8/pump"));
        answer(
                AnswerDetail.newBuilder()
                        .setOwner("88.118")
                        .setDenial(denial(statement -> statement.setOwner("88.118"))),
                false);

        assertThatThrownBy(() -> client.blocking().resolve(IDENTIFIER)).isInstanceOf(WrongOwnerException.class);
    }
}
