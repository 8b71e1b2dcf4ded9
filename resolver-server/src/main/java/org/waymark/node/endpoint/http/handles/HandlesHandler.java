package org.waymark.node.endpoint.http.handles;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.node.endpoint.OtherNode;
import org.waymark.node.endpoint.http.handles.HandleSelection.BadParameterException;
import org.waymark.node.endpoint.http.handles.RenderedAnswers.Rendered;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.Selection;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.node.web.CacheControl;
import org.waymark.node.web.Headers;
import org.waymark.node.web.PercentEncoding;
import org.waymark.node.web.ProblemException;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.record.RecordValue;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.AnswerSource;

/**
 * {@code GET /api/handles/HANDLE}: resolution as the clients of Handle.Net servers ask for it. Parameters: {@code index} and {@code
 * type}, each any number of times; {@code auth} passes the caches; {@code pretty}; {@code callback} for JSONP. {@code publicOnly} is
 * always true here, and {@code cert} changes nothing: what proves a record is its own signature, which this API does not carry. Safe for
 * use by many threads.
 */
public final class HandlesHandler implements WebHandler {

    /** For the router; what stands for the rest is the handle. */
    public static final String PATTERN = "/api/handles/*";

    private static final Logger LOG = LoggerFactory.getLogger(HandlesHandler.class);

    private static final Headers JSON =
            Headers.of("Content-Type", "application/json;charset=UTF-8", "X-Content-Type-Options", "nosniff");
    private static final Headers SCRIPT =
            Headers.of("Content-Type", JsonpCallback.MEDIA_TYPE, "X-Content-Type-Options", "nosniff");
    private static final String RETRY_AFTER_SECONDS = "1";

    private final Resolver resolver;
    private final RenderedAnswers rendered;
    private final Function<WebRequest, ConnectionMetrics> metrics;
    private final Clock clock;

    /**
     * @param maxRenderedBytes memory for documents that are kept to be given out again; 0: none is
     * @param metrics where the look-up of a request is counted; called on the request's executor
     */
    public HandlesHandler(
            Resolver resolver, long maxRenderedBytes, Function<WebRequest, ConnectionMetrics> metrics, Clock clock) {
        this.resolver = resolver;
        this.rendered = new RenderedAnswers(maxRenderedBytes);
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<WebResponse> handle(WebRequest request) {
        long since = System.nanoTime();
        Rendered known = rendered.find(request.target());
        if (known == null) {
            return parseAndResolve(request, null, since);
        }
        CompletableFuture<Answer> asked = resolver.resolve(Query.of(known.key()).onBehalfOf(request.client()));
        if (asked.isDone() && !asked.isCompletedExceptionally()) {
            Answer answer = asked.join();
            if (known.isOf(answer.content())) {
                WebResponse response = known.response(lifeMillis(answer));
                count(request, answer, since);
                return response.now();
            }
        }
        return parseAndResolve(request, asked, since);
    }

    /**
     * @param begun the look-up, where it is under way already; else null
     */
    private CompletableFuture<WebResponse> parseAndResolve(
            WebRequest request, CompletableFuture<Answer> begun, long since) {
        String handle = request.rest();
        try {
            handle = PercentEncoding.decode(handle);
            Asked asked = Asked.of(request, handle);
            CompletableFuture<Answer> answer = begun != null
                    ? begun
                    : resolver.resolve(new Query(asked.key(), Selection.ALL, asked.isAuthoritative())
                            .onBehalfOf(request.client()));
            return answer.isDone()
                    ? answer.handle((found, failure) -> answered(request, asked, found, failure, since))
                    : answer.handleAsync(
                            (found, failure) -> answered(request, asked, found, failure, since), request.executor());
        } catch (PercentEncoding.MalformedException e) {
            return Asked.unreadable(request, handle)
                    .message(HandleCode.INVALID_HANDLE, e.getMessage() + ", at offset " + e.offset())
                    .now();
        } catch (InvalidIdentifierException e) {
            return Asked.unreadable(request, handle)
                    .message(HandleCode.INVALID_HANDLE, e.getMessage())
                    .now();
        } catch (BadParameterException e) {
            return Asked.unreadable(request, handle)
                    .message(HandleCode.PROTOCOL_ERROR, e.getMessage())
                    .now();
        } catch (ProblemException e) {
            return Asked.unreadable(request, handle)
                    .message(HandleCode.PROTOCOL_ERROR, e.problem().detail())
                    .now();
        }
    }

    /** A request, read. {@code callback} is empty where a document is wanted as it is. */
    private record Asked(
            String target,
            String handle,
            RecordKey key,
            HandleSelection selection,
            boolean isAuthoritative,
            boolean isPretty,
            String callback) {

        static Asked of(WebRequest request, String handle) throws BadParameterException {
            Identifier identifier = Identifier.parse(handle);
            String callback = request.query("callback").orElse("");
            if (!callback.isEmpty() && !JsonpCallback.isAllowed(callback)) {
                throw new BadParameterException("callback has to be the name of a function, of at most 64 characters");
            }
            return new Asked(
                    request.target(),
                    handle,
                    RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical()),
                    HandleSelection.of(request),
                    isSet(request, "auth"),
                    isSet(request, "pretty"),
                    callback);
        }

        /** A request that can't be answered but with what is wrong with it. */
        static Asked unreadable(WebRequest request, String handle) {
            return new Asked(request.target(), handle, null, null, false, false, "");
        }

        /** True for a parameter that is there, unless it says no. */
        private static boolean isSet(WebRequest request, String name) {
            return request.query(name)
                    .filter(value -> !value.equalsIgnoreCase("false") && !value.equals("0"))
                    .isPresent();
        }

        WebResponse message(HandleCode code, String message) {
            return document(code, HandleJson.message(handle, code, message, isPretty))
                    .with("Cache-Control", CacheControl.NO_STORE);
        }

        /** A script always has status 200: a browser would not run another one, and the code is inside. */
        WebResponse document(HandleCode code, byte[] json) {
            return callback.isEmpty()
                    ? WebResponse.of(code.status(), JSON, json)
                    : WebResponse.of(200, SCRIPT, JsonpCallback.script(callback, json));
        }
    }

