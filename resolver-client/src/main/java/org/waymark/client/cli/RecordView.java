package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;
import org.waymark.trust.KeyId;
import org.waymark.trust.PrefixRecord;

/** Records as tables and as JSON. */
final class RecordView {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int SHOWN_BYTES = 48;

    private RecordView() {}

    static TextTable values(IdentifierRecord record) {
        TextTable table = new TextTable("INDEX", "TYPE", "DATA");
        for (RecordValue value : record.values()) {
            String readers = value.isPublic() ? "" : "  [for " + String.join(", ", value.readers()) + "]";
            table.row(
                    Long.toString(value.index()),
                    TextTable.printable(value.type()),
                    data(value.data()) + TextTable.printable(readers));
        }
        return table;
    }

    private static String data(ByteString data) {
        if (data.isValidUtf8()) {
            return TextTable.printable(data.toStringUtf8());
        }
        ByteString start = data.substring(0, Math.min(SHOWN_BYTES, data.size()));
        return HexFormat.of().formatHex(start.toByteArray())
                + (data.size() > SHOWN_BYTES ? "... (" + data.size() + " bytes)" : "");
    }

    /** Who signed: the name where the chain says it, the prefix, the key's start and the time that was claimed. */
    static String signer(IdentifierRecord record, List<PrefixRecord> chain) {
        String party = chain.stream()
                .filter(prefix -> prefix.prefix().canonical().equals(record.ownerText()))
                .map(prefix -> (prefix.isOnBehalf(record) ? "on behalf of " : "")
                        + TextTable.printable(prefix.description().getName()) + " (" + prefix.prefix() + ")")
                .findFirst()
                .orElse(record.scheme().tag() + ":" + TextTable.printable(record.ownerText()));
        return party + ", key " + new KeyId(record.keyId()).shortText() + ", "
                + Instant.ofEpochMilli(record.issuedAt());
    }

    /** The way from the anchor. */
    static String chain(List<PrefixRecord> chain) {
        StringBuilder text = new StringBuilder("anchor ");
        for (PrefixRecord prefix : chain) {
            text.append(prefix == chain.get(0) ? "" : " -> ").append(prefix.prefix());
        }
        return text.toString();
    }

    static ObjectNode json(IdentifierRecord record) {
        ObjectNode node = JSON.objectNode();
        node.put("owner", record.scheme().tag() + ":" + record.ownerText());
        node.put("ownerEpoch", record.ownerEpoch());
        node.put("version", record.version());
        node.put("status", record.isRevoked() ? "REVOKED" : "ACTIVE");
        node.put("issuedAt", Instant.ofEpochMilli(record.issuedAt()).toString());
        if (record.expiresAt() != 0) {
            node.put("expiresAt", Instant.ofEpochMilli(record.expiresAt()).toString());
        }
        node.put("ttl", record.ttlSeconds());
        node.put("keyId", new KeyId(record.keyId()).toString());
        node.put("valueCount", record.valueCount());
        ArrayNode values = node.putArray("values");
        for (RecordValue value : record.values()) {
            ObjectNode entry = values.addObject();
            entry.put("index", value.index());
            entry.put("type", value.type());
            if (value.data().isValidUtf8()) {
                entry.put("data", value.data().toStringUtf8());
            } else {
                entry.put(
                        "base64",
                        Base64.getEncoder().encodeToString(value.data().toByteArray()));
            }
            if (!value.isPublic()) {
                ArrayNode readers = entry.putArray("readers");
                value.readers().forEach(readers::add);
            }
        }
        return node;
    }

    static ArrayNode json(List<PrefixRecord> chain) {
        ArrayNode nodes = JSON.arrayNode();
        for (PrefixRecord prefix : chain) {
            ObjectNode node = nodes.addObject();
            node.put("prefix", prefix.prefix().text());
            node.put("name", prefix.description().getName());
            node.put("epoch", prefix.epoch());
            node.put("version", prefix.record().version());
        }
        return nodes;
    }
}
