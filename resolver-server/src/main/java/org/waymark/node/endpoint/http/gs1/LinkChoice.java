package org.waymark.node.endpoint.http.gs1;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which of several links of one type a request means: by context, then by language, then by media type. What a request does not
 * tell, or no link fits, rules none out.
 */
final class LinkChoice {

    /** What a link without a media type is taken for. */
    private static final String USUAL_MEDIA_TYPE = "text/html";

    private LinkChoice() {}

    /** The links that fit best, each address once; more than one where nothing tells them apart. */
    static List<Link> best(List<Link> links, LinkRequest request) {
        List<Link> best = byMediaType(byLanguage(byContext(links, request), request), request);
        Map<String, Link> byHref = new LinkedHashMap<>();
        best.forEach(link -> byHref.putIfAbsent(link.href(), link));
        return List.copyOf(byHref.values());
    }

    private static List<Link> byContext(List<Link> links, LinkRequest request) {
        String wanted = request.context().orElse("");
        List<Link> fit = only(links, link -> link.contexts().stream().anyMatch(wanted::equalsIgnoreCase));
        return fit.isEmpty() ? orAll(only(links, link -> link.contexts().isEmpty()), links) : fit;
    }

    /**
     * By look-up (RFC 4647, section 3.4): each range is made shorter until a link has it, {@code zh-Hans-CN} to {@code zh-Hans} to
     * {@code zh}. Only where that finds nothing is a range taken for the languages below it ({@code en} for {@code en-GB}).
     */
    private static List<Link> byLanguage(List<Link> links, LinkRequest request) {
        List<LinkRequest.Range> ranges = request.languages();
        if (ranges.isEmpty()) {
            return links;
        }
        for (LinkRequest.Range range : ranges) {
            for (String tag = range.name(); !tag.isEmpty(); tag = shorter(tag)) {
                String wanted = tag;
                List<Link> fit = only(links, link -> hasLanguage(link, wanted::equals));
                if (!fit.isEmpty()) {
                    return fit;
                }
            }
        }
        for (LinkRequest.Range range : ranges) {
            List<Link> fit = only(links, link -> hasLanguage(link, tag -> tag.startsWith(range.name() + "-")));
            if (!fit.isEmpty()) {
                return fit;
            }
        }
        return orAll(only(links, link -> link.languages().isEmpty()), links);
    }

    private static boolean hasLanguage(Link link, Predicate<String> wanted) {
        return link.languages().stream()
                .map(tag -> tag.toLowerCase(Locale.ROOT))
                .anyMatch(wanted);
    }

    /** Without the last subtag, and without a single letter or digit that would then be the last. */
    private static String shorter(String tag) {
        int end = tag.lastIndexOf('-');
        if (end >= 2 && tag.charAt(end - 2) == '-') {
            end -= 2;
        }
        return end < 0 ? "" : tag.substring(0, end);
    }

    private static List<Link> byMediaType(List<Link> links, LinkRequest request) {
        int most = links.stream().mapToInt(link -> quality(link, request)).max().orElse(0);
        return only(links, link -> quality(link, request) == most);
    }

    private static int quality(Link link, LinkRequest request) {
        return request.quality(link.mediaType().orElse(USUAL_MEDIA_TYPE));
    }

    private static List<Link> only(List<Link> links, Predicate<Link> wanted) {
        return links.stream().filter(wanted).toList();
    }

    private static List<Link> orAll(List<Link> some, List<Link> all) {
        return some.isEmpty() ? all : some;
    }
}
