package org.waymark.node.endpoint.http.gs1;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a request says about the link that it wants. Immutable.
 *
 * @param accept value of {@code Accept}
 * @param acceptLanguage value of {@code Accept-Language}
 * @param context parameter {@code context} of the query
 */
public record LinkRequest(Optional<String> accept, Optional<String> acceptLanguage, Optional<String> context) {

    private static final int MAX_RANGES = 32;

    /** One part of such a header: what is liked, and how much, 0 to 1,000. */
    record Range(String name, int quality) {}

    /** The language ranges, the most liked first, in lower case; those that are refused (q=0) are left out. */
    List<Range> languages() {
        return ranges(acceptLanguage).stream()
                .filter(range -> range.quality > 0)
                .sorted(Comparator.comparingInt(Range::quality).reversed())
                .toList();
    }

    /** How much a media type is liked: 0 (refused) to 1,000. */
    int quality(String mediaType) {
        if (accept.isEmpty() || accept.get().isBlank()) {
            return 1_000;
        }
        String type = mediaType.toLowerCase(Locale.ROOT);
        String family = type.substring(0, type.indexOf('/') + 1) + "*";
        int quality = 0;
        int specificity = -1;
        for (Range range : ranges(accept)) {
            int fits = range.name.equals(type) ? 2 : range.name.equals(family) ? 1 : range.name.equals("*/*") ? 0 : -1;
            if (fits > specificity) {
                specificity = fits;
                quality = range.quality;
            }
        }
        return quality;
    }

    /** True if the media type is named by itself, and nothing else is liked more. */
    boolean asksFor(String mediaType) {
        int own = 0;
        int most = 0;
        for (Range range : ranges(accept)) {
            most = Math.max(most, range.quality);
            own = range.name.equals(mediaType) ? Math.max(own, range.quality) : own;
        }
        return own > 0 && own == most;
    }

    private static List<Range> ranges(Optional<String> header) {
        List<Range> ranges = new ArrayList<>();
        for (String part : header.orElse("").split(",", MAX_RANGES)) {
            String[] pieces = part.split(";");
            String name = pieces.length == 0 ? "" : pieces[0].strip().toLowerCase(Locale.ROOT);
            int quality = 1_000;
            for (int i = 1; i < pieces.length; i++) {
                String parameter = pieces[i].strip().toLowerCase(Locale.ROOT);
                if (parameter.startsWith("q=")) {
                    quality = quality(parameter.substring(2).strip(), quality);
                }
            }
            if (!name.isEmpty()) {
                ranges.add(new Range(name, quality));
            }
        }
        return ranges;
    }

    /** A qvalue (RFC 9110, section 12.4.2) in thousandths. */
    private static int quality(String text, int otherwise) {
        if (!text.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?")) {
            return otherwise;
        }
        return (int) Math.round(Double.parseDouble(text) * 1_000);
    }
}
