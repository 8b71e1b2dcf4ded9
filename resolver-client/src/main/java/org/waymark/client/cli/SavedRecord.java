package org.waymark.client.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.waymark.Limits;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.trust.PrefixRecord;

/**
 * A record in a file, with the prefix records from the anchor's down to its owner's, so that it can be verified without a node:
 * JSON with the encoded records in Base64.
 */
record SavedRecord(IdentifierRecord record, List<IdentifierRecord> chain) {

    private static final String FORMAT = "waymark-record/1";
    private static final long MAX_FILE_BYTES = 2L * Limits.RECORD_BYTES * (1 + Limits.CHAIN_LENGTH);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static SavedRecord of(IdentifierRecord record, List<PrefixRecord> chain) {
        return new SavedRecord(record, chain.stream().map(PrefixRecord::record).toList());
    }

    void write(Path file) throws IOException {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("format", FORMAT);
        node.put("identifier", record.key().identifier());
        node.put("record", base64(record));
        ArrayNode prefixes = node.putArray("chain");
        chain.forEach(prefix -> prefixes.add(base64(prefix)));
        Files.writeString(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n");
    }

    /**
     * @throws IOException if the file can't be read or holds no saved record
     */
    static SavedRecord read(Path file) throws IOException {
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new IOException(file + " is larger than " + MAX_FILE_BYTES + " bytes, so it is no saved record");
        }
        JsonNode node = MAPPER.readTree(Files.readString(file));
        if (node == null || !FORMAT.equals(node.path("format").asText())) {
            throw new IOException(file + " does not hold a saved record (\"format\": \"" + FORMAT + "\")");
        }
        try {
            List<IdentifierRecord> chain = new ArrayList<>();
            for (JsonNode prefix : node.path("chain")) {
                chain.add(record(prefix));
            }
            return new SavedRecord(record(node.path("record")), List.copyOf(chain));
        } catch (InvalidRecordException e) {
            throw new org.waymark.trust.TamperedRecordException(file + ": " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": the records must be in Base64", e);
        }
    }

    private static String base64(IdentifierRecord record) {
        return Base64.getEncoder().encodeToString(record.encoded().toByteArray());
    }

    private static IdentifierRecord record(JsonNode node) {
        return IdentifierRecord.parse(ByteString.copyFrom(Base64.getDecoder().decode(node.asText())));
    }
}
