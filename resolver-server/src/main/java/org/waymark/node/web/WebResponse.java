package org.waymark.node.web;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * An answer: status, header fields and a body, whole or in pieces. Immutable, but for a body in pieces, so an answer may be given more
 * than once. The server itself adds {@code Date}, {@code Content-Length} or {@code Transfer-Encoding}, and {@code Connection}; it
 * leaves the body out for HEAD, 204 and 304.
 */
public final class WebResponse {

    private static final byte[] NO_BODY = {};

    private final int status;
    private final Headers headers;
    private final Headers more;
    private final byte[] body;
    private final ChunkSource stream;

    private WebResponse(int status, Headers headers, Headers more, byte[] body, ChunkSource stream) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("an answer's status is 200 to 599, not " + status);
        }
        this.status = status;
        this.headers = headers;
        this.more = more;
        this.body = body;
        this.stream = stream;
    }

    /** An answer without a body. */
    public static WebResponse of(int status, Headers headers) {
        return new WebResponse(status, headers, Headers.NONE, NO_BODY, null);
    }

    /**
     * An answer with its whole body.
     *
     * @param body not to be changed after
     */
    public static WebResponse of(int status, Headers headers, byte[] body) {
        return new WebResponse(status, headers, Headers.NONE, body, null);
    }

    /** An answer whose body is asked for piece by piece, as fast as the client takes it. */
    public static WebResponse streamed(int status, Headers headers, ChunkSource body) {
        return new WebResponse(status, headers, Headers.NONE, NO_BODY, body);
    }

    /** {@code text/plain}, UTF-8. */
    public static WebResponse text(int status, String text) {
        return of(
                status, Headers.of("Content-Type", "text/plain; charset=utf-8"), text.getBytes(StandardCharsets.UTF_8));
    }

    /** This answer with one more header field, whose value differs from answer to answer. */
    public WebResponse with(String name, String value) {
        return new WebResponse(status, headers, more.with(name, value), body, stream);
    }

    /** Complete: what a handler returns that needs not wait. */
    public CompletableFuture<WebResponse> now() {
        return CompletableFuture.completedFuture(this);
    }

    public int status() {
        return status;
    }

    /** The value of the first header field of this name, in any case. */
    public Optional<String> header(String name) {
        return headers.first(name).or(() -> more.first(name));
    }

    /** The whole body; empty where it comes in pieces. Not to be changed. */
    public byte[] body() {
        return body;
    }

    /** The body in pieces, if it is one. */
    public Optional<ChunkSource> stream() {
        return Optional.ofNullable(stream);
    }

    Headers headers() {
        return headers;
    }

    Headers moreHeaders() {
        return more;
    }

    ChunkSource streamOrNull() {
        return stream;
    }
}
