package org.waymark.node.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which of several representations a client likes best, by {@code Accept} and {@code Accept-Language} (RFC 9110, section 12.5). Of
 * those that it likes as well, the one that is offered first. What can't be read of a header is passed over.
 */
public final class Negotiation {

    private static final int MAX_RANGES = 64;

    private Negotiation() {}

    /** A range such as {@code text/*} or {@code zh}, and how much it is liked: 0 to 1,000. */
    private record Range(String name, int quality) {}

    /**
     * The media type to answer with.
     *
     * @param accept value of {@code Accept}; empty: anything is welcome
     * @param offered media types without parameters, in lower case, the node's favourite first
     * @return empty: none of them is acceptable
     */
    public static Optional<String> mediaType(Optional<String> accept, List<String> offered) {
        if (accept.isEmpty() || accept.get().isBlank() || accept.get().equals("*/*")) {
            return Optional.of(offered.get(0));
        }
        List<Range> ranges = ranges(accept.get());
        String best = null;
        int bestQuality = 0;
        for (String type : offered) {
            int quality = mediaQuality(ranges, type);
            if (quality > bestQuality) {
                best = type;
                bestQuality = quality;
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * True if the media type is named in the header by itself or by its own {@code type/*}, and liked at least as much as everything
     * else that is named: so it is for {@code text/html} with a browser, and is not with a program that takes {@code *}{@code /*}.
     */
    public static boolean prefers(Optional<String> accept, String mediaType) {
        if (accept.isEmpty()) {
            return false;
        }
        int own = 0;
        int best = 0;
        String family = mediaType.substring(0, mediaType.indexOf('/')) + "/*";
        for (Range range : ranges(accept.get())) {
            best = Math.max(best, range.quality);
            if (range.name.equals(mediaType) || range.name.equals(family)) {
                own = Math.max(own, range.quality);
            }
        }
        return own > 0 && own >= best;
    }

    /** The most specific range that fits says how much a type is liked. */
    private static int mediaQuality(List<Range> ranges, String type) {
        int quality = 0;
        int specificity = -1;
        String family = type.substring(0, type.indexOf('/') + 1) + "*";
        for (Range range : ranges) {
            int fits = range.name.equals(type) ? 2 : range.name.equals(family) ? 1 : range.name.equals("*/*") ? 0 : -1;
            if (fits > specificity) {
                specificity = fits;
                quality = range.quality;
            }
        }
        return quality;
    }

    /**
     * The language to answer in (RFC 4647, section 3.4: {@code zh-Hans-CN} is served by {@code zh}).
     *
     * @param acceptLanguage value of {@code Accept-Language}; empty: anything is welcome
     * @param offered language tags in lower case, the node's favourite first; one of them is always chosen
     */
    public static String language(Optional<String> acceptLanguage, List<String> offered) {
        String best = offered.get(0);
        if (acceptLanguage.isEmpty()) {
            return best;
        }
        int bestQuality = 0;
        for (Range range : ranges(acceptLanguage.get())) {
            for (String language : offered) {
                boolean fits =
                        range.name.equals("*") || range.name.equals(language) || range.name.startsWith(language + "-");
                if (fits && range.quality > bestQuality) {
                    best = language;
                    bestQuality = range.quality;
                }
            }
        }
        return best;
    }

    private static List<Range> ranges(String header) {
        List<Range> ranges = new ArrayList<>();
        for (String part : header.split(",", MAX_RANGES)) {
            String[] pieces = part.split(";");
            String name = pieces[0].strip().toLowerCase(Locale.ROOT);
            int quality = 1_000;
            for (int i = 1; i < pieces.length; i++) {
                String parameter = pieces[i].strip().toLowerCase(Locale.ROOT);
                if (parameter.startsWith("q=")) {
                    quality = quality(parameter.substring(2).strip());
                }
            }
            if (!name.isEmpty() && quality >= 0) {
                ranges.add(new Range(name, quality));
            }
        }
        return ranges;
    }

    /** Thousandths, -1 where it is no quality. */
    private static int quality(String text) {
        if (!text.matches("0(\\.\\d{0,3})?|1(\\.0{0,3})?")) {
            return -1;
        }
        return (int) Math.round(Double.parseDouble(text) * 1_000);
    }
}
