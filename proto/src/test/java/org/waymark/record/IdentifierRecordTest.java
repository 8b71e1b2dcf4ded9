package org.waymark.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.waymark.Limits;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.v1.Consent;
import org.waymark.v1.Disclosure;
import org.waymark.v1.Header;
import org.waymark.v1.Proof;
import org.waymark.v1.RecordKind;
import org.waymark.v1.SignedRecord;
import org.waymark.v1.Value;

class IdentifierRecordTest {

    private static final ByteString DIGEST = ByteString.copyFrom(new byte[32]);
    private static final ByteString SHA_256 =
            ByteString.copyFrom(new byte[] {1}).concat(DIGEST);

    private static SignedRecord message(RecordDraft.Builder draft) {
        try {
            return SignedRecord.parseFrom(
                    Drafts.unsigned(draft, HashFunction.SHA_256).encoded());
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static SignedRecord item() {
        return message(Drafts.item().value(1, "URL", "https://example.cn").value(2, "model", "X1"));
    }

    private static SignedRecord prefix() {
        return message(Drafts.prefix().value(1, "note", "text"));
    }

    private static SignedRecord partial() {
        IdentifierRecord record = parse(item());
        try {
            return SignedRecord.parseFrom(record.select(HashFunction.SHA_256, java.util.Set.of(1L), List.of())
                    .encoded());
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static IdentifierRecord parse(SignedRecord message) {
        return IdentifierRecord.parse(message.toByteString());
    }

    private static SignedRecord withHeader(SignedRecord message, Consumer<Header.Builder> change) {
        try {
            Header.Builder header = Header.parseFrom(message.getHeader()).toBuilder();
            change.accept(header);
            return message.toBuilder().setHeader(header.build().toByteString()).build();
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static SignedRecord withValue(Consumer<Value.Builder> change) {
        Value.Builder value = Value.newBuilder().setIndex(1).setType("URL");
        change.accept(value);
        return withHeader(
                item().toBuilder()
                        .clearValues()
                        .addValues(value.build().toByteString())
                        .build(),
                header -> header.setValueCount(1));
    }

    private static SignedRecord withProof(Consumer<Proof.Builder> change) {
        SignedRecord.Builder message = item().toBuilder();
        change.accept(message.getProofBuilder());
        return message.build();
    }

    private static SignedRecord withDisclosure(Consumer<Disclosure.Builder> change) {
        SignedRecord.Builder message = partial().toBuilder();
        change.accept(message.getDisclosureBuilder());
        return message.build();
    }

    private static SignedRecord withConsent(SignedRecord message, int keyIdBytes, int signatureBytes) {
        return message.toBuilder()
                .setConsent(Consent.newBuilder()
                        .setKeyId(ByteString.copyFrom(new byte[keyIdBytes]))
                        .setProof(Proof.newBuilder()
                                .setTreeSize(1)
                                .setSignature(ByteString.copyFrom(new byte[signatureBytes]))))
                .build();
    }

    private static SignedRecord secondVersion(SignedRecord message) {
        return withHeader(message, header -> header.setVersion(2).setPrevious(SHA_256));
    }

    private static UnknownFieldSet unknown(int field) {
        return UnknownFieldSet.newBuilder()
                .addField(field, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
    }

    static Stream<Arguments> brokenRules() {
        return Stream.of(
                arguments("header", item().toBuilder().clearHeader().build()),
                arguments(
                        "header",
                        item().toBuilder()
                                .setHeader(ByteString.copyFromUtf8("no header"))
                                .build()),
                arguments("header", withHeader(item(), header -> header.setUnknownFields(unknown(16)))),
                arguments("header", withHeader(item(), header -> header.setUnknownFields(unknown(100)))),
                arguments(
                        "header",
                        withHeader(
                                item(),
                                header -> header.setUnknownFields(UnknownFieldSet.newBuilder()
                                        .addField(
                                                101,
                                                UnknownFieldSet.Field.newBuilder()
                                                        .addLengthDelimited(
                                                                ByteString.copyFrom(new byte[Limits.HEADER_BYTES]))
                                                        .build())
                                        .build()))),
                arguments("header.format", withHeader(item(), Header.Builder::clearFormat)),
                arguments("header.format", withHeader(item(), header -> header.setFormat(2))),
                arguments("header.critical", withHeader(item(), header -> header.addCritical(101))),
                arguments("header.key", withHeader(item(), Header.Builder::clearKey)),
                arguments(
                        "header.key",
                        withHeader(item(), header -> header.getKeyBuilder().setUnknownFields(unknown(4)))),
                arguments(
                        "header.key.kind",
                        withHeader(item(), header -> header.getKeyBuilder().clearKind())),
                arguments(
                        "header.key.kind",
                        withHeader(item(), header -> header.getKeyBuilder().setKindValue(3))),
                arguments(
                        "header.key.scheme",
                        withHeader(item(), header -> header.getKeyBuilder().clearScheme())),
                arguments(
                        "header.key.scheme",
                        withHeader(item(), header -> header.getKeyBuilder().setSchemeValue(8))),
                arguments(
                        "header.key.scheme",
                        withHeader(item(), header -> header.getKeyBuilder().setSchemeValue(-1))),
                arguments(
                        "header.key.identifier",
                        withHeader(item(), header -> header.getKeyBuilder().clearIdentifier())),
                arguments(
                        "header.key.identifier",
                        withHeader(item(), header -> header.getKeyBuilder().setIdentifier("x".repeat(2_049)))),
                arguments("header.owner", withHeader(item(), Header.Builder::clearOwner)),
                arguments("header.owner", withHeader(item(), header -> header.setOwner("8".repeat(256)))),
                arguments("header.owner_epoch", withHeader(item(), Header.Builder::clearOwnerEpoch)),
                arguments("header.owner_epoch", withHeader(item(), header -> header.setOwnerEpoch(-1))),
                arguments("header.version", withHeader(item(), Header.Builder::clearVersion)),
                arguments("header.version", withHeader(item(), header -> header.setVersion(-1))),
                arguments("header.previous", withHeader(item(), header -> header.setPrevious(SHA_256))),
                arguments("header.previous", withHeader(item(), header -> header.setVersion(2))),
                arguments(
                        "header.previous",
                        withHeader(item(), header -> header.setVersion(2).setPrevious(DIGEST))),
                arguments(
                        "header.previous",
                        withHeader(
                                item(),
                                header -> header.setVersion(2)
                                        .setPrevious(ByteString.copyFrom(new byte[] {3})
                                                .concat(DIGEST)))),
                arguments("header.issued_at", withHeader(item(), Header.Builder::clearIssuedAt)),
                arguments("header.issued_at", withHeader(item(), header -> header.setIssuedAt(-1))),
                arguments("header.ttl", withHeader(item(), Header.Builder::clearTtl)),
                arguments("header.ttl", withHeader(item(), header -> header.setTtl(2_592_001))),
                arguments("header.ttl", withHeader(item(), header -> header.setTtl(-1))),
                arguments("header.ttl", withHeader(prefix(), header -> header.setTtl(301))),
                arguments("header.status", withHeader(item(), Header.Builder::clearStatus)),
                arguments("header.status", withHeader(item(), header -> header.setStatusValue(3))),
                arguments("header.key_id", withHeader(item(), Header.Builder::clearKeyId)),
                arguments("header.key_id", withHeader(item(), header -> header.setKeyId(SHA_256))),
                arguments("header.value_count", withHeader(item(), header -> header.setValueCount(257))),
                arguments("header.value_count", withHeader(item(), header -> header.setValueCount(-1))),
                arguments("header.values_root", withHeader(item(), Header.Builder::clearValuesRoot)),
                arguments("header.values_root", withHeader(item(), header -> header.setValuesRoot(SHA_256))),
                arguments("header.expires_at", withHeader(item(), header -> header.setExpiresAt(-1))),
                arguments("header.expires_at", withHeader(prefix(), Header.Builder::clearExpiresAt)),
                arguments("header.epoch", withHeader(item(), header -> header.setEpoch(1))),
                arguments("header.epoch", withHeader(prefix(), Header.Builder::clearEpoch)),
                arguments("header.epoch", withHeader(prefix(), header -> header.setEpoch(-1))),
                arguments("proof", item().toBuilder().clearProof().build()),
                arguments("proof.tree_size", withProof(Proof.Builder::clearTreeSize)),
                arguments("proof.tree_size", withProof(proof -> proof.setTreeSize(65_537))),
                arguments("proof.tree_size", withProof(proof -> proof.setTreeSize(-1))),
                arguments("proof.leaf", withProof(proof -> proof.setLeaf(1))),
                arguments("proof.leaf", withProof(proof -> proof.setLeaf(-1))),
                arguments("proof.path", withProof(proof -> proof.setPath(SHA_256))),
                arguments("proof.path", withProof(proof -> proof.setPath(ByteString.copyFrom(new byte[17 * 32])))),
                arguments("proof.signature", withProof(Proof.Builder::clearSignature)),
                arguments("proof.signature", withProof(proof -> proof.setSignature(ByteString.copyFrom(new byte[65])))),
                arguments("consent", withConsent(item(), 32, 64)),
                arguments("consent", withConsent(secondVersion(item()), 32, 64)),
                arguments("consent", withConsent(prefix(), 32, 64)),
                arguments("consent.key_id", withConsent(secondVersion(prefix()), 31, 64)),
                arguments("consent.proof.signature", withConsent(secondVersion(prefix()), 32, 63)),
                arguments(
                        "consent.proof.tree_size",
                        secondVersion(prefix()).toBuilder()
                                .setConsent(Consent.newBuilder().setKeyId(DIGEST))
                                .build()),
                arguments("values", item().toBuilder().clearValues().build()),
                arguments(
                        "values",
                        item().toBuilder()
                                .addValues(Value.newBuilder()
                                        .setIndex(3)
                                        .setType("x")
                                        .build()
                                        .toByteString())
                                .build()),
                arguments("values", tooManyValues()),
                arguments(
                        "values[0]",
                        item().toBuilder()
                                .setValues(0, ByteString.copyFromUtf8("\u0001"))
                                .build()),
                arguments("values[0].index", withValue(Value.Builder::clearIndex)),
                arguments(
                        "values[1].index",
                        item().toBuilder().setValues(1, item().getValues(0)).build()),
                arguments(
                        "values[1].index",
                        item().toBuilder()
                                .setValues(0, item().getValues(1))
                                .setValues(1, item().getValues(0))
                                .build()),
                arguments("values[0].type", withValue(Value.Builder::clearType)),
                arguments("values[0].type", withValue(value -> value.setType("t".repeat(129)))),
                arguments("values[0].type", withValue(value -> value.setType("a\nb"))),
                arguments("values[0].type", withValue(value -> value.setType("a\u0085b"))),
                arguments(
                        "values[0].data",
                        withValue(value -> value.setData(ByteString.copyFrom(new byte[60 * 1_024 + 1])))),
                arguments("values[0].readers", withValue(value -> {
                    for (int i = 0; i < 65; i++) {
                        value.addReaders("88.118." + i);
                    }
                    value.setSalt(DIGEST.substring(16));
                })),
                arguments(
                        "values[0].readers[1]",
                        withValue(value ->
                                value.addReaders("88.118").addReaders("").setSalt(DIGEST.substring(16)))),
                arguments(
                        "values[0].readers[0]",
                        withValue(value -> value.addReaders("8".repeat(256)).setSalt(DIGEST.substring(16)))),
                arguments("values[0].salt", withValue(value -> value.setSalt(DIGEST.substring(16)))),
                arguments("values[0].salt", withValue(value -> value.addReaders("88.118"))),
                arguments(
                        "values[0].salt",
                        withValue(value -> value.addReaders("88.118").setSalt(DIGEST))),
                arguments(
                        "disclosure",
                        item().toBuilder()
                                .setDisclosure(Disclosure.getDefaultInstance())
                                .build()),
                arguments(
                        "disclosure",
                        item().toBuilder()
                                .setDisclosure(
                                        Disclosure.newBuilder().addLeaves(0).addLeaves(1))
                                .build()),
                arguments("disclosure.leaves", withDisclosure(Disclosure.Builder::clearLeaves)),
                arguments("disclosure.leaves", withDisclosure(disclosure -> disclosure.addLeaves(1))),
                arguments("disclosure.leaves", withDisclosure(disclosure -> disclosure.setLeaves(0, 2))),
                arguments("disclosure.leaves", withDisclosure(disclosure -> disclosure.setLeaves(0, -1))),
                arguments("disclosure.siblings", withDisclosure(disclosure -> disclosure.setSiblings(SHA_256))),
                arguments(
                        "disclosure.siblings",
                        withDisclosure(disclosure -> disclosure.setSiblings(ByteString.copyFrom(new byte[96])))));
    }

    private static SignedRecord tooManyValues() {
        SignedRecord.Builder message = item().toBuilder().clearValues();
        for (int i = 1; i <= 257; i++) {
            message.addValues(
                    Value.newBuilder().setIndex(i).setType("x").build().toByteString());
        }
        return message.build();
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("brokenRules")
    void aBrokenRuleIsRefusedWithItsField(String field, SignedRecord message) {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> parse(message))
                .satisfies(e -> {
                    assertThat(e.field()).isEqualTo(field);
                    assertThat(e.getMessage()).isEqualTo(field + " " + e.rule());
                });
    }

    static Stream<SignedRecord> atTheLimit() {
        return Stream.of(
                withHeader(item(), header -> header.setUnknownFields(unknown(101))),
                withHeader(item(), header -> header.setTtl(1)),
                withHeader(item(), header -> header.setTtl(2_592_000)),
                withHeader(prefix(), header -> header.setTtl(300)),
                withHeader(item(), header -> header.setVersion(Long.MAX_VALUE).setPrevious(SHA_256)),
                withHeader(item(), header -> header.setOwner("8".repeat(255))),
                withHeader(item(), header -> header.getKeyBuilder().setIdentifier("x".repeat(2_048))),
                withProof(proof ->
                        proof.setTreeSize(65_536).setLeaf(65_535).setPath(ByteString.copyFrom(new byte[16 * 32]))),
                withConsent(secondVersion(prefix()), 32, 64),
                withValue(value -> value.setIndex(-1)),
                withValue(value -> value.setType("\u578b\u53f7")),
                withValue(value -> value.setType("t".repeat(128))),
                withValue(value -> value.setData(ByteString.copyFrom(new byte[60 * 1_024]))),
                withValue(value -> value.addReaders("88.118").setSalt(DIGEST.substring(16))),
                partial());
    }

    @ParameterizedTest
    @MethodSource("atTheLimit")
    void whatIsAtTheLimitIsRead(SignedRecord message) {
        assertThat(parse(message).encoded()).isEqualTo(message.toByteString());
    }

    @Test
    void aRecordOverItsLimitIsRefusedBeforeItIsDecoded() {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(
                        () -> IdentifierRecord.parse(ByteString.copyFrom(new byte[Limits.PARTIAL_RECORD_BYTES + 1])))
                .satisfies(e -> {
                    assertThat(e.field()).isEqualTo("record");
                    assertThat(e.isOverLimit()).isTrue();
                });
    }

    @Test
    void aWholeRecordMayNotHaveTheSizeOfAPartialOne() {
        ByteString padding = ByteString.copyFrom(new byte[Limits.RECORD_BYTES]);
        SignedRecord padded = item().toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                200,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(padding)
                                        .build())
                        .build())
                .build();
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> parse(padded))
                .satisfies(e -> assertThat(e.isOverLimit()).isTrue());
    }

    @Test
    void theAccessorsSayWhatTheHeaderSays() {
        IdentifierRecord record = parse(withHeader(
                secondVersion(prefix()),
                header -> header.setOwnerEpoch(3)
                        .setEpoch(2)
                        .setStatusValue(2)
                        .setExpiresAt(Drafts.NOW + 5)
                        .setKeyId(SHA_256.substring(0, 32))));

        assertThat(record.kind()).isEqualTo(RecordKind.PREFIX);
        assertThat(record.key()).hasToString("prefix vaa:88.118.8");
        assertThat(record.owner()).isEqualTo(Prefix.parse("vaa:88.118"));
        assertThat(record.ownerEpoch()).isEqualTo(3);
        assertThat(record.epoch()).isEqualTo(2);
        assertThat(record.version()).isEqualTo(2);
        assertThat(record.previous()).contains(new RecordDigest(SHA_256));
        assertThat(record.issuedAt()).isEqualTo(Drafts.NOW);
        assertThat(record.ttlSeconds()).isEqualTo(300);
        assertThat(record.isRevoked()).isTrue();
        assertThat(record.keyId()).isEqualTo(SHA_256.substring(0, 32));
        assertThat(record.valueCount()).isEqualTo(1);
        assertThat(record).hasToString("prefix vaa:88.118.8 version 2");
    }

    @Test
    void aRecordExpiresAtTheMillisecondThatItNames() {
        IdentifierRecord record = parse(withHeader(item(), header -> header.setExpiresAt(1_000)));

        assertThat(record.isExpired(999)).isFalse();
        assertThat(record.isExpired(1_000)).isTrue();
        assertThat(parse(item()).isExpired(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void anOwnerOutsideTheGrammarIsNoticedWhenItIsRead() {
        IdentifierRecord record = parse(withHeader(item(), header -> header.setOwner("no prefix")));

        assertThatExceptionOfType(InvalidIdentifierException.class).isThrownBy(record::owner);
    }

    @Test
    void theDigestNamesItsHash() {
        IdentifierRecord record = parse(item());

        assertThat(record.digest(HashFunction.SHA_256).bytes().byteAt(0)).isEqualTo((byte) 1);
        assertThat(record.digest(HashFunction.SM3).bytes().byteAt(0)).isEqualTo((byte) 2);
        assertThat(record.digest(HashFunction.SM3).toString())
                .startsWith("sm3:")
                .hasSize(68);
        assertThat(record.digest(HashFunction.SHA_256).toString())
                .startsWith("sha-256:")
                .hasSize(72);
    }

    @Test
    void dataThatOnlySomeMayReadIsNotShown() {
        RecordValue restricted = Drafts.unsigned(
                        Drafts.item()
                                .restrictedValue(
                                        7, "price", "123 yuan".getBytes(), List.of(Prefix.parse("vaa:88.118"))),
                        HashFunction.SHA_256)
                .values()
                .get(0);

        assertThat(restricted).hasToString("7 price (restricted)");
        assertThat(restricted.readers()).containsExactly("88.118");
    }

    @Property(tries = 2_000)
    void randomBytesAreRefused(@ForAll byte[] bytes) {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> IdentifierRecord.parse(ByteString.copyFrom(bytes)));
    }

    @Property(tries = 500)
    void aTruncatedRecordIsRefused(@ForAll @IntRange(min = 0, max = 10_000) int length) {
        ByteString whole = partial().toByteString();
        ByteString cut = whole.substring(0, length % whole.size());

        assertThatExceptionOfType(InvalidRecordException.class).isThrownBy(() -> IdentifierRecord.parse(cut));
    }
}
