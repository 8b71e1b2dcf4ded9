package org.waymark.node.endpoint.http.gs1;

import com.google.protobuf.ByteString;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Scheme;
import org.waymark.node.endpoint.OtherNode;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.node.web.CacheControl;
import org.waymark.node.web.Headers;
import org.waymark.node.web.PercentEncoding;
import org.waymark.node.web.Problem;
import org.waymark.node.web.ProblemException;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.AnswerSource;

/**
 * Leads GS1 Digital Links to what they link to, as the GS1-Conformant Resolver Standard 1.2.0 has it: to the default link, to the link
 * of the type that is asked for, or to the list of all. A link is looked for with the identifier itself first, then with one qualifier
 * less each time (serial, lot, variant, trade item). A thing with a record but without any link is led to its page on this node.
 * Safe for use by many threads.
 */
public final class Gs1Handler implements WebHandler {

    private static final String OWL_SAME_AS = "http://www.w3.org/2002/07/owl#sameAs";
    private static final String JSON = "application/json";
    private static final String JSON_LD = "application/ld+json";
    private static final String VARY = "Accept, Accept-Language";
    private static final int RETRY_AFTER_SECONDS = 1;

    private final Resolver resolver;
    private final WebHandler otherwise;
    private final Optional<URI> publicUrl;
    private final Function<WebRequest, ConnectionMetrics> metrics;
    private final Clock clock;

    /**
     * @param otherwise answers what is no Digital Link
     * @param publicUrl scheme and host by which clients know the node, for links to itself; empty: as the request says
     * @param metrics where the look-ups of a request are counted; called on the request's executor
     */
    public Gs1Handler(
            Resolver resolver,
            WebHandler otherwise,
            Optional<URI> publicUrl,
            Function<WebRequest, ConnectionMetrics> metrics,
            Clock clock) {
        this.resolver = resolver;
        this.otherwise = otherwise;
        this.publicUrl = publicUrl;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<WebResponse> handle(WebRequest request) {
        Optional<Gs1Path> path;
        try {
            path = Gs1Path.parse(request.rawPath());
        } catch (Gs1Path.MalformedException e) {
            return Problem.of(400, "Not a GS1 Digital Link")
                    .detail(e.getMessage())
                    .at("path", e.offset())
                    .now();
        }
        return path.isEmpty() ? otherwise.handle(request) : resolve(request, path.get());
    }

    private CompletableFuture<WebResponse> resolve(WebRequest request, Gs1Path path) {
        long since = System.nanoTime();
        List<CompletableFuture<Answer>> asked = new ArrayList<>();
        for (Identifier level : path.levels()) {
            RecordKey key = RecordKey.of(RecordKind.ITEM, Scheme.GS1, level.canonical());
            asked.add(resolver.resolve(Query.of(key).onBehalfOf(request.client())));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new));
        return all.isDone()
                ? all.handle((done, failure) -> answered(request, path, asked, failure, since))
                : all.handleAsync(
                        (done, failure) -> answered(request, path, asked, failure, since), request.executor());
    }

    private WebResponse answered(
            WebRequest request, Gs1Path path, List<CompletableFuture<Answer>> asked, Throwable failure, long since) {
        ConnectionMetrics counted = metrics.apply(request);
        if (failure != null) {
            RuntimeException told = unavailable(failure);
            Outcome outcome = told instanceof ProblemException ? Outcome.BUSY : Outcome.ERROR;
            counted.answered(outcome, AnswerSource.NONE, false, null, System.nanoTime() - since);
            throw told;
        }
        List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();
        for (Answer answer : answers) {
            counted.answered(
                    answer.content().outcome(),
                    answer.source(),
                    answer.stale(),
                    answer.content().owner(),
                    System.nanoTime() - since);
        }
        StoredAnswer first = answers.get(0).content();
        Optional<String> elsewhere =
                first.outcome() == Outcome.REFERRAL ? OtherNode.webOrigin(first) : Optional.empty();
        return elsewhere.isEmpty()
                ? answer(request, path, answers)
                : WebResponse.of(
                        307,
                        Headers.of(
                                "Location",
                                elsewhere.get() + request.target(),
                                "Cache-Control",
                                CacheControl.publicFor(answers.get(0).stale() ? 0 : first.lifeMillis(clock.millis()))));
    }

