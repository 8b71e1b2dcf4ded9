package org.waymark.node.endpoint.http.gs1;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;
import org.waymark.node.web.WebRequest;

/** Scheme and authority of links to this node itself. */
final class BaseUrl {

    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\\[[0-9A-Fa-f:.]{2,45}](:[0-9]{1,5})?");

    private BaseUrl() {}

    /**
     * Without a slash at the end.
     *
     * @param configured empty: as the client sees it, by the connection and the header {@code Host}
     */
    static String of(Optional<URI> configured, WebRequest request) {
        if (configured.isPresent()) {
            String url = configured.get().toString();
            return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        }
        String host = request.header("Host")
                .filter(name -> HOST.matcher(name).matches())
                .orElse("localhost");
        return (request.isSecure() ? "https://" : "http://") + host;
    }
}
