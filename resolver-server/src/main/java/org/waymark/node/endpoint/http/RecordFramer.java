package org.waymark.node.endpoint.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.waymark.Limits;
import org.waymark.v1.SignedRecord;

/** Cuts a body into records as its bytes come in. For use by one thread at a time. */
abstract sealed class RecordFramer {

    /** The body can't be cut any further. */
    static final class BrokenBodyException extends Exception {

        private static final long serialVersionUID = 1L;

        private final long offset;

        BrokenBodyException(String message, long offset) {
            super(message, null, false, false);
            this.offset = offset;
        }

        /** Where in the body the record begins that can't be cut out, from 0. */
        long offset() {
            return offset;
        }
    }

    private byte[] bytes = new byte[0];
    private int start;
    private int end;
    private long consumed;
    private boolean ended;

    /** More of the body. */
    final void add(byte[] chunk) {
        int kept = end - start;
        if (end + chunk.length > bytes.length) {
            byte[] room = kept + chunk.length <= bytes.length ? bytes : new byte[2 * (kept + chunk.length)];
            System.arraycopy(bytes, start, room, 0, kept);
            bytes = room;
            start = 0;
            end = kept;
        }
        System.arraycopy(chunk, 0, bytes, end, chunk.length);
        end += chunk.length;
    }

    /** That was all. */
    final void end() {
        ended = true;
    }

    final boolean isEnded() {
        return ended;
    }

    /** The next record; empty: more has to come in first, or nothing is left. */
    abstract Optional<Offered> next() throws BrokenBodyException;

    final int available() {
        return end - start;
    }

    final byte peek(int at) {
        return bytes[start + at];
    }

    final ByteString take(int length) {
        ByteString taken = ByteString.copyFrom(bytes, start, length);
        skip(length);
        return taken;
    }

    final void skip(int length) {
        start += length;
        consumed += length;
    }

    final BrokenBodyException broken(String message) {
        return new BrokenBodyException(message + " (at byte " + consumed + " of the body)", consumed);
    }

    /** Records with their length in front, with or without the tag of {@code RegisterRequest.records}. */
    static final class Delimited extends RecordFramer {

        private static final int RECORDS_TAG = 0x0A;
        private static final int LONGEST_LENGTH = 5;

        private final int tagBytes;

        /**
         * @param tagged the body is one {@code RegisterRequest}, of any length
         */
        Delimited(boolean tagged) {
            tagBytes = tagged ? 1 : 0;
        }

        @Override
        Optional<Offered> next() throws BrokenBodyException {
            if (available() == 0) {
                return Optional.empty();
            }
            if (tagBytes == 1 && peek(0) != RECORDS_TAG) {
                throw broken("no RegisterRequest: where a record should begin is another field");
            }
            int at = tagBytes;
            long length = 0;
            for (int shift = 0; ; shift += 7, at++) {
                if (at - tagBytes == LONGEST_LENGTH) {
                    throw broken("the length of a record is no number of up to 32 bits");
                }
                if (at >= available()) {
                    return needMore();
                }
                length |= (long) (peek(at) & 0x7F) << shift;
                if (peek(at) >= 0) {
                    at++;
                    break;
                }
            }
            if (length > Limits.RECORD_BYTES) {
                throw broken("a record has " + length + " bytes; at most " + Limits.RECORD_BYTES + " are allowed");
            }
            if (available() < at + length) {
                return needMore();
            }
            skip(at);
            return Optional.of(new Offered.Record(take((int) length)));
        }

        private Optional<Offered> needMore() throws BrokenBodyException {
            if (isEnded()) {
                throw broken("the body ends within a record");
            }
            return Optional.empty();
        }
    }

    /** One record as JSON on each line. */
    static final class Lines extends RecordFramer {

        static final int LINE_BYTES = 4 * Limits.RECORD_BYTES;

        private int searched;

        @Override
        Optional<Offered> next() throws BrokenBodyException {
            while (true) {
                while (searched < available() && peek(searched) != '\n') {
                    searched++;
                }
                boolean whole = searched < available();
                if (searched > LINE_BYTES) {
                    throw broken("a line is longer than the " + LINE_BYTES + " bytes that are allowed");
                }
                if (!whole && (!isEnded() || available() == 0)) {
                    return Optional.empty();
                }
                byte[] line = take(searched).toByteArray();
                if (whole) {
                    skip(1);
                }
                searched = 0;
                if (!isBlank(line)) {
                    return Optional.of(read(line));
                }
            }
        }

        private static boolean isBlank(byte[] line) {
            for (byte b : line) {
                if (b != ' ' && b != '\t' && b != '\r') {
                    return false;
                }
            }
            return true;
        }

        private static Offered read(byte[] line) {
            try {
                return record(RecordJson.JSON.readTree(line));
            } catch (JacksonException e) {
                return Offered.Unreadable.at("record", "not JSON: " + e.getOriginalMessage());
            } catch (IOException e) {
                return Offered.Unreadable.at("record", "not JSON");
            }
        }
    }

    /** One JSON document: a record, an array of them, or a {@code RegisterRequest}. It is read when all of it is there. */
    static final class Document extends RecordFramer {

        static final int DOCUMENT_BYTES = 4 * 1_024 * 1_024;

        private Queue<Offered> records;

        @Override
        Optional<Offered> next() throws BrokenBodyException {
            if (available() > DOCUMENT_BYTES) {
                throw broken("the JSON document is longer than the " + DOCUMENT_BYTES
                        + " bytes that are allowed; records on lines (application/x-ndjson) may be any number");
            }
            if (!isEnded()) {
                return Optional.empty();
            }
            if (records == null) {
                records = read();
            }
            return Optional.ofNullable(records.poll());
        }

        private Queue<Offered> read() throws BrokenBodyException {
            JsonNode document;
            try {
                document = RecordJson.JSON.readTree(take(available()).toByteArray());
            } catch (JacksonException e) {
                throw new BrokenBodyException(
                        "not JSON: " + e.getOriginalMessage(),
                        e.getLocation() == null
                                ? 0
                                : Math.max(0, e.getLocation().getByteOffset()));
            } catch (IOException e) {
                throw new BrokenBodyException("not JSON", 0);
            }
            Queue<Offered> read = new ArrayDeque<>();
            JsonNode list = document.isObject() && document.has("records") ? document.get("records") : document;
            if (list.isArray()) {
                list.forEach(element -> read.add(record(element)));
            } else {
                read.add(record(list));
            }
            return read;
        }
    }

    /** A record in protobuf's JSON mapping, or as the node itself gives it out, or encoded and in base64. */
    private static Offered record(JsonNode json) {
        try {
            if (json.isTextual()) {
                return new Offered.Record(ProtoJson.bytes(json, "record"));
            }
            JsonNode signed = json.isObject() && json.has("record") ? json.get("record") : json;
            SignedRecord.Builder record = SignedRecord.newBuilder();
            ProtoJson.read(signed, record, "");
            return new Offered.Record(record.build().toByteString());
        } catch (ProtoJson.MalformedException e) {
            String field = e.field().isEmpty() ? "record" : e.field();
            return Offered.Unreadable.at(field, field + " " + e.getMessage());
        }
    }
}
