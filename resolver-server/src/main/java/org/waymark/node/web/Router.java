package org.waymark.node.web;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which handler answers what: by path, then by method. A pattern is a path ({@code /openapi.json}), or a path with {@code *} at its
 * end ({@code /api/handles/*}) that stands for any rest, also an empty one and one with slashes. Paths are compared as they were sent,
 * without decoding; a whole path goes before patterns with a rest, a longer pattern before a shorter one.
 *
 * <p>HEAD is answered wherever GET is, OPTIONS everywhere; another method than those of the path's routes gives 405 with {@code
 * Allow}, a path without a route 404. Immutable.
 */
public final class Router {

    private final Map<String, Resource> exact;
    private final List<Resource> prefixes;

    private Router(Map<String, Resource> exact, List<Resource> prefixes) {
        this.exact = exact;
        this.prefixes = prefixes;
    }

    /** What a route does with the body of its requests. */
    public sealed interface Body {

        /** There must be none. */
        record None() implements Body {}

        /**
         * It is gathered before the handler is called.
         *
         * @param maxBytes more are answered with 413
         */
        record Whole(int maxBytes) implements Body {}

        /**
         * The handler reads it as it comes.
         *
         * @param maxBytes the stream fails after so many
         */
        record Streamed(long maxBytes) implements Body {}
    }

    /**
     * One route.
     *
     * @param method in capitals
     * @param crossOrigin pages of any origin may use it (CORS); no credentials are involved
     */
    public record Route(String method, String pattern, Body body, boolean crossOrigin, WebHandler handler) {}

    /** The routes of one pattern. */
    record Resource(String pattern, String fixed, Map<String, Route> routes, String allow, boolean crossOrigin) {}

    public static Builder builder() {
        return new Builder();
    }

    /** All routes, in the order in which they were added to their pattern. */
    public List<Route> routes() {
        List<Route> all = new ArrayList<>();
        exact.values().forEach(resource -> all.addAll(resource.routes().values()));
        prefixes.forEach(resource -> all.addAll(resource.routes().values()));
        return List.copyOf(all);
    }

    /** The routes for this path, null where there are none. */
    Resource find(String path) {
        Resource whole = exact.get(path);
        if (whole != null) {
            return whole;
        }
        for (Resource resource : prefixes) {
            if (path.startsWith(resource.fixed())) {
                return resource;
            }
        }
        return null;
    }

    /** Collects routes. Not safe for use by many threads. */
    public static final class Builder {

        private final List<Route> routes = new ArrayList<>();

        private Builder() {}

        /** A GET route that any page may use. */
        public Builder get(String pattern, WebHandler handler) {
            return route(new Route("GET", pattern, new Body.None(), true, handler));
        }

        /**
         * A POST route whose body is gathered first, and which any page may use.
         *
         * @param maxBytes of the body
         */
        public Builder post(String pattern, int maxBytes, WebHandler handler) {
            return route(new Route("POST", pattern, new Body.Whole(maxBytes), true, handler));
        }

        /**
         * A POST route that reads its body as it comes, and which any page may use.
         *
         * @param maxBytes of the body
         */
        public Builder postStreamed(String pattern, long maxBytes, WebHandler handler) {
            return route(new Route("POST", pattern, new Body.Streamed(maxBytes), true, handler));
        }

        /**
         * Any route.
         *
         * @throws IllegalArgumentException if the pattern is none, or is taken with this method
         */
        public Builder route(Route route) {
            String pattern = route.pattern();
            int star = pattern.indexOf('*');
            if (!pattern.startsWith("/") || (star >= 0 && star != pattern.length() - 1)) {
                throw new IllegalArgumentException(
                        "not a pattern: " + pattern + "; it begins with a slash, and may end with *");
            }
            for (Route other : routes) {
                if (other.pattern().equals(pattern) && other.method().equals(route.method())) {
                    throw new IllegalArgumentException(route.method() + " " + pattern + " has a route already");
                }
            }
            routes.add(route);
            return this;
        }

        public Router build() {
            Map<String, Map<String, Route>> byPattern = new LinkedHashMap<>();
            for (Route route : routes) {
                byPattern
                        .computeIfAbsent(route.pattern(), pattern -> new LinkedHashMap<>())
                        .put(route.method(), route);
            }
            Map<String, Resource> exact = new HashMap<>();
            List<Resource> prefixes = new ArrayList<>();
            byPattern.forEach((pattern, byMethod) -> {
                boolean open = pattern.endsWith("*");
                String fixed = open ? pattern.substring(0, pattern.length() - 1) : pattern;
                Resource resource = resource(pattern, fixed, byMethod);
                if (open) {
                    prefixes.add(resource);
                } else {
                    exact.put(fixed, resource);
                }
            });
            prefixes.sort(Comparator.comparingInt(
                            (Resource resource) -> resource.fixed().length())
                    .reversed());
            return new Router(exact, List.copyOf(prefixes));
        }

        private static Resource resource(String pattern, String fixed, Map<String, Route> declared) {
            Map<String, Route> byMethod = new LinkedHashMap<>(declared);
            if (byMethod.containsKey("GET")) {
                byMethod.putIfAbsent("HEAD", byMethod.get("GET"));
            }
            TreeSet<String> allow = new TreeSet<>(byMethod.keySet());
            allow.add("OPTIONS");
            boolean crossOrigin = declared.values().stream().anyMatch(Route::crossOrigin);
            return new Resource(pattern, fixed, Map.copyOf(byMethod), String.join(", ", allow), crossOrigin);
        }
    }
}
