package org.waymark.node.endpoint.http;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.Limits;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BranchAwayException;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.Selection;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.node.web.CacheControl;
import org.waymark.node.web.EntityTag;
import org.waymark.node.web.Headers;
import org.waymark.node.web.Negotiation;
import org.waymark.node.web.Problem;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.AnswerSource;

/** {@code GET /{identifier}}: the record, as whoever asks can use it. */
final class RecordHandler implements WebHandler {

    private static final Logger log = LoggerFactory.getLogger(RecordHandler.class);

    static final String HTML = "text/html";
    private static final List<String> OFFERED =
            List.of(RecordViews.Kind.JSON.mediaType(), RecordViews.Kind.PROTOBUF.mediaType(), HTML);
    private static final List<String> LANGUAGES = List.of("en", "zh");
    /** What a page says about verification is not to be kept for long. */
    private static final long PAGE_SECONDS = 60;

    private static final String SOON = "1";
    private static final String LATER = "5";

    private final Resolver resolver;
    private final ChainVerifier verifier;
    private final Clock clock;
    private final RecordViews views = new RecordViews();

    RecordHandler(Resolver resolver, ChainVerifier verifier, Clock clock) {
        this.resolver = resolver;
        this.verifier = verifier;
        this.clock = clock;
    }

    /** What the client gets to see. */
    private enum Format {
        JSON,
        PROTOBUF,
        PAGE
    }

