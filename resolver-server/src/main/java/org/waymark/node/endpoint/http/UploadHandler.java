package org.waymark.node.endpoint.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.waymark.node.resolve.Authority;
import org.waymark.node.web.BodyException;
import org.waymark.node.web.Headers;
import org.waymark.node.web.Negotiation;
import org.waymark.node.web.Problem;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;

/** {@code POST /api/records}: signed records in, a result for each out. */
final class UploadHandler implements WebHandler {

    private static final String PROTOBUF = "application/protobuf";
    private static final String DELIMITED = PROTOBUF + "; encoding=delimited";
    private static final List<String> TAKEN = List.of(PROTOBUF, DELIMITED, "application/json", "application/x-ndjson");

    private final Authority authority;
    private final Executor workers;

    UploadHandler(Authority authority, Executor workers) {
        this.authority = authority;
        this.workers = workers;
    }

    @Override
    public CompletableFuture<WebResponse> handle(WebRequest request) {
        ResultFormat format = ResultFormat.of(Negotiation.mediaType(request.header("Accept"), ResultFormat.MEDIA_TYPES)
                .orElseThrow(() -> Problem.of(406, "No such representation")
                        .detail("Results are had as " + String.join(", ", ResultFormat.MEDIA_TYPES) + ".")
                        .exception()));
        RecordFramer framer = framer(request.header("Content-Type"));
        Upload upload = new Upload(
                request.bodyStream(), framer, format, authority, HttpMetrics.of(request), request.executor(), workers);
        Headers headers = Headers.of("Content-Type", format.mediaType(), "Cache-Control", "no-store", "Vary", "Accept");
        return upload.begin().handle((begun, fault) -> fault == null ? given(upload, headers) : refused(upload, fault));
    }

    private static WebResponse given(Upload upload, Headers headers) {
        if (!upload.isDone()) {
            return WebResponse.streamed(200, headers, upload);
        }
        upload.close();
        return WebResponse.of(200, headers, upload.first());
    }

    private static WebResponse refused(Upload upload, Throwable fault) {
        upload.close();
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        if (cause instanceof RecordFramer.BrokenBodyException broken) {
            return Problem.of(400, "The body can't be read")
                    .detail(broken.getMessage())
                    .at("records[0]", broken.offset())
                    .response();
        }
        if (cause instanceof BodyException broken) {
            return Problem.of(broken.status(), "The body did not come whole")
                    .detail(broken.getMessage())
                    .response();
        }
        return RecordHandler.failure(cause).response();
    }

    private static RecordFramer framer(Optional<String> contentType) {
        String text = contentType.orElse("").toLowerCase(Locale.ROOT).replace(" ", "");
        int semicolon = text.indexOf(';');
        String type = semicolon < 0 ? text : text.substring(0, semicolon);
        return switch (type) {
            case PROTOBUF -> new RecordFramer.Delimited(!text.contains(";encoding=delimited"));
            case "application/json" -> new RecordFramer.Document();
            case "application/x-ndjson" -> new RecordFramer.Lines();
            default ->
                throw Problem.of(415, "The media type is not taken")
                        .detail("Records are taken as " + String.join(", ", TAKEN) + ".")
                        .with("field", "Content-Type")
                        .withHeader("Accept-Post", String.join(", ", TAKEN))
                        .exception();
        };
    }
}
