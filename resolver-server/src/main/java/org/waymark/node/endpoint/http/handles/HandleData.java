package org.waymark.node.endpoint.http.handles;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.waymark.record.RecordValue;

/**
 * Writes the data of a value as Handle servers do: text as {@code string}, other bytes as {@code base64}, and administrators ({@code
 * admin}) and lists of values ({@code vlist}) member by member where the bytes are those of RFC 3651. Keys and sites are in formats of
 * the Handle System that records here do not have, so theirs are bytes like others.
 */
final class HandleData {

    private static final String ADMIN = "HS_ADMIN";
    private static final String VALUE_LIST = "HS_VLIST";
    /** Bits of an administrator's permissions that mean something. */
    private static final int PERMISSION_BITS = 12;

    private static final int MAX_REFERENCES = 1_024;

    /** A value of another handle. */
    private record Reference(String handle, long index) {}

    private HandleData() {}

    static void write(JsonGenerator json, RecordValue value) throws IOException {
        json.writeStartObject();
        if (!writeStructured(json, value)) {
            writePlain(json, value.data());
        }
        json.writeEndObject();
    }

    private static boolean writeStructured(JsonGenerator json, RecordValue value) throws IOException {
        return switch (value.type().toUpperCase(Locale.ROOT)) {
            case ADMIN -> writeAdmin(json, value.data());
            case VALUE_LIST -> writeValueList(json, value.data());
            default -> false;
        };
    }

    /** Two bytes of permissions, then a reference (RFC 3651, section 3.2.1). */
    private static boolean writeAdmin(JsonGenerator json, ByteString data) throws IOException {
        ByteBuffer in = data.asReadOnlyByteBuffer();
        if (in.remaining() < Short.BYTES) {
            return false;
        }
        int permissions = in.getShort() & 0xFFFF;
        Reference reference = readReference(in);
        // Some clients end the bytes with two more of zeros.
        if (reference == null || in.remaining() > Short.BYTES || permissions >> PERMISSION_BITS != 0) {
            return false;
        }
        StringBuilder bits = new StringBuilder(Integer.toBinaryString(1 << PERMISSION_BITS | permissions));
        json.writeStringField("format", "admin");
        json.writeObjectFieldStart("value");
        json.writeStringField("handle", reference.handle());
        json.writeNumberField("index", reference.index());
        json.writeStringField("permissions", bits.substring(1));
        json.writeEndObject();
        return true;
    }

    /** How many there are, then that many references (RFC 3651, section 3.2.5). */
    private static boolean writeValueList(JsonGenerator json, ByteString data) throws IOException {
        ByteBuffer in = data.asReadOnlyByteBuffer();
        int count = in.remaining() < Integer.BYTES ? -1 : in.getInt();
        if (count < 0 || count > MAX_REFERENCES) {
            return false;
        }
        List<Reference> references = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Reference reference = readReference(in);
            if (reference == null) {
                return false;
            }
            references.add(reference);
        }
        if (in.hasRemaining()) {
            return false;
        }
        json.writeStringField("format", "vlist");
        json.writeArrayFieldStart("value");
        for (Reference reference : references) {
            json.writeStartObject();
            json.writeStringField("handle", reference.handle());
            json.writeNumberField("index", reference.index());
            json.writeEndObject();
        }
        json.writeEndArray();
        return true;
    }

    /** A handle with its length in front, and an index; null where there is none. */
    private static Reference readReference(ByteBuffer in) {
        if (in.remaining() < Integer.BYTES) {
            return null;
        }
        int length = in.getInt();
        if (length < 0 || length > in.remaining() - Integer.BYTES) {
            return null;
        }
        String handle = text(in.slice().limit(length));
        in.position(in.position() + length);
        return handle == null ? null : new Reference(handle, Integer.toUnsignedLong(in.getInt()));
    }

    private static void writePlain(JsonGenerator json, ByteString data) throws IOException {
        String text = text(data.asReadOnlyByteBuffer());
        if (text == null) {
            json.writeStringField("format", "base64");
            json.writeBinaryField("value", data.toByteArray());
        } else {
            json.writeStringField("format", "string");
            json.writeStringField("value", text);
        }
    }

    /** The text that the bytes are the UTF-8 of; null where they look like anything else. */
    private static String text(ByteBuffer bytes) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            boolean isText = text.chars().allMatch(c -> c >= ' ' && c != 0x7F || c == '\t' || c == '\n' || c == '\r');
            return isText ? text : null;
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
