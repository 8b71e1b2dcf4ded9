package org.waymark.node.web;

import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * A request as it came: nothing in it is decoded before somebody asks for it. Immutable, but for a streamed body, which is read
 * once.
 */
public final class WebRequest {

    private final String method;
    private final String target;
    private final String path;
    private final int restAt;
    private final HttpHeaders headers;
    private final byte[] body;
    private final ChunkSource stream;
    private final InetSocketAddress remote;
    private final boolean secure;
    private final Executor executor;
    private final WebEvents events;
    private Query query;

    WebRequest(
            String method,
            String target,
            String path,
            int restAt,
            HttpHeaders headers,
            byte[] body,
            ChunkSource stream,
            InetSocketAddress remote,
            boolean secure,
            Executor executor,
            WebEvents events) {
        this.method = method;
        this.target = target;
        this.path = path;
        this.restAt = restAt;
        this.headers = headers;
        this.body = body;
        this.stream = stream;
        this.remote = remote;
        this.secure = secure;
        this.executor = executor;
        this.events = events;
    }

    /** In capitals, as it was sent; a handler of GET also sees HEAD. */
    public String method() {
        return method;
    }

    /** Path and query as they were sent, percent-encoding and all; without scheme and authority where those were sent too. */
    public String target() {
        return target;
    }

    /** The path as it was sent: it begins with a slash, and is percent-encoded. */
    public String rawPath() {
        return path;
    }

    /** What follows the fixed part of the route's pattern, as it was sent; empty for a route without {@code *}. */
    public String rest() {
        return path.substring(restAt);
    }

    /** What follows the question mark, as it was sent; empty where there is none. */
    public String rawQuery() {
        return target.length() > path.length() ? target.substring(path.length() + 1) : "";
    }

    /**
     * The first parameter of this name in the query, decoded; empty text for one without {@code =}.
     *
     * @throws ProblemException (400) if the query's percent-encoding is broken
     */
    public Optional<String> query(String name) {
        return parsed().first(name);
    }

    /** All parameters of this name in the query, decoded, in order; see {@link #query}. */
    public List<String> queryAll(String name) {
        return parsed().all(name);
    }

    /** The names of the query's parameters, decoded, in order; see {@link #query}. */
    public List<String> queryNames() {
        return parsed().names();
    }

    private Query parsed() {
        if (query == null) {
            query = Query.parse(rawQuery());
        }
        return query;
    }

    /** The value of a header field; of several fields of that name, all values with commas between. The name in any case. */
    public Optional<String> header(String name) {
        String first = headers.get(name);
        if (first == null) {
            return Optional.empty();
        }
        List<String> all = headers.getAll(name);
        return Optional.of(all.size() == 1 ? first : String.join(", ", all));
    }

    /** The whole body; empty for a route that takes none or streams it. Not to be changed. */
    public byte[] body() {
        return body;
    }

    /**
     * The body of a route that streams it, read once.
     *
     * @throws IllegalStateException if the route does not
     */
    public ChunkSource bodyStream() {
        if (stream == null) {
            throw new IllegalStateException("the route does not stream bodies");
        }
        return stream;
    }

    public InetSocketAddress remote() {
        return remote;
    }

    /** The address that the request came from; null where it is not known. */
    public InetAddress client() {
        return remote == null ? null : remote.getAddress();
    }

    /** True over TLS. */
    public boolean isSecure() {
        return secure;
    }

    /** The connection's event loop: what runs here runs in turn with all else of the connection. */
    public Executor executor() {
        return executor;
    }

    /** Who is told of this request's connection. */
    public WebEvents events() {
        return events;
    }

    /** {@code GET /path}, for logs and messages. */
    @Override
    public String toString() {
        return method + " " + target;
    }
}
