package org.waymark.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bouncycastle.crypto.digests.SM3Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Scheme;
import org.waymark.trust.Anchor;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.trust.TrustedPrefix;
import org.waymark.trust.VerifyingKey;
import org.waymark.v1.Header;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RecordStatus;
import org.waymark.v1.Value;
import org.waymark.wire.Frame;
import org.waymark.wire.FrameDecoder;
import org.waymark.wire.FrameType;

/** Reads the files in {@code vectors} as another implementation would, and checks that the code agrees. */
class VectorsTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final List<String> RANDOM_IN_SM2 =
            List.of("signature", "consent_signature", "record", "public_view");

    private static JsonNode read(String file) throws IOException {
        try (InputStream in = VectorsTest.class.getResourceAsStream("/vectors/" + file)) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static JsonNode records(Suite suite) throws IOException {
        return read("records-" + suite.name().toLowerCase(Locale.ROOT) + ".json");
    }

    private static byte[] bytes(JsonNode node, String field) {
        return HEX.parseHex(node.get(field).asText());
    }

    private static ByteString byteString(JsonNode node, String field) {
        return ByteString.copyFrom(bytes(node, field));
    }

    @Test
    void ed25519SignsAndVerifiesAsPublished() throws IOException {
        for (JsonNode vector : read("ed25519.json").get("vectors")) {
            SigningKey key = SigningKey.decode(HEX.parseHex(
                    "302e020100300506032b657004220420" + vector.get("secret").asText()));
            byte[] message = bytes(vector, "message");
            byte[] signature = bytes(vector, "signature");

            assertThat(HEX.formatHex(key.verifyingKey().encoded()))
                    .endsWith(vector.get("public").asText());
            assertThat(key.sign(message)).isEqualTo(signature);
            assertThat(key.verifyingKey().verifies(message, signature)).isTrue();
            message = Arrays.copyOf(message, message.length + 1);
            assertThat(key.verifyingKey().verifies(message, signature)).isFalse();
        }
    }

    @Test
    void sm3HashesAsPublished() throws IOException {
        for (JsonNode vector : read("sm3.json").get("vectors")) {
            byte[] message = bytes(vector, "message");

            assertThat(HashFunction.SM3.digest(message)).isEqualTo(bytes(vector, "digest"));
            assertThat(HashFunction.SM3.digest(
                            Arrays.copyOf(message, 1), Arrays.copyOfRange(message, 1, message.length)))
                    .isEqualTo(bytes(vector, "digest"));
        }
    }

    @Test
    void sm2VerifiesWhatWasPublished() throws IOException {
        for (JsonNode vector : read("sm2.json").get("vectors")) {
            VerifyingKey key = VerifyingKey.decode(HEX.parseHex("3059301306072a8648ce3d020106082a811ccf5501822d03420004"
                    + vector.get("public_x").asText()
                    + vector.get("public_y").asText()));
            SigningKey secret = SigningKey.decode(
                    HEX.parseHex("3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420"
                            + vector.get("secret").asText()));
            byte[] signature =
                    HEX.parseHex(vector.get("r").asText() + vector.get("s").asText());
            byte[] message = bytes(vector, "message");

            assertThat(secret.verifyingKey()).isEqualTo(key);
            assertThat(key.verifies(message, signature)).isTrue();
            message[0] ^= 1;
            assertThat(key.verifies(message, signature)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void theWriterReproducesTheFile(Suite suite) throws IOException {
        JsonNode stored = records(suite);
        JsonNode written =
                new ObjectMapper().readTree(VectorWriter.records(suite).toString());
        if (suite == Suite.SM2) {
            removeRandomFields(stored);
            removeRandomFields(written);
        }

        assertThat(written).isEqualTo(stored);
    }

    private static void removeRandomFields(JsonNode file) {
        file.get("records").forEach(vector -> ((ObjectNode) vector).remove(RANDOM_IN_SM2));
    }

    @Test
    void theWriterReproducesTheFrames() throws IOException {
        assertThat(new ObjectMapper().readTree(VectorWriter.frames().toString()))
                .isEqualTo(read("frames.json"));
    }

    @ParameterizedTest
    @EnumSource
    void keysAreReadFromTheirEncodings(Suite suite) throws IOException {
        JsonNode file = records(suite);
        assertThat(file.get("suite_code").asInt()).isEqualTo(suite.code());
        for (JsonNode vector : file.get("keys")) {
            SigningKey key = SigningKey.decode(bytes(vector, "private_key"));

            assertThat(key.suite()).isEqualTo(suite);
            assertThat(key.verifyingKey().encoded()).isEqualTo(bytes(vector, "public_key"));
            assertThat(key.id().toString()).isEqualTo(vector.get("key_id").asText());
        }
    }

    /** From the fields to the signature by nothing but the formulas of record.proto. */
    @ParameterizedTest
    @EnumSource
    void headersAndDigestsFollowFromTheFields(Suite suite) throws Exception {
        JsonNode file = records(suite);
        for (JsonNode vector : file.get("records")) {
            String name = vector.get("name").asText();
            JsonNode signer = file.get("keys").get(vector.get("signed_by").asText());
            List<byte[]> leaves = new ArrayList<>();
            for (JsonNode value : vector.get("values")) {
                byte[] encoded = bytes(value, "encoded");
                assertThat(valueOf(value).toByteArray()).as(name).isEqualTo(encoded);
                leaves.add(hash(suite, new byte[1], ascii("waymark/value/v1\0"), encoded));
            }
            assertThat(root(suite, leaves)).as(name).isEqualTo(bytes(vector, "values_root"));

            byte[] header = headerOf(vector, byteString(signer, "key_id")).toByteArray();
            assertThat(header).as(name).isEqualTo(bytes(vector, "header"));
            byte[] leaf = hash(suite, new byte[1], ascii("waymark/header/v1\0"), header);
            assertThat(leaf).as(name).isEqualTo(bytes(vector, "header_leaf"));
            assertThat(bytes(vector, "digest")).as(name).isEqualTo(join(new byte[] {(byte) suite.code()}, leaf));

            byte[] treeRoot = bytes(vector, "tree_root");
            byte[] signed = signedBytes("record", suite, vector.get("tree_size").asLong(), treeRoot);
            assertThat(signed).as(name).isEqualTo(bytes(vector, "signed_bytes"));
            VerifyingKey key = VerifyingKey.decode(bytes(signer, "public_key"));
            assertThat(key.verifies(signed, bytes(vector, "signature")))
                    .as(name)
                    .isTrue();
            if (vector.has("consent_by")) {
                byte[] consented = signedBytes("consent", suite, 1, leaf);
                VerifyingKey consenting = VerifyingKey.decode(
                        bytes(file.get("keys").get(vector.get("consent_by").asText()), "public_key"));
                assertThat(consented).as(name).isEqualTo(bytes(vector, "consent_signed_bytes"));
                assertThat(consenting.verifies(consented, bytes(vector, "consent_signature")))
                        .as(name)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTreeOfThreeHasTheRootOfItsLeaves(Suite suite) throws Exception {
        List<byte[]> leaves = new ArrayList<>();
        byte[] expected = null;
        for (JsonNode vector : records(suite).get("records")) {
            if (vector.get("tree_size").asInt() == 3) {
                assertThat(vector.get("leaf").asInt()).isEqualTo(leaves.size());
                leaves.add(bytes(vector, "header_leaf"));
                expected = bytes(vector, "tree_root");
            }
        }

        assertThat(leaves).hasSize(3);
        assertThat(root(suite, leaves)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void recordsVerifyFromTheAnchorDown(Suite suite) throws IOException {
        JsonNode file = records(suite);
        long now = file.get("now").asLong() + 5_000;
        Map<String, IdentifierRecord> records = new HashMap<>();
        for (JsonNode vector : file.get("records")) {
            IdentifierRecord record = IdentifierRecord.parse(byteString(vector, "record"));
            assertThat(record.headerBytes()).isEqualTo(byteString(vector, "header"));
            assertThat(record.proof().path()).isEqualTo(byteString(vector, "path"));
            assertThat(record.proof().signature()).isEqualTo(byteString(vector, "signature"));
            records.put(vector.get("name").asText(), record);
        }
        TrustedPrefix node = TrustedPrefix.anchored(
                        Anchor.parse(file.get("anchor").asText()), records.get("root"), new SignatureVerifier(), now)
                .delegate(records.get("node"), now);
        TrustedPrefix before = node.delegate(records.get("maker"), now);
        TrustedPrefix maker = node.delegate(records.get("maker, version 2"), now);
        int items = 0;
        for (JsonNode vector : file.get("records")) {
            IdentifierRecord record = records.get(vector.get("name").asText());
            if (record.kind() == RecordKind.ITEM) {
                Identifier identifier =
                        Identifier.parse(record.scheme(), record.key().identifier());
                before.verify(identifier, record, now);
                maker.verify(identifier, record, now);
                items++;
            }
            if (vector.has("public_view")) {
                IdentifierRecord view = IdentifierRecord.parse(byteString(vector, "public_view"));
                maker.verify(Identifier.parse(view.scheme(), view.key().identifier()), view, now);
                assertThat(view.isPartial()).isTrue();
                assertThat(view.hasRestrictedValues()).isFalse();
                assertThat(record.publicView(suite.hash())).isEqualTo(view);
            }
        }
        assertThat(items).isEqualTo(5);
    }

    @Test
    void keysAndFramesAreReadAsTheirFieldsSay() throws IOException {
        JsonNode file = read("frames.json");
        for (JsonNode vector : file.get("record_keys")) {
            RecordKey key = RecordKey.decode(bytes(vector, "encoded"));
            assertThat(key)
                    .isEqualTo(RecordKey.of(
                            RecordKind.valueOf(vector.get("kind").asText()),
                            Scheme.valueOf(vector.get("scheme").asText()),
                            vector.get("identifier").asText()));
        }
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(Limits.FRAME_BYTES));
        List<FrameType> types = new ArrayList<>();
        for (JsonNode vector : file.get("frames")) {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes(vector, "bytes")));
            Frame frame = channel.readInbound();
            types.add(frame.header().type());
            frame.release();
        }
        channel.finishAndReleaseAll();
        assertThat(types).containsExactly(FrameType.HELLO, FrameType.RESOLVE, FrameType.ANSWER);
    }

    private static Value valueOf(JsonNode node) {
        Value.Builder value = Value.newBuilder()
                .setIndex((int) node.get("index").asLong())
                .setType(node.get("type").asText())
                .setData(byteString(node, "data"))
                .setSalt(byteString(node, "salt"));
        node.get("readers").forEach(reader -> value.addReaders(reader.asText()));
        return value.build();
    }

    private static Header headerOf(JsonNode vector, ByteString keyId) {
        JsonNode fields = vector.get("fields");
        return Header.newBuilder()
                .setFormat(fields.get("format").asInt())
                .setKey(org.waymark.v1.RecordKey.newBuilder()
                        .setKind(RecordKind.valueOf(fields.get("kind").asText()))
                        .setScheme(IdentifierScheme.valueOf(fields.get("scheme").asText()))
                        .setIdentifier(fields.get("identifier").asText()))
                .setOwner(fields.get("owner").asText())
                .setOwnerEpoch(fields.get("owner_epoch").asLong())
                .setVersion(fields.get("version").asLong())
                .setPrevious(byteString(fields, "previous"))
                .setIssuedAt(fields.get("issued_at").asLong())
                .setTtl(fields.get("ttl").asInt())
                .setStatus(RecordStatus.valueOf(fields.get("status").asText()))
                .setKeyId(keyId)
                .setValueCount(fields.get("value_count").asInt())
                .setValuesRoot(byteString(vector, "values_root"))
                .setExpiresAt(fields.get("expires_at").asLong())
                .setEpoch(fields.get("epoch").asLong())
                .build();
    }

    private static byte[] signedBytes(String purpose, Suite suite, long treeSize, byte[] root) {
        byte[] size = ByteBuffer.allocate(Long.BYTES).putLong(treeSize).array();
        return join(
                ascii("waymark/signature/v1\0"), ascii(purpose + "\0"), new byte[] {(byte) suite.code()}, size, root);
    }

    private static byte[] root(Suite suite, List<byte[]> leaves) throws Exception {
        if (leaves.size() < 2) {
            return leaves.isEmpty() ? hash(suite) : leaves.get(0);
        }
        int left = Integer.highestOneBit(leaves.size() - 1);
        return hash(
                suite,
                new byte[] {1},
                root(suite, leaves.subList(0, left)),
                root(suite, leaves.subList(left, leaves.size())));
    }

    private static byte[] hash(Suite suite, byte[]... parts) throws Exception {
        byte[] data = join(parts);
        if (suite == Suite.ED25519) {
            return MessageDigest.getInstance("SHA-256").digest(data);
        }
        SM3Digest digest = new SM3Digest();
        digest.update(data, 0, data.length);
        byte[] result = new byte[32];
        digest.doFinal(result, 0);
        return result;
    }

    private static byte[] join(byte[]... parts) {
        return Arrays.stream(parts)
                .map(ByteString::copyFrom)
                .reduce(ByteString.EMPTY, ByteString::concat)
                .toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
