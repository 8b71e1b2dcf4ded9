package org.waymark.record;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.trust.Anchor;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.Purpose;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.Header;
import org.waymark.v1.Hello;
import org.waymark.v1.KeyRole;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RecordKind;
import org.waymark.v1.ResolveRequest;
import org.waymark.v1.Value;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.FrameHeader;
import org.waymark.wire.FrameType;

/**
 * Writes Waymark's own test vectors: {@code records-ed25519.json}, {@code records-sm2.json} and {@code frames.json}. How to run
 * it is in the README of the vectors. All but the signatures of SM2, which are random, come out the same each time.
 */
final class VectorWriter {

    static final long NOW = 1_767_225_600_000L;

    private static final long YEAR = 365L * 24 * 60 * 60 * 1_000;
    private static final HexFormat HEX = HexFormat.of();
    private static final Prefix ROOT = Prefix.parse("vaa:88");
    private static final Prefix NODE = Prefix.parse("vaa:88.118");
    private static final Prefix MAKER = Prefix.parse("vaa:88.118.8");
    private static final Prefix PLATFORM = Prefix.parse("vaa:88.118.900");
    private static final Identifier PUMP = Identifier.parse("88.118.8/JXDY2106023");

    private final Suite suite;
    private final ObjectNode keys = JsonNodeFactory.instance.objectNode();
    private final ArrayNode records = JsonNodeFactory.instance.arrayNode();

    private VectorWriter(Suite suite) {
        this.suite = suite;
    }

    /**
     * Writes the files.
     *
     * @param arguments the folder
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        for (Suite suite : Suite.values()) {
            write(folder.resolve("records-" + suite.name().toLowerCase(Locale.ROOT) + ".json"), records(suite));
        }
        write(folder.resolve("frames.json"), frames());
    }

    private static void write(Path file, ObjectNode vectors) throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Files.writeString(file, mapper.writeValueAsString(vectors) + "\n");
    }

    /** A chain from an anchor to items, all by keys of one suite. */
    static ObjectNode records(Suite suite) {
        return new VectorWriter(suite).chain();
    }

    private ObjectNode chain() {
        SigningKey root = key("root");
        SigningKey node = key("node");
        SigningKey maker = key("maker");
        SigningKey next = key("maker-next");
        SigningKey parts = key("maker-parts");
        HashFunction hash = suite.hash();
        PartyKey makerParts = PartyKey.active(parts.verifyingKey(), Set.of(KeyRole.RECORDS));

        add("root", root, sign(root, prefix(ROOT, ROOT, "National node", delegate(root))));
        RecordDraft.Builder nodeDraft = PrefixRecord.describe(
                blank(NODE, ROOT),
                PrefixDescription.newBuilder()
                        .setName("\u6e56\u5357\u4e8c\u7ea7\u8282\u70b9")
                        .setRegistration("91430100MA4L16JQ9B")
                        .setContact("ops@example.cn")
                        .setIndustry("I6431")
                        .build(),
                List.of(delegate(node)),
                List.of(NodeAddress.newBuilder()
                        .setFace("waymark")
                        .setHost("node.example.cn")
                        .setPort(2640)
                        .build()));
        add("node", root, sign(root, nodeDraft));
        IdentifierRecord first = sign(node, prefix(MAKER, NODE, "Hunan Pumps", delegate(maker), makerParts));
        add("maker", node, first);
        RecordDraft rotated = prefix(MAKER, NODE, "Hunan Pumps", delegate(next), makerParts)
                .following(1, first.digest(hash))
                .issuedAt(NOW + 1_000)
                .build();
        add("maker, version 2", node, new RecordSigner(node).signWithConsent(rotated, maker))
                .put("consent_by", "maker");

        IdentifierRecord pump = sign(
                parts,
                item(PUMP)
                        .value(1, "URL", "https://pumps.example.cn/JXDY2106023")
                        .value(2, "model", "\u6ce8\u6c34\u6cf5 ZE60")
                        .restrictedValue(
                                3,
                                "price",
                                "123,000 yuan".getBytes(StandardCharsets.UTF_8),
                                List.of(PLATFORM),
                                HEX.parseHex("000102030405060708090a0b0c0d0e0f"))
                        .value(4_294_967_295L, "last", new byte[0]));
        add("item", parts, pump);
        add(
                "item, version 2",
                parts,
                sign(
                        parts,
                        item(PUMP)
                                .following(1, pump.digest(hash))
                                .issuedAt(NOW + 2_000)
                                .ttlSeconds(60)
                                .expiresAt(NOW + YEAR)
                                .revoked()));
        List<IdentifierRecord> tree = new RecordSigner(parts)
                .signAll(List.of(
                        item(Identifier.parse("88.118.8/a"))
                                .value(1, "model", "A")
                                .build(),
                        item(Identifier.parse("88.118.8/b"))
                                .value(1, "model", "B")
                                .build(),
                        item(Identifier.parse("88.118.8/c"))
                                .value(1, "model", "C")
                                .build()));
        for (int i = 0; i < tree.size(); i++) {
            add("item " + i + " of a tree", parts, tree.get(i));
        }

        ObjectNode all = JsonNodeFactory.instance.objectNode();
        all.put("suite", suite.name()).put("suite_code", suite.code()).put("now", NOW);
        all.put("anchor", new Anchor(ROOT, root.id()).toString());
        all.set("keys", keys);
        all.set("records", records);
        return all;
    }

