package org.waymark.node.endpoint.http.gs1;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.waymark.identifier.Gs1Keys;
import org.waymark.node.web.Headers;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebRequest;
import org.waymark.node.web.WebResponse;

/** The resolver description file at {@link #PATH}: what this resolver knows (GS1-Conformant Resolver Standard 1.2.0). */
public final class ResolverDescription implements WebHandler {

    /** Where it is looked for. */
    public static final String PATH = "/.well-known/gs1resolver";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Headers HEADERS =
            Headers.of("Content-Type", "application/json", "Cache-Control", "public, max-age=3600");

    private final String name;
    private final Optional<URI> publicUrl;

    /**
     * @param name of the resolver, for people
     * @param publicUrl scheme and host by which clients know the node; empty: as the request says
     */
    public ResolverDescription(String name, Optional<URI> publicUrl) {
        this.name = name;
        this.publicUrl = publicUrl;
    }

    @Override
    public CompletableFuture<WebResponse> handle(WebRequest request) {
        ObjectNode file = JSON.createObjectNode();
        file.put("name", name);
        file.put("resolverRoot", BaseUrl.of(publicUrl, request));
        Gs1Keys.keys().forEach(file.putArray("supportedPrimaryKeys")::add);
        file.putArray("supportedLinkType")
                .addObject()
                .put("namespace", LinkType.NAMESPACE)
                .put("prefix", LinkType.PREFIX);
        file.put("linkTypeDefaultCanBeLinkset", false);
        file.putArray("supportedContextValuesExternal")
                .addObject()
                .put("nameOfList", "ISO 3166-1 alpha-2")
                .put("url", "https://www.iso.org/iso-3166-country-codes.html");
        file.put("jsonLdContextLocation", Linkset.JSON_LD_CONTEXT);
        try {
            return WebResponse.of(200, HEADERS, JSON.writeValueAsBytes(file)).now();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
