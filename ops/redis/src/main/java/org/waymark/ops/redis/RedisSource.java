package org.waymark.ops.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds a Redis, or starts one, and prints on standard error which way it took. The ways, in order:
 *
 * <ol>
 *   <li>the Redis that the environment variable {@code WAYMARK_TEST_REDIS_URI} names;
 *   <li>a Docker container of the image that {@code WAYMARK_REDIS_IMAGE} names ({@code redis:7.4-alpine} by default),
 *       where an engine answers;
 *   <li>a process of our own from a {@code redis-server} on the PATH, version 6.2 or newer;
 *   <li>a process of our own from the binary in the embedded-redis package.
 * </ol>
 *
 * Nothing is installed on the system.
 */
public final class RedisSource {
    private final List<Route> routes;
    private final Consumer<String> says;

    RedisSource(List<Route> routes, Consumer<String> says) {
        this.routes = List.copyOf(routes);
        this.says = says;
    }

    /**
     * Returns the first Redis that can be had.
     *
     * @throws IllegalStateException if none can be had, or {@code WAYMARK_TEST_REDIS_URI} names one that does not answer
     */
    public static RedisServer find() {
        return new RedisSource(shared(System.getenv()), System.err::println).take();
    }

    /**
     * Returns a new process of our own, which the caller can stop, start, kill and pause: skips the first two ways.
     *
     * @throws IllegalStateException if none can be started
     */
    public static RedisServer ownProcess() {
        return new RedisSource(own(System.getenv()), System.err::println).take();
    }

    static List<Route> shared(Map<String, String> environment) {
        List<Route> routes = new ArrayList<>();
        routes.add(new NamedRoute(environment));
        routes.add(new DockerRoute(environment));
        routes.addAll(own(environment));
        return routes;
    }

    static List<Route> own(Map<String, String> environment) {
        return List.of(new PathRoute(environment), new PackagedRoute());
    }

    RedisServer take() {
        List<String> reasons = new ArrayList<>();
        for (Route route : routes) {
            try {
                Optional<RedisServer> server = route.take();
                if (server.isPresent()) {
                    says.accept("redis: " + server.get().route());
                    return server.get();
                }
            } catch (RouteException e) {
                says.accept("redis: " + e.getMessage() + "; trying the next way");
                reasons.add(e.getMessage());
            }
        }
        throw new IllegalStateException("no Redis can be had. Name one in " + NamedRoute.VARIABLE
                + ", run Docker, or put a redis-server of version " + RedisVersion.OLDEST
                + " or newer on the PATH. Tried: "
                + (reasons.isEmpty() ? "nothing was there to try" : String.join("; ", reasons)));
    }
}