    private static RuntimeException unavailable(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (cause instanceof BusyException || cause instanceof UnavailableException) {
            return tryAgain(cause.getMessage());
        }
        return new IllegalStateException("the look-up failed", cause);
    }

    private static ProblemException tryAgain(String why) {
        return Problem.of(503, "Try again after a while")
                .detail(why)
                .withHeader("Retry-After", Integer.toString(RETRY_AFTER_SECONDS))
                .exception();
    }

    /** The links of the levels that have a record, the most specific one first, and how long they may be kept. */
    private record Found(Map<Identifier, Links> levels, long lifeMillis) {

        boolean hasLinks() {
            return levels.values().stream().anyMatch(links -> !links.isEmpty());
        }
    }

    private WebResponse answer(WebRequest request, Gs1Path path, List<Answer> answers) {
        Found found = found(path, answers);
        Optional<String> linkType = request.query("linkType").filter(type -> !type.isEmpty());
        LinkRequest wanted =
                new LinkRequest(request.header("Accept"), request.header("Accept-Language"), request.query("context"));
        boolean isAll = linkType.isPresent()
                && (linkType.get().equals("linkset") || linkType.get().equals("all"));
        Optional<String> listType = listType(wanted, isAll);
        if (isAll || linkType.isEmpty() && listType.isPresent()) {
            return linkset(request, path, found, listType.orElse(Linkset.MEDIA_TYPE));
        }
        if (linkType.isPresent()) {
            return byType(request, path, found, linkType.get(), wanted);
        }
        for (Map.Entry<Identifier, Links> level : found.levels().entrySet()) {
            Optional<Link> link = level.getValue().defaultFor(wanted);
            if (link.isPresent()) {
                return redirect(link.get().target(request.rawQuery()), request, path, found);
            }
        }
        Identifier described = found.levels().keySet().iterator().next();
        String page = "/" + PercentEncoding.encodePath(described.canonical());
        return redirect(page, request, path, found);
    }

    /** As what the client wants a list of all links, if it does; {@code forced}: it does. */
    private static Optional<String> listType(LinkRequest wanted, boolean forced) {
        for (String type : List.of(Linkset.MEDIA_TYPE, JSON_LD, JSON)) {
            if (wanted.asksFor(type)) {
                return Optional.of(type);
            }
        }
        // A browser shows plain JSON, and would store a linkset.
        return forced && wanted.asksFor("text/html") ? Optional.of(JSON) : Optional.empty();
    }

    private Found found(Gs1Path path, List<Answer> answers) {
        Map<Identifier, Links> levels = new LinkedHashMap<>();
        long now = clock.millis();
        long life = Long.MAX_VALUE;
        for (int i = 0; i < answers.size(); i++) {
            Answer answer = answers.get(i);
            Identifier level = path.levels().get(i);
            life = Math.min(life, answer.stale() ? 0 : answer.content().lifeMillis(now));
            Outcome outcome = answer.content().outcome();
            if (outcome == Outcome.BUSY || outcome == Outcome.ERROR) {
                throw tryAgain("the node has no answer for now");
            }
            // What holds for one thing does not end with what it is one of, but the search for links does.
            if (outcome == Outcome.RECORD_REVOKED) {
                requireAnother(levels, level, "was revoked");
                break;
            }
            if (outcome == Outcome.RECORD) {
                IdentifierRecord record = IdentifierRecord.parse(
                        ByteString.copyFrom(answer.content().payload()));
                if (record.isExpired(now)) {
                    requireAnother(levels, level, "has expired");
                    break;
                }
                levels.put(level, Links.of(record));
            }
        }
        if (levels.isEmpty()) {
            throw notFound(path, answers, life);
        }
        return new Found(levels, life);
    }

    private static void requireAnother(Map<Identifier, Links> levels, Identifier level, String fate) {
        if (levels.isEmpty()) {
            throw Problem.of(410, "No longer valid")
                    .detail("the record of " + level.canonical() + " " + fate)
                    .with("identifier", level.canonical())
                    .exception();
        }
    }

    private static ProblemException notFound(Gs1Path path, List<Answer> answers, long lifeMillis) {
        String identifier = path.identifier().canonical();
        Outcome outcome = answers.get(0).content().outcome();
        String detail = switch (outcome) {
            case NOT_RESPONSIBLE -> "no prefix above " + identifier + " is served by this node";
            case REFERRAL -> "the prefix above " + identifier + " is served by a node of its own";
            default ->
                "there is no record of " + identifier + (path.levels().size() > 1 ? ", nor of what it is one of" : "");
        };
        return Problem.of(404, "No such identifier")
                .detail(detail)
                .with("identifier", identifier)
                .withHeader("Cache-Control", CacheControl.publicFor(lifeMillis))
                .exception();
    }

