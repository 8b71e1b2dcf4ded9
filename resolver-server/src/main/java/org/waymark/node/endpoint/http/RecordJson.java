package org.waymark.node.endpoint.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;
import org.waymark.v1.Header;
import org.waymark.v1.Outcome;
import org.waymark.v1.SignedRecord;

/**
 * A record as JSON: the signed record in protobuf's JSON mapping, which is all that a verifier needs, with its header and its values
 * decoded beside it, for those who only read.
 */
final class RecordJson {

    static final ObjectMapper JSON = new ObjectMapper();

    private RecordJson() {}

    static byte[] encode(Outcome outcome, IdentifierRecord record) {
        ObjectNode document = JSON.createObjectNode()
                .put("outcome", outcome.name())
                .put("kind", record.kind().name())
                .put("scheme", record.scheme().name())
                .put("identifier", record.key().identifier());
        try {
            document.set("header", ProtoJson.write(Header.parseFrom(record.headerBytes())));
            ArrayNode values = document.putArray("values");
            record.values().forEach(value -> values.add(value(value)));
            document.set("record", ProtoJson.write(SignedRecord.parseFrom(record.encoded())));
            return JSON.writeValueAsBytes(document);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a record that was parsed before", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode value(RecordValue value) {
        ObjectNode node = JSON.createObjectNode().put("index", value.index()).put("type", value.type());
        Optional<String> text = text(value.data());
        if (text.isPresent()) {
            node.put("text", text.get());
        } else {
            node.put("data", value.data().toByteArray());
        }
        if (!value.isPublic()) {
            ArrayNode readers = node.putArray("readers");
            value.readers().forEach(readers::add);
        }
        return node;
    }

    /** What the bytes say, where they are well-formed UTF-8 without control characters but tab and line ends. */
    static Optional<String> text(ByteString data) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(data.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
        boolean plain =
                text.codePoints().allMatch(c -> c == '\t' || c == '\n' || c == '\r' || !Character.isISOControl(c));
        return plain ? Optional.of(text) : Optional.empty();
    }
}