    /** A key whose secret is the SHA-256 of its name. */
    private SigningKey key(String name) {
        byte[] secret = HashFunction.SHA_256.digest(
                ("waymark test key " + suite + " " + name).getBytes(StandardCharsets.US_ASCII));
        String before = suite == Suite.ED25519
                ? "302e020100300506032b657004220420"
                : "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420";
        SigningKey key = SigningKey.decode(HEX.parseHex(before + HEX.formatHex(secret)));
        keys.putObject(name)
                .put("secret", HEX.formatHex(secret))
                .put("private_key", HEX.formatHex(key.encoded()))
                .put("public_key", HEX.formatHex(key.verifyingKey().encoded()))
                .put("key_id", key.id().toString());
        return key;
    }

    private static PartyKey delegate(SigningKey key) {
        return PartyKey.active(key.verifyingKey(), Set.of(KeyRole.DELEGATE));
    }

    private static RecordDraft.Builder blank(Prefix prefix, Prefix owner) {
        return RecordDraft.prefix(prefix, owner).issuedAt(NOW).expiresAt(NOW + YEAR);
    }

    private static RecordDraft.Builder prefix(Prefix prefix, Prefix owner, String name, PartyKey... keys) {
        PrefixDescription description =
                PrefixDescription.newBuilder().setName(name).build();
        return PrefixRecord.describe(blank(prefix, owner), description, List.of(keys), List.of());
    }

    private static RecordDraft.Builder item(Identifier identifier) {
        return RecordDraft.item(identifier, MAKER).issuedAt(NOW);
    }

    private static IdentifierRecord sign(SigningKey key, RecordDraft.Builder draft) {
        return new RecordSigner(key).sign(draft.build());
    }

    private ObjectNode add(String name, SigningKey key, IdentifierRecord record) {
        HashFunction hash = suite.hash();
        SignatureProof proof = record.proof();
        byte[] leaf = record.headerLeaf(hash);
        byte[] root = proof.rootOf(hash, leaf);
        ObjectNode vector = records.addObject();
        vector.put("name", name);
        vector.put("signed_by", nameOf(key));
        vector.set("fields", fields(record));
        ArrayNode values = vector.putArray("values");
        for (RecordValue value : record.values()) {
            values.add(value(value));
        }
        vector.put("values_root", HEX.formatHex(IdentifierRecord.valuesRoot(hash, record.values())));
        vector.put("header", hex(record.headerBytes()));
        vector.put("header_leaf", HEX.formatHex(leaf));
        vector.put("digest", hex(record.digest(hash).bytes()));
        vector.put("tree_size", proof.treeSize()).put("leaf", proof.leaf()).put("path", hex(proof.path()));
        vector.put("tree_root", HEX.formatHex(root));
        vector.put("signed_bytes", HEX.formatHex(Purpose.RECORD.signedBytes(suite, proof.treeSize(), root)));
        vector.put("signature", hex(proof.signature()));
        record.consent().ifPresent(consent -> {
            vector.put("consent_signed_bytes", HEX.formatHex(Purpose.CONSENT.signedBytes(suite, 1, leaf)));
            vector.put("consent_signature", hex(consent.proof().signature()));
        });
        vector.put("record", hex(record.encoded()));
        if (record.hasRestrictedValues()) {
            vector.put("public_view", hex(record.publicView(hash).encoded()));
        }
        return vector;
    }