    private WebResponse byType(WebRequest request, Gs1Path path, Found found, String linkType, LinkRequest wanted) {
        Optional<String> type = LinkType.ofRequest(linkType);
        for (Map.Entry<Identifier, Links> level : found.levels().entrySet()) {
            Links links = level.getValue();
            List<Link> candidates = type.map(links::ofType).orElse(List.of());
            if (candidates.isEmpty()) {
                continue;
            }
            List<Link> best = LinkChoice.best(candidates, wanted);
            Optional<Link> one = best.size() == 1
                    ? Optional.of(best.get(0))
                    : best.stream().filter(Link::isDefault).findFirst();
            if (one.isPresent()) {
                return redirect(one.get().target(request.rawQuery()), request, path, found);
            }
            return choices(request, path, found, level.getKey(), best, wanted);
        }
        String available = found.levels().values().stream()
                .flatMap(links -> links.described().stream())
                .map(Link::type)
                .distinct()
                .collect(Collectors.joining(", "));
        throw Problem.of(404, "No such link")
                .detail("there is no link of the type " + linkType + " for "
                        + path.identifier().canonical() + "; "
                        + (available.isEmpty() ? "there is none of any type" : "there are " + available))
                .with("identifier", path.identifier().canonical())
                .withHeader("Vary", VARY)
                .withHeader("Cache-Control", CacheControl.publicFor(found.lifeMillis()))
                .exception();
    }

    private WebResponse redirect(String location, WebRequest request, Gs1Path path, Found found) {
        Headers headers = headers(request, path, found, false).with("Location", location);
        return WebResponse.of(307, headers);
    }

    private WebResponse linkset(WebRequest request, Gs1Path path, Found found, String mediaType) {
        Map<String, Links> byAnchor = new LinkedHashMap<>();
        found.levels().forEach((level, links) -> byAnchor.put(base(request) + path.pathOf(level), links));
        byte[] body = Linkset.of(byAnchor).json(mediaType.equals(JSON_LD));
        Headers headers = headers(request, path, found, !mediaType.equals(JSON_LD));
        return WebResponse.of(200, headers.with("Content-Type", mediaType), body);
    }

    private WebResponse choices(
            WebRequest request, Gs1Path path, Found found, Identifier level, List<Link> best, LinkRequest wanted) {
        Headers headers = headers(request, path, found, false);
        if (wanted.asksFor("text/html")) {
            String page = ChoicePage.of(level.canonical(), best, request.rawQuery());
            return WebResponse.of(
                    300,
                    headers.with("Content-Type", "text/html; charset=utf-8")
                            .with("Content-Security-Policy", "default-src 'none'"),
                    page.getBytes(StandardCharsets.UTF_8));
        }
        String type = wanted.asksFor(JSON) ? JSON : Linkset.MEDIA_TYPE;
        return WebResponse.of(
                300, headers.with("Content-Type", type), Linkset.choices(base(request) + path.pathOf(level), best));
    }

    private Headers headers(WebRequest request, Gs1Path path, Found found, boolean hasContext) {
        String canonical = base(request) + path.pathOf(path.identifier());
        LinkHeader links = new LinkHeader();
        if (hasContext) {
            links.add(Linkset.JSON_LD_CONTEXT, "http://www.w3.org/ns/json-ld#context", JSON_LD);
        }
        if (found.hasLinks()) {
            links.add(canonical + "?linkType=linkset", "linkset", Linkset.MEDIA_TYPE);
        }
        if (!request.rawPath().equals(path.pathOf(path.identifier()))) {
            links.add(canonical, OWL_SAME_AS, "");
        }
        for (Links ofLevel : found.levels().values()) {
            ofLevel.described().forEach(links::add);
        }
        Headers headers = Headers.of("Vary", VARY, "Cache-Control", CacheControl.publicFor(found.lifeMillis()));
        return links.value().isEmpty() ? headers : headers.with("Link", links.value());
    }

    private String base(WebRequest request) {
        return BaseUrl.of(publicUrl, request);
    }
}
