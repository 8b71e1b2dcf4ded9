package org.waymark.node.endpoint.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** Texts that are addresses on the web, and so may be links on a page. */
final class WebAddress {

    private static final int MAX_CHARS = 4_096;

    private WebAddress() {}

    /** The text as an absolute http or https URI in ASCII, if it is one. */
    static Optional<String> of(String text) {
        if (text.length() > MAX_CHARS || !text.regionMatches(true, 0, "http", 0, 4)) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            return web && uri.getHost() != null ? Optional.of(uri.toASCIIString()) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
