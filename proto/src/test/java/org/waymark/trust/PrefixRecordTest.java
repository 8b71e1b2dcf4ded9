package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDraft;
import org.waymark.v1.Header;
import org.waymark.v1.KeyRole;
import org.waymark.v1.KeyState;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.PrefixKey;
import org.waymark.v1.SignedRecord;

class PrefixRecordTest {

    private static final Prefix OWNER = Prefix.parse("vaa:88.118");
    private static final Prefix PREFIX = Prefix.parse("vaa:88.118.8");
    private static final SigningKey KEY = SigningKey.generate(Suite.ED25519);
    private static final PrefixDescription NAMED =
            PrefixDescription.newBuilder().setName("Hunan Pumps").build();
    private static final NodeAddress NODE = NodeAddress.newBuilder()
            .setFace("waymark")
            .setHost("node.example.cn")
            .setPort(2640)
            .build();

    private static RecordDraft.Builder empty() {
        return RecordDraft.prefix(PREFIX, OWNER).expiresAt(Party.END);
    }

    private static RecordDraft.Builder described() {
        return empty().value(1, PrefixRecord.DESCRIPTION_TYPE, NAMED);
    }

    private static RecordDraft.Builder withDescription(UnaryOperator<PrefixDescription.Builder> change) {
        return empty().value(
                        1,
                        PrefixRecord.DESCRIPTION_TYPE,
                        change.apply(NAMED.toBuilder()).build());
    }

    private static RecordDraft.Builder withNode(UnaryOperator<NodeAddress.Builder> change) {
        return described()
                .value(3, PrefixRecord.NODE_TYPE, change.apply(NODE.toBuilder()).build());
    }

    private static RecordDraft.Builder withKey(UnaryOperator<PrefixKey.Builder> change) {
        PrefixKey.Builder key = PrefixKey.newBuilder()
                .setPublicKey(ByteString.copyFrom(KEY.verifyingKey().encoded()))
                .setState(KeyState.KEY_ACTIVE)
                .addRoles(KeyRole.RECORDS);
        return described().value(300, PrefixRecord.KEY_TYPE, change.apply(key).build());
    }

    private static IdentifierRecord sign(RecordDraft.Builder draft) {
        return new RecordSigner(KEY).sign(draft.build());
    }

    @Test
    void aDescriptionIsReadAsItWasWritten() {
        PartyKey first = PartyKey.active(KEY.verifyingKey(), Set.of(KeyRole.NODE, KeyRole.DELEGATE));
        PartyKey second = PartyKey.active(SigningKey.generate(Suite.SM2).verifyingKey(), Set.of(KeyRole.AUTH))
                .in(KeyState.KEY_RETIRED);
        PrefixRecord record =
                PrefixRecord.of(sign(PrefixRecord.describe(empty(), NAMED, List.of(first, second), List.of(NODE))
                        .value(2_000, "note", "free text")));

        assertThat(record.prefix()).isEqualTo(PREFIX);
        assertThat(record.owner()).isEqualTo(OWNER);
        assertThat(record.isSelfSigned()).isFalse();
        assertThat(record.epoch()).isEqualTo(1);
        assertThat(record.description()).isEqualTo(NAMED);
        assertThat(record.keys()).containsExactly(first, second);
        assertThat(record.key(second.id())).contains(second);
        assertThat(record.key(SigningKey.generate(Suite.SM2).id())).isEmpty();
        assertThat(record.addresses()).containsExactly(NODE);
        assertThat(record).hasToString("vaa:88.118.8 version 1");
    }

