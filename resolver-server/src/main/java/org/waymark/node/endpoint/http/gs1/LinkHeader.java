package org.waymark.node.endpoint.http.gs1;

import java.nio.charset.StandardCharsets;

/**
 * Collects the value of a {@code Link} header (RFC 8288) up to a size: links that come too late are left out whole, and the linkset
 * has them. Not safe for use by many threads.
 */
final class LinkHeader {

    /** What common servers and proxies take for a whole header is 8 KiB. */
    static final int MAX_CHARACTERS = 4_096;

    private static final String HEX = "0123456789ABCDEF";
    private static final String ATTRIBUTE_PUNCTUATION = "!#$&+-.^_`|~";

    private final StringBuilder value = new StringBuilder();

    /** Adds a link that is none of the owner's, of a media type or none. */
    LinkHeader add(String href, String rel, String mediaType) {
        return add(href, rel, mediaType.isEmpty() ? "" : "; type=\"" + mediaType + "\"", "");
    }

    LinkHeader add(Link link) {
        StringBuilder attributes = new StringBuilder();
        link.mediaType()
                .ifPresent(type -> attributes.append("; type=\"").append(type).append('"'));
        link.languages()
                .forEach(tag -> attributes.append("; hreflang=\"").append(tag).append('"'));
        return add(link.href(), link.type(), attributes.toString(), title(link.title()));
    }

    private LinkHeader add(String href, String rel, String attributes, String title) {
        String link = "<" + href + ">; rel=\"" + rel + "\"" + attributes + title;
        if (value.length() + link.length() + 2 <= MAX_CHARACTERS) {
            value.append(value.isEmpty() ? "" : ", ").append(link);
        }
        return this;
    }

    /** As a quoted string where that can carry it, else in UTF-8 (RFC 8187). */
    private static String title(String title) {
        if (title.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            return "; title=\"" + title.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        }
        StringBuilder out = new StringBuilder("; title*=UTF-8''");
        for (byte octet : title.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            boolean isPlain = c >= '0' && c <= '9'
                    || c >= 'A' && c <= 'Z'
                    || c >= 'a' && c <= 'z'
                    || ATTRIBUTE_PUNCTUATION.indexOf(c) >= 0;
            if (isPlain) {
                out.append(c);
            } else {
                out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xF));
            }
        }
        return out.toString();
    }

    String value() {
        return value.toString();
    }
}