    private String nameOf(SigningKey key) {
        return keys.properties().stream()
                .filter(entry ->
                        entry.getValue().get("key_id").asText().equals(key.id().toString()))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private static ObjectNode fields(IdentifierRecord record) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        Header header = header(record);
        fields.put("format", header.getFormat());
        fields.put("kind", header.getKey().getKind().name());
        fields.put("scheme", header.getKey().getScheme().name());
        fields.put("identifier", header.getKey().getIdentifier());
        fields.put("owner", header.getOwner());
        fields.put("owner_epoch", header.getOwnerEpoch());
        fields.put("version", header.getVersion());
        fields.put("previous", hex(header.getPrevious()));
        fields.put("issued_at", header.getIssuedAt());
        fields.put("ttl", header.getTtl());
        fields.put("status", header.getStatus().name());
        fields.put("value_count", header.getValueCount());
        fields.put("expires_at", header.getExpiresAt());
        fields.put("epoch", header.getEpoch());
        return fields;
    }

    private static Header header(IdentifierRecord record) {
        try {
            return Header.parseFrom(record.headerBytes());
        } catch (IOException e) {
            throw new IllegalStateException("the record was parsed before", e);
        }
    }

    private ObjectNode value(RecordValue value) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("index", value.index()).put("type", value.type()).put("data", hex(value.data()));
        ArrayNode readers = node.putArray("readers");
        value.readers().forEach(readers::add);
        node.put("salt", hex(salt(value)));
        node.put("encoded", hex(value.encoded()));
        return node;
    }

    private static ByteString salt(RecordValue value) {
        try {
            return Value.parseFrom(value.encoded()).getSalt();
        } catch (IOException e) {
            throw new IllegalStateException("the value was parsed before", e);
        }
    }

    /** Keys as look-ups carry them, and whole frames. */
    static ObjectNode frames() {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        ArrayNode keys = all.putArray("record_keys");
        List<RecordKey> examples = List.of(
                RecordKey.of(RecordKind.ITEM, PUMP.scheme(), PUMP.canonical()),
                RecordKey.of(RecordKind.PREFIX, MAKER.scheme(), MAKER.canonical()),
                RecordKey.of(
                        RecordKind.ITEM,
                        PUMP.scheme(),
                        Identifier.parse("88.118.8/\u6cf5").canonical()));
        for (RecordKey key : examples) {
            keys.addObject()
                    .put("kind", key.kind().name())
                    .put("scheme", key.scheme().name())
                    .put("identifier", key.identifier())
                    .put("encoded", HEX.formatHex(key.encoded()));
        }
        ArrayNode frames = all.putArray("frames");
        frames.addObject()
                .put("name", "HELLO of a client that speaks version 1")
                .put(
                        "bytes",
                        frame(
                                FrameHeader.greeting(FrameType.HELLO, FrameHeader.PROTOCOL_VERSION),
                                Hello.newBuilder()
                                        .setLowestVersion(1)
                                        .setHighestVersion(1)
                                        .setAgent("example/1.0")
                                        .build()
                                        .toByteArray()));
        frames.addObject()
                .put("name", "RESOLVE with request id 7, past the caches")
                .put(
                        "bytes",
                        frame(
                                FrameHeader.request(FrameType.RESOLVE, 7).with(FrameHeader.AUTHORITATIVE),
                                ResolveRequest.newBuilder()
                                        .setKey(examples.get(0).toProto())
                                        .build()
                                        .toByteArray()));
        ByteBuf answer = Unpooled.buffer();
        FrameHeader.writeAnswer(
                answer, 0, FrameHeader.STALE | FrameHeader.LAST, Outcome.BUSY, AnswerSource.NONE, 7, 3, 1_500);
        frames.addObject()
                .put("name", "ANSWER to request 7, item 3, the last: BUSY, stale, to be kept for 1.5 s, no payload")
                .put("bytes", ByteBufUtil.hexDump(answer));
        return all;
    }

    private static String frame(FrameHeader header, byte[] payload) {
        ByteBuf buffer = Unpooled.buffer();
        header.write(buffer, payload.length);
        return ByteBufUtil.hexDump(buffer.writeBytes(payload));
    }

    private static String hex(ByteString bytes) {
        return HEX.formatHex(bytes.toByteArray());
    }
}