    static Stream<Arguments> brokenRules() {
        return Stream.of(
                arguments("header.key.kind", RecordDraft.item(Identifier.parse("88.118.8/x"), PREFIX)),
                arguments(
                        "header.owner",
                        RecordDraft.prefix(PREFIX, Prefix.parse("vaa:88.119")).expiresAt(Party.END)),
                arguments(
                        "header.owner",
                        RecordDraft.prefix(PREFIX, Prefix.parse("vaa:88.118.8.1"))
                                .expiresAt(Party.END)),
                arguments("values", empty()),
                arguments("values[0].index", empty().value(2, PrefixRecord.DESCRIPTION_TYPE, NAMED)),
                arguments("values[1].index", described().value(2, PrefixRecord.DESCRIPTION_TYPE, NAMED)),
                arguments("values[0].data", empty().value(1, PrefixRecord.DESCRIPTION_TYPE, "\u0001")),
                arguments("values[0].data.name", withDescription(PrefixDescription.Builder::clearName)),
                arguments("values[0].data.name", withDescription(party -> party.setName("\u6e58".repeat(86)))),
                arguments("values[0].data.contact", withDescription(party -> party.setContact("x".repeat(257)))),
                arguments(
                        "values[0].data.registration", withDescription(party -> party.setRegistration("x".repeat(65)))),
                arguments("values[0].data.industry", withDescription(party -> party.setIndustry("x".repeat(65)))),
                arguments("values[1].index", described().value(2, PrefixRecord.NODE_TYPE, NODE)),
                arguments("values[1].index", described().value(100, PrefixRecord.NODE_TYPE, NODE)),
                arguments("values[1].data", described().value(3, PrefixRecord.NODE_TYPE, "\u0001")),
                arguments("values[1].data.face", withNode(node -> node.setFace("gopher"))),
                arguments("values[1].data.host", withNode(NodeAddress.Builder::clearHost)),
                arguments("values[1].data.host", withNode(node -> node.setHost("h".repeat(254)))),
                arguments("values[1].data.port", withNode(NodeAddress.Builder::clearPort)),
                arguments("values[1].data.port", withNode(node -> node.setPort(65_536))),
                arguments("values[1].data.port", withNode(node -> node.setPort(-1))),
                arguments("values[1].index", described().value(299, PrefixRecord.KEY_TYPE, "")),
                arguments("values[1].index", described().value(400, PrefixRecord.KEY_TYPE, "")),
                arguments("values[1].data", described().value(300, PrefixRecord.KEY_TYPE, "\u0001")),
                arguments("values[1].data.roles", withKey(PrefixKey.Builder::clearRoles)),
                arguments("values[1].data.roles", withKey(key -> key.addRoles(KeyRole.RECORDS))),
                arguments("values[1].data.roles", withKey(key -> key.addRoles(KeyRole.DELEGATE))),
                arguments("values[1].data.roles", withKey(key -> key.addRolesValue(6))),
                arguments("values[1].data.roles", withKey(key -> key.setRolesValue(0, 0))),
                arguments("values[1].data.state", withKey(PrefixKey.Builder::clearState)),
                arguments("values[1].data.state", withKey(key -> key.setStateValue(4))),
                arguments("values[1].data.public_key", withKey(PrefixKey.Builder::clearPublicKey)),
                arguments(
                        "values[1].data.public_key",
                        withKey(key -> key.setPublicKey(ByteString.copyFrom(new byte[513])))),
                arguments(
                        "values[2]",
                        withKey(key -> key)
                                .value(
                                        301,
                                        PrefixRecord.KEY_TYPE,
                                        PartyKey.active(KEY.verifyingKey(), Set.of(KeyRole.AUTH))
                                                .toProto())),
                arguments("values[1].readers", described().restrictedValue(5, "note", new byte[1], List.of(OWNER))));
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("brokenRules")
    void aBrokenRuleIsRefusedWithItsField(String field, RecordDraft.Builder draft) {
        IdentifierRecord record = sign(draft);

        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> PrefixRecord.of(record))
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }

    @Test
    void aPrefixThatIsNotCanonicalIsRefused() throws Exception {
        SignedRecord signed = SignedRecord.parseFrom(sign(described()).encoded());
        Header.Builder header = Header.parseFrom(signed.getHeader()).toBuilder();
        header.getKeyBuilder().setIdentifier("88.118.a8");
        IdentifierRecord record = IdentifierRecord.parse(signed.toBuilder()
                .setHeader(header.build().toByteString())
                .build()
                .toByteString());

        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> PrefixRecord.of(record))
                .satisfies(e -> assertThat(e.field()).isEqualTo("header.key.identifier"))
                .withMessageContaining("88.118.A8");
    }

    @Test
    void asManyKeysAndAddressesAsThereAreIndexesFit() {
        List<PartyKey> keys = Stream.generate(() -> SigningKey.generate(Suite.ED25519))
                .limit(100)
                .map(key -> PartyKey.active(key.verifyingKey(), Set.of(KeyRole.AUTH)))
                .toList();
        PrefixRecord full =
                PrefixRecord.of(sign(PrefixRecord.describe(empty(), NAMED, keys, Collections.nCopies(97, NODE))));

        assertThat(full.keys()).hasSize(100);
        assertThat(full.addresses()).hasSize(97);
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> PrefixRecord.describe(empty(), NAMED, keys, Collections.nCopies(98, NODE)))
                .withMessageContaining("addresses");
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(
                        () -> PrefixRecord.describe(empty(), NAMED, Collections.nCopies(101, keys.get(0)), List.of()))
                .withMessageContaining("keys");
    }

    @Test
    void aKeyNeedsARole() {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> PartyKey.active(KEY.verifyingKey(), List.of()))
                .satisfies(e -> assertThat(e.field()).isEqualTo("roles"));
    }

    @Test
    void aKeySaysItsState() {
        PartyKey key = PartyKey.active(KEY.verifyingKey(), List.of(KeyRole.AUTH));

        assertThat(key.isActive()).isTrue();
        assertThat(key.in(KeyState.KEY_RETIRED).isActive()).isFalse();
        assertThat(key.in(KeyState.KEY_RETIRED).isRevoked()).isFalse();
        assertThat(key.in(KeyState.KEY_REVOKED).isRevoked()).isTrue();
        assertThat(key.has(KeyRole.AUTH)).isTrue();
        assertThat(key.has(KeyRole.NODE)).isFalse();
    }
}
