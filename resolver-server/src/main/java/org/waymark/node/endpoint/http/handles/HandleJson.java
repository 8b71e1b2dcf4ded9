package org.waymark.node.endpoint.http.handles;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;

/** The documents of the API. */
final class HandleJson {

    private static final JsonFactory JSON = new JsonFactory();

    private HandleJson() {}

    /**
     * What was found.
     *
     * @param handle as it was asked for
     */
    static byte[] record(
            String handle, HandleCode code, IdentifierRecord record, List<RecordValue> values, boolean isPretty) {
        return write(isPretty, json -> {
            start(json, code, handle);
            json.writeArrayFieldStart("values");
            // All values of a version are of one time.
            String timestamp = Instant.ofEpochMilli(record.issuedAt())
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString();
            for (RecordValue value : values) {
                json.writeStartObject();
                json.writeNumberField("index", value.index());
                json.writeStringField("type", value.type());
                json.writeFieldName("data");
                HandleData.write(json, value);
                json.writeNumberField("ttl", record.ttlSeconds());
                json.writeStringField("timestamp", timestamp);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** Why there is nothing. */
    static byte[] message(String handle, HandleCode code, String message, boolean isPretty) {
        return write(isPretty, json -> {
            start(json, code, handle);
            json.writeStringField("message", message);
            json.writeEndObject();
        });
    }

    private static void start(JsonGenerator json, HandleCode code, String handle) throws IOException {
        json.writeStartObject();
        json.writeNumberField("responseCode", code.code());
        json.writeStringField("handle", handle);
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] write(boolean isPretty, Content content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1_024);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            if (isPretty) {
                json.setPrettyPrinter(new DefaultPrettyPrinter());
            }
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
