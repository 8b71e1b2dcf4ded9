package org.waymark.node.endpoint.http;

import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import org.waymark.node.endpoint.http.gs1.Gs1Handler;
import org.waymark.node.endpoint.http.gs1.ResolverDescription;
import org.waymark.node.endpoint.http.handles.HandlesHandler;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebHandler;
import org.waymark.node.web.WebRequest;

/** The routes by which the node answers as a GS1-conformant resolver and as a Handle server do. */
public final class LinkRoutes {

    private static final String NAME = "Waymark";
    private static final long RENDERED_BYTES = 32 * 1_024 * 1_024L;

    private LinkRoutes() {}

    /**
     * Adds {@code /*}, {@code /api/handles/*} and {@code /.well-known/gs1resolver}.
     *
     * @param otherwise answers what is no GS1 Digital Link
     * @param publicUrl scheme and host by which clients know the node; empty: as each request says
     * @param metrics where the look-ups of a request are counted; called on the request's executor
     */
    public static Router.Builder addTo(
            Router.Builder routes,
            Resolver resolver,
            WebHandler otherwise,
            Optional<URI> publicUrl,
            Function<WebRequest, ConnectionMetrics> metrics,
            Clock clock) {
        return routes.get("/*", new Gs1Handler(resolver, otherwise, publicUrl, metrics, clock))
                .get(ResolverDescription.PATH, new ResolverDescription(NAME, publicUrl))
                .get(HandlesHandler.PATTERN, new HandlesHandler(resolver, RENDERED_BYTES, metrics, clock));
    }
}
