package org.waymark.node.endpoint.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.waymark.v1.RegisterResponse;
import org.waymark.v1.RegisterResult;

/** How the results of an upload are written, a few at a time. */
enum ResultFormat {
    /** {@code {"results": [...]}}. */
    JSON("application/json", "{\"results\":[", "]}\n") {
        @Override
        void write(long index, RegisterResult result, ByteArrayOutputStream out) {
            if (index > 0) {
                out.write(',');
            }
            out.writeBytes(json(index, result));
        }
    },
    /** One result a line. */
    LINES("application/x-ndjson", "", "") {
        @Override
        void write(long index, RegisterResult result, ByteArrayOutputStream out) {
            out.writeBytes(json(index, result));
            out.write('\n');
        }
    },
    /** One {@code RegisterResponse} of any length. */
    PROTOBUF("application/protobuf", "", "") {
        @Override
        void write(long index, RegisterResult result, ByteArrayOutputStream out) {
            try {
                CodedOutputStream coded = CodedOutputStream.newInstance(out);
                coded.writeMessage(RegisterResponse.RESULTS_FIELD_NUMBER, result);
                coded.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    /** In the order of the node's liking. */
    static final List<String> MEDIA_TYPES = List.of(JSON.mediaType, LINES.mediaType, PROTOBUF.mediaType);

    private final String mediaType;
    private final byte[] begin;
    private final byte[] end;

    ResultFormat(String mediaType, String begin, String end) {
        this.mediaType = mediaType;
        this.begin = begin.getBytes(StandardCharsets.US_ASCII);
        this.end = end.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * @param mediaType one of {@link #MEDIA_TYPES}
     */
    static ResultFormat of(String mediaType) {
        return values()[MEDIA_TYPES.indexOf(mediaType)];
    }

    String mediaType() {
        return mediaType;
    }

    byte[] begin() {
        return begin;
    }

    byte[] end() {
        return end;
    }

    /**
     * Writes one result.
     *
     * @param index of the record in what was sent, from 0
     */
    abstract void write(long index, RegisterResult result, ByteArrayOutputStream out);

    private static byte[] json(long index, RegisterResult result) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("index", index);
        node.setAll(ProtoJson.write(result));
        try {
            return RecordJson.JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
