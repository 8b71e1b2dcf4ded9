package org.waymark.ops.redis;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The Redis that the environment names. */
final class NamedRoute implements Route {
    static final String VARIABLE = "WAYMARK_TEST_REDIS_URI";

    private static final int DEFAULT_PORT = 6379;
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Map<String, String> environment;

    NamedRoute(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if a Redis is named that does not answer: another one in its place would hide the mistake
     */
    @Override
    public Optional<RedisServer> take() {
        String named = environment.getOrDefault(VARIABLE, "");
        if (named.isBlank()) {
            return Optional.empty();
        }
        NamedServer server = new NamedServer(parse(named.strip()));
        // A server behind TLS is left to the client that has its certificates.
        if (server.uri().getScheme().equals("redis")) {
            ping(server);
        }
        return Optional.of(server);
    }

    private static URI parse(String named) {
        try {
            URI uri = new URI(named);
            if (("redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // The message below says what is allowed; the exception's own would print a password.
        }
        throw new IllegalStateException(VARIABLE + " must be redis://host:port or rediss://host:port");
    }

    private static void ping(NamedServer server) {
        URI uri = server.uri();
        int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
        String answer;
        try {
            answer = RespQuestion.of("PING").ask(uri.getHost(), port, LIMIT);
        } catch (IOException e) {
            throw new IllegalStateException(
                    VARIABLE + " names " + server.printable() + ", which does not answer: " + e.getMessage(), e);
        }
        // A server that wants a password first is there all the same.
        if (!answer.equals("+PONG") && !answer.startsWith("-NOAUTH")) {
            throw new IllegalStateException(
                    VARIABLE + " names " + server.printable() + ", which answers a PING with " + answer);
        }
    }

    private record NamedServer(URI uri) implements RedisServer {
        /** Returns the address without user and password. */
        String printable() {
            return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
        }

        @Override
        public String route() {
            return "the one that " + VARIABLE + " names, at " + printable();
        }

        @Override
        public void close() {
            // It was there before and stays.
        }

        @Override
        public String toString() {
            return route();
        }
    }
}