    private WebResponse answered(WebRequest request, Asked asked, Answer answer, Throwable failure, long since) {
        if (failure == null) {
            WebResponse response = answer(asked, answer);
            count(request, answer, since);
            return response;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        Outcome outcome = cause instanceof BusyException ? Outcome.BUSY : Outcome.ERROR;
        metrics.apply(request).answered(outcome, AnswerSource.NONE, false, null, System.nanoTime() - since);
        return failed(asked, cause);
    }

    private void count(WebRequest request, Answer answer, long since) {
        StoredAnswer content = answer.content();
        metrics.apply(request)
                .answered(
                        content.outcome(), answer.source(), answer.stale(), content.owner(), System.nanoTime() - since);
    }

    private WebResponse answer(Asked asked, Answer answer) {
        StoredAnswer content = answer.content();
        return switch (content.outcome()) {
            case RECORD -> record(asked, answer);
            case RECORD_REVOKED -> asked.message(HandleCode.HANDLE_NOT_FOUND, "the record was revoked");
            case NOT_FOUND -> missing(asked, HandleCode.HANDLE_NOT_FOUND, answer);
            case NOT_RESPONSIBLE -> missing(asked, HandleCode.NOT_RESPONSIBLE, answer);
            case REFERRAL -> referral(asked, content);
            case INVALID_IDENTIFIER -> missing(asked, HandleCode.INVALID_HANDLE, answer);
            case BUSY -> busy(asked, "the node has too much to do");
            default -> asked.message(HandleCode.ERROR, "the node failed");
        };
    }

    private WebResponse record(Asked asked, Answer answer) {
        IdentifierRecord record =
                IdentifierRecord.parse(ByteString.copyFrom(answer.content().payload()));
        if (record.isExpired(clock.millis())) {
            return asked.message(HandleCode.HANDLE_NOT_FOUND, "the record has expired");
        }
        List<RecordValue> values =
                record.values().stream().filter(asked.selection()::selects).toList();
        HandleCode code = values.isEmpty() ? HandleCode.VALUES_NOT_FOUND : HandleCode.SUCCESS;
        WebResponse document =
                asked.document(code, HandleJson.record(asked.handle(), code, record, values, asked.isPretty()));
        Rendered made = new Rendered(asked.key(), answer.content().payload(), document);
        // What expires by itself has to be looked at each time; what is asked of the registry must not come from here.
        if (record.expiresAt() == 0 && !asked.isAuthoritative()) {
            rendered.keep(asked.target(), made);
        }
        return made.response(lifeMillis(answer));
    }

    private long lifeMillis(Answer answer) {
        return answer.stale() ? 0 : answer.content().lifeMillis(clock.millis());
    }

    private WebResponse missing(Asked asked, HandleCode code, Answer answer) {
        String message;
        try {
            message = AnswerDetail.parseFrom(answer.content().payload()).getMessage();
        } catch (InvalidProtocolBufferException e) {
            message = "";
        }
        return asked.document(code, HandleJson.message(asked.handle(), code, message, asked.isPretty()))
                .with("Cache-Control", CacheControl.publicFor(lifeMillis(answer)));
    }

    /** To the node that serves the prefix, where that speaks HTTP; clients follow by themselves. */
    private static WebResponse referral(Asked asked, StoredAnswer content) {
        byte[] json = HandleJson.message(
                asked.handle(),
                HandleCode.SERVICE_REFERRAL,
                "the prefix " + OtherNode.prefix(content).prefix().canonical() + " is served by a node of its own",
                asked.isPretty());
        Optional<String> elsewhere = OtherNode.webOrigin(content);
        return elsewhere.isEmpty() || !asked.callback().isEmpty()
                ? asked.document(HandleCode.SERVICE_REFERRAL, json)
                : WebResponse.of(307, JSON, json).with("Location", elsewhere.get() + asked.target());
    }

    private static WebResponse busy(Asked asked, String why) {
        return asked.message(HandleCode.SERVER_BUSY, why).with("Retry-After", RETRY_AFTER_SECONDS);
    }

    private static WebResponse failed(Asked asked, Throwable cause) {
        if (cause instanceof BusyException || cause instanceof UnavailableException) {
            return busy(asked, cause.getMessage());
        }
        LOG.atError().setCause(cause).log("a look-up over the Handle API failed");
        return asked.message(HandleCode.ERROR, "the node failed");
    }
}
