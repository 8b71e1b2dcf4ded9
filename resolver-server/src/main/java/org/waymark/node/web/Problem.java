package org.waymark.node.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What was wrong with a request, for people and programs: a problem document (RFC 9457). Immutable.
 *
 * @param status 400 to 599
 * @param title the same for every problem of this kind
 * @param detail what was wrong this time; empty: the title says it all
 * @param members further members: {@code field} and {@code offset} say where, others are the problem's own
 * @param headers header fields of the answer beside {@code Content-Type}
 */
public record Problem(int status, String title, String detail, Map<String, Object> members, Headers headers) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public Problem {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("a problem's status is 400 to 599, not " + status);
        }
        members = Map.copyOf(members);
    }

    public static Problem of(int status, String title) {
        return new Problem(status, title, "", Map.of(), Headers.NONE);
    }

    public Problem detail(String text) {
        return new Problem(status, title, text, members, headers);
    }

    /**
     * Where it was wrong.
     *
     * @param field such as {@code path}, {@code query} or {@code records[3].header}
     * @param offset in the field as it was sent, from 0
     */
    public Problem at(String field, long offset) {
        return with("field", field).with("offset", offset);
    }

    /**
     * This problem with one more member.
     *
     * @param value a text, a number, a truth value, or a list or map of those
     */
    public Problem with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(members);
        more.put(name, value);
        return new Problem(status, title, detail, more, headers);
    }

    public Problem withHeader(String name, String value) {
        return new Problem(status, title, detail, members, headers.with(name, value));
    }

    public ProblemException exception() {
        return new ProblemException(this);
    }

    /** The document as an answer, {@code application/problem+json}. */
    public WebResponse response() {
        ObjectNode document = JSON.createObjectNode().put("title", title).put("status", status);
        if (!detail.isEmpty()) {
            document.put("detail", detail);
        }
        members.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(member -> document.set(member.getKey(), JSON.valueToTree(member.getValue())));
        try {
            return WebResponse.of(
                    status, headers.with("Content-Type", "application/problem+json"), JSON.writeValueAsBytes(document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The answer, complete. */
    public CompletableFuture<WebResponse> now() {
        return response().now();
    }
}
