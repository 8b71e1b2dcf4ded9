package org.waymark.node.endpoint.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;

/** Where a browser is sent for an item: its first public value of type {@code URL} that is a link to the web. */
final class DefaultLink {

    private static final String TYPE = "URL";
    private static final int MAX_CHARS = 4_096;

    private DefaultLink() {}

    /** The link as a header field may carry it. */
    static Optional<String> of(IdentifierRecord record) {
        for (RecordValue value : record.values()) {
            if (value.type().equals(TYPE) && value.isPublic()) {
                Optional<String> link = web(value.data().toString(StandardCharsets.UTF_8));
                if (link.isPresent()) {
                    return link;
                }
            }
        }
        return Optional.empty();
    }

    /** The text as an absolute http or https URI in ASCII, if it is one. */
    static Optional<String> web(String text) {
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
