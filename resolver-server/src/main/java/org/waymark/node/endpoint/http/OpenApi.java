package org.waymark.node.endpoint.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.waymark.node.web.EntityTag;
import org.waymark.node.web.Headers;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;

/** {@code GET /openapi.json}: what the face can do, for programs. */
final class OpenApi implements WebHandler {

    private static final String RESOURCE = "openapi.json";

    private final String tag;
    private final WebResponse document;
    private final WebResponse unchanged;

    OpenApi() {
        byte[] bytes = read();
        tag = EntityTag.strong(RecordViews.digest(bytes));
        Headers kept = Headers.of("ETag", tag, "Cache-Control", "public, max-age=3600");
        document = WebResponse.of(200, kept.with("Content-Type", "application/json"), bytes);
        unchanged = WebResponse.of(304, kept);
    }

    private static byte[] read() {
        try (InputStream in = OpenApi.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the description of the HTTP face is missing from the jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public CompletableFuture<WebResponse> handle(WebRequest request) {
        return (EntityTag.isHeld(request.header("If-None-Match"), tag) ? unchanged : document).now();
    }
}
