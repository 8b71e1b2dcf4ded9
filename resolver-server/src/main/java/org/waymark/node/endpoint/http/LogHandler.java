package org.waymark.node.endpoint.http;

import com.google.protobuf.UnsafeByteOperations;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.waymark.node.resolve.Authority;
import org.waymark.node.web.Headers;
import org.waymark.node.web.Problem;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;

/**
 * {@code GET /log/...}: the node's log, as other tools read logs (C2SP tlog-tiles with the prefix {@code /log}); and {@code POST
 * /log/cosignatures}.
 */
final class LogHandler implements WebHandler {

    private static final Headers CHECKPOINT =
            Headers.of("Content-Type", "text/plain; charset=utf-8", "Cache-Control", "public, max-age=1");
    /** What covers a leaf once goes on to prove it; but a newer one is had soon. */
    private static final Headers PROOF =
            Headers.of("Content-Type", "text/plain; charset=utf-8", "Cache-Control", "public, max-age=60");

    private static final Headers TILE = Headers.of(
            "Content-Type", "application/octet-stream", "Cache-Control", "public, max-age=31536000, immutable");

    private final Authority authority;

    LogHandler(Authority authority) {
        this.authority = authority;
    }

    @Override
    public CompletableFuture<WebResponse> handle(WebRequest request) {
        return request.method().equals("POST") ? cosign(request) : read(request);
    }

    private CompletableFuture<WebResponse> read(WebRequest request) {
        String path = request.rest();
        return ask(LogRequest.newBuilder().setPath(path), part -> {
            if (part.getContent().isEmpty()) {
                return Problem.of(404, "No such part of the log")
                        .detail(part.getMessage())
                        .withHeader("Cache-Control", "no-store")
                        .response();
            }
            return WebResponse.of(200, headers(path), part.getContent().toByteArray());
        });
    }

    private static Headers headers(String path) {
        return path.startsWith("tile/") ? TILE : path.startsWith("proof/") ? PROOF : CHECKPOINT;
    }

    private CompletableFuture<WebResponse> cosign(WebRequest request) {
        if (request.body().length == 0) {
            throw Problem.of(400, "No cosignature")
                    .detail("The body is one line of a signature or more.")
                    .exception();
        }
        LogRequest.Builder lines =
                LogRequest.newBuilder().setCosignatures(UnsafeByteOperations.unsafeWrap(request.body()));
        return ask(
                lines,
                part -> part.getMessage().isEmpty()
                        ? WebResponse.of(204, Headers.NONE)
                        : Problem.of(400, "No cosignature was taken")
                                .detail(part.getMessage())
                                .response());
    }

    private CompletableFuture<WebResponse> ask(LogRequest.Builder request, Function<LogResponse, WebResponse> answer) {
        return authority.log(request.build()).handle((part, fault) -> {
            if (fault == null) {
                return answer.apply(part);
            }
            Throwable cause =
                    fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
            return RecordHandler.failure(cause).response();
        });
    }
}
