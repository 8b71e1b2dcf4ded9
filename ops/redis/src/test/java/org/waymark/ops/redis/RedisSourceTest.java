package org.waymark.ops.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RedisSourceTest {
    private static final Route CLOSED = Optional::empty;
    private static final Route BROKEN = () -> {
        throw new RouteException("the image can't be had");
    };

    private final List<String> said = new ArrayList<>();

    @Test
    void theFirstWayThatIsOpenIsTakenAndSaid() {
        RedisServer server = source(CLOSED, to("first"), to("second")).take();

        assertThat(server.route()).isEqualTo("first");
        assertThat(said).containsExactly("redis: first");
    }

    @Test
    void aWayThatFailsIsSaidAndTheNextOneIsTaken() {
        RedisServer server = source(BROKEN, to("second")).take();

        assertThat(server.route()).isEqualTo("second");
        assertThat(said).containsExactly("redis: the image can't be had; trying the next way", "redis: second");
    }

    @Test
    void withoutAnyWayTheErrorSaysWhatToDo() {
        assertThatThrownBy(() -> source(CLOSED, BROKEN).take())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(
                        "Name one in WAYMARK_TEST_REDIS_URI, run Docker, or put a redis-server of version 6.2.0")
                .hasMessageEndingWith("Tried: the image can't be had");
        assertThatThrownBy(() -> source(CLOSED).take()).hasMessageEndingWith("Tried: nothing was there to try");
    }

    @Test
    void theWaysAreTriedInTheDocumentedOrder() {
        assertThat(RedisSource.shared(Map.of()))
                .hasExactlyElementsOfTypes(NamedRoute.class, DockerRoute.class, PathRoute.class, PackagedRoute.class);
    }

    @Test
    void anOwnProcessNeverComesFromAServerThatOthersUse() {
        assertThat(RedisSource.own(Map.of("WAYMARK_TEST_REDIS_URI", "redis://127.0.0.1:1")))
                .hasExactlyElementsOfTypes(PathRoute.class, PackagedRoute.class);
    }

    @Test
    void aNamedServerComesBeforeAllOthers() throws IOException {
        try (ScriptedServer redis = ScriptedServer.saying("+PONG\r\n")) {
            String uri = "redis://127.0.0.1:" + redis.port();
            Map<String, String> environment =
                    Map.of("WAYMARK_TEST_REDIS_URI", uri, "DOCKER_HOST", "unix:///nonexistent/docker.sock");

            RedisServer server = new RedisSource(RedisSource.shared(environment), said::add).take();

            assertThat(server.uri()).isEqualTo(URI.create(uri));
            assertThat(said).containsExactly("redis: the one that WAYMARK_TEST_REDIS_URI names, at " + uri);
        }
    }

    private RedisSource source(Route... routes) {
        return new RedisSource(List.of(routes), said::add);
    }

    private static Route to(String name) {
        return () -> Optional.of(new RedisServer() {
            @Override
            public URI uri() {
                return URI.create("redis://127.0.0.1:1");
            }

            @Override
            public String route() {
                return name;
            }

            @Override
            public void close() {
                throw new AssertionError("taking a way must not close its server");
            }
        });
    }
}