    @Override
    public CompletableFuture<WebResponse> handle(WebRequest request) {
        long since = System.nanoTime();
        Format format = format(request);
        Asked asked;
        Selection selection;
        try {
            asked = Asked.of(request);
            selection = selection(request);
        } catch (org.waymark.node.web.ProblemException e) {
            return problem(request, format, e.problem()).now();
        }
        CompletableFuture<Answer> answer = ask(new Query(asked.key(), selection, false).onBehalfOf(request.client()));
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            return answered(request, format, asked, answer.join(), since);
        }
        return answer.handleAsync(
                        (found, fault) -> fault == null
                                ? answered(request, format, asked, found, since)
                                : unanswered(request, format, fault, since).now(),
                        request.executor())
                .thenCompose(response -> response);
    }

    private CompletableFuture<Answer> ask(Query query) {
        try {
            return resolver.resolve(query);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Format format(WebRequest request) {
        Optional<String> wanted = request.query("format");
        if (wanted.isPresent()) {
            return switch (wanted.get()) {
                case "json" -> Format.JSON;
                case "protobuf" -> Format.PROTOBUF;
                case "html" -> Format.PAGE;
                default ->
                    throw Problem.of(400, "The parameter format is unknown")
                            .detail("It is json, protobuf or html.")
                            .with("field", "format")
                            .exception();
            };
        }
        Optional<String> accept = request.header("Accept");
        String type = Negotiation.prefers(accept, HTML)
                ? HTML
                : Negotiation.mediaType(accept, OFFERED)
                        .orElseThrow(() -> Problem.of(406, "No such representation")
                                .detail("A record is had as " + String.join(", ", OFFERED) + ".")
                                .withHeader("Vary", RecordViews.VARY)
                                .exception());
        return switch (OFFERED.indexOf(type)) {
            case 0 -> Format.JSON;
            case 1 -> Format.PROTOBUF;
            default -> Format.PAGE;
        };
    }

    private static Selection selection(WebRequest request) {
        List<String> indexTexts = request.queryAll("index");
        List<String> types = request.queryAll("type");
        if (indexTexts.size() > Limits.SELECTORS || types.size() > Limits.SELECTORS) {
            throw Problem.of(400, "Too many values are selected")
                    .detail("At most " + Limits.SELECTORS + " indexes and as many types are allowed.")
                    .with("field", "query")
                    .exception();
        }
        if (indexTexts.isEmpty() && types.isEmpty()) {
            return Selection.ALL;
        }
        Set<Long> indexes = new LinkedHashSet<>();
        for (String text : indexTexts) {
            if (!text.matches("[0-9]{1,10}")) {
                throw Problem.of(400, "The parameter index is no index")
                        .detail("It is a whole number from 1 to 4294967295.")
                        .with("field", "index")
                        .exception();
            }
            indexes.add(Long.parseLong(text));
        }
        return new Selection(indexes, types);
    }

    private CompletableFuture<WebResponse> answered(
            WebRequest request, Format format, Asked asked, Answer answer, long since) {
        StoredAnswer content = answer.content();
        CompletableFuture<WebResponse> response = switch (content.outcome()) {
            case RECORD -> record(request, format, asked, answer, 200);
            case RECORD_REVOKED -> record(request, format, asked, answer, 410);
            case REFERRAL -> referral(request, format, answer);
            default -> problem(request, format, unfound(answer)).now();
        };
        ConnectionMetrics metrics = HttpMetrics.of(request);
        metrics.answered(
                content.outcome(), answer.source(), answer.stale(), content.owner(), System.nanoTime() - since);
        return response;
    }

    private WebResponse unanswered(WebRequest request, Format format, Throwable fault, long since) {
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        Outcome outcome = cause instanceof BusyException ? Outcome.BUSY : Outcome.ERROR;
        HttpMetrics.of(request).answered(outcome, AnswerSource.NONE, false, null, System.nanoTime() - since);
        return problem(request, format, failure(cause));
    }

    /** What a request is answered with that the node could not carry out. */
    static Problem failure(Throwable cause) {
        if (cause instanceof BusyException) {
            return unavailable("The node is busy", "It has too much to do just now; ask again soon.", SOON);
        }
        if (cause instanceof BranchAwayException) {
            return unavailable("Another node is away", cause.getMessage(), LATER);
        }
        if (cause instanceof UnavailableException) {
            return unavailable("The registry is away", "The registry can't be reached; ask again later.", LATER);
        }
        log.atWarn().setCause(cause).log("a request failed inside the node");
        return Problem.of(500, "The node failed on this request").withHeader("Cache-Control", CacheControl.NO_STORE);
    }

    private static Problem unavailable(String title, String detail, String retryAfter) {
        return Problem.of(503, title)
                .detail(detail)
                .withHeader("Retry-After", retryAfter)
                .withHeader("Cache-Control", CacheControl.NO_STORE);
    }

    private long lifeSeconds(Answer answer) {
        return answer.content().lifeMillis(clock.millis()) / 1_000;
    }

    // ---- a record ----------------------------------------------------------------------------------------------

    private CompletableFuture<WebResponse> record(
            WebRequest request, Format format, Asked asked, Answer answer, int status) {
        long life = lifeSeconds(answer);
        if (format == Format.PAGE) {
            boolean wantsLink = status == 200
                    && asked.key().kind() == RecordKind.ITEM
                    && request.query("info").isEmpty()
                    && request.query("format").isEmpty();
            Optional<RecordViews.View> link = wantsLink ? views.link(answer.content(), request) : Optional.empty();
            return link.isPresent()
                    ? given(request, link.get(), life, answer).now()
                    : page(request, answer, status, Math.min(life, PAGE_SECONDS));
        }
        RecordViews.View view = views.record(
                format == Format.JSON ? RecordViews.Kind.JSON : RecordViews.Kind.PROTOBUF, status, answer.content());
        WebResponse response = given(request, view, life, answer);
        return (asked.isCanonical() ? response : response.with("Content-Location", asked.path())).now();
    }

    private static WebResponse given(WebRequest request, RecordViews.View view, long life, Answer answer) {
        return view.status() < 300 && EntityTag.isHeld(request.header("If-None-Match"), view.tag())
                ? view.notModified(life, answer.source(), answer.stale())
                : view.response(life, answer.source(), answer.stale());
    }

    private CompletableFuture<WebResponse> page(WebRequest request, Answer answer, int status, long life) {
        String language = Negotiation.language(request.header("Accept-Language"), LANGUAGES);
        IdentifierRecord record = RecordViews.parse(answer.content());
        return verifier.verify(record, request.client()).thenApply(verdict -> {
            byte[] body = RecordPage.of(PageText.of(language), answer.content().outcome(), record, verdict);
            String tag = EntityTag.strong(RecordViews.digest(body) + "-" + language);
            Headers headers = RecordViews.fresh(RecordPage.headers(language), life, answer.source(), answer.stale())
                    .with("ETag", tag)
                    .with("Waymark-Outcome", answer.content().outcome().name());
            boolean held = status == 200 && EntityTag.isHeld(request.header("If-None-Match"), tag);
            return held ? WebResponse.of(304, headers) : WebResponse.of(status, headers, body);
        });
    }

    // ---- elsewhere and nowhere ---------------------------------------------------------------------------------

    private CompletableFuture<WebResponse> referral(WebRequest request, Format format, Answer answer) {
        PrefixRecord prefix = PrefixRecord.of(RecordViews.parse(answer.content()));
        List<NodeAddress> addresses = prefix.addresses().stream()
                .sorted(Comparator.comparingInt(NodeAddress::getPriority))
                .toList();
        long life = lifeSeconds(answer);
        Optional<NodeAddress> web = addresses.stream()
                .filter(address -> address.getFace().equals("https"))
                .findFirst();
        if (web.isPresent() && WebAddress.of(origin(web.get())).isPresent()) {
            Headers headers = RecordViews.fresh(
                    Headers.of(
                            "Location",
                            origin(web.get()) + request.target(),
                            "Waymark-Outcome",
                            Outcome.REFERRAL.name()),
                    life,
                    answer.source(),
                    answer.stale());
            return WebResponse.of(307, headers).now();
        }
        List<Map<String, Object>> nodes = new ArrayList<>();
        for (NodeAddress address : addresses) {
            Map<String, Object> node = new LinkedHashMap<>();
            node.put("face", address.getFace());
            node.put("host", address.getHost());
            node.put("port", address.getPort());
            nodes.add(node);
        }
        Problem problem = Problem.of(421, "Another node answers for this prefix")
                .detail(prefix.prefix() + " is served by a node of its own, which has no HTTP face.")
                .with("outcome", Outcome.REFERRAL.name())
                .with("prefix", prefix.prefix().text())
                .with("nodes", nodes)
                .withHeader("Vary", RecordViews.VARY)
                .withHeader("Waymark-Outcome", Outcome.REFERRAL.name())
                .withHeader("Cache-Control", CacheControl.publicFor(life * 1_000));
        return problem(request, format, problem).now();
    }

    private static String origin(NodeAddress address) {
        String host = address.getHost().indexOf(':') >= 0 ? "[" + address.getHost() + "]" : address.getHost();
        return "https://" + host + (address.getPort() == 443 ? "" : ":" + address.getPort());
    }

    private Problem unfound(Answer answer) {
        StoredAnswer content = answer.content();
        AnswerDetail detail = detail(content);
        Problem problem = switch (content.outcome()) {
            case NOT_FOUND -> Problem.of(404, "There is no such record").with("owner", detail.getOwner());
            case NOT_RESPONSIBLE -> Problem.of(421, "This node does not serve the prefix");
            case INVALID_IDENTIFIER -> Problem.of(400, "This is no identifier").at("identifier", detail.getPosition());
            case BUSY -> Problem.of(503, "The node is busy").withHeader("Retry-After", SOON);
            default -> Problem.of(503, "The node can't answer now").withHeader("Retry-After", LATER);
        };
        boolean kept = content.outcome() == Outcome.NOT_FOUND && !answer.stale();
        return problem.detail(detail.getMessage())
                .with("outcome", content.outcome().name())
                .withHeader("Waymark-Outcome", content.outcome().name())
                .withHeader("Vary", RecordViews.VARY)
                .withHeader(
                        "Cache-Control",
                        kept ? CacheControl.publicFor(lifeSeconds(answer) * 1_000) : CacheControl.NO_STORE);
    }

    private static AnswerDetail detail(StoredAnswer content) {
        try {
            return AnswerDetail.parseFrom(content.payload());
        } catch (InvalidProtocolBufferException e) {
            return AnswerDetail.getDefaultInstance();
        }
    }

    /** The problem for a program as a document, for a person as a page. */
    private static WebResponse problem(WebRequest request, Format format, Problem problem) {
        if (format != Format.PAGE) {
            return problem.response();
        }
        String language = Negotiation.language(request.header("Accept-Language"), LANGUAGES);
        return RecordPage.ofProblem(PageText.of(language), problem, language);
    }
}
