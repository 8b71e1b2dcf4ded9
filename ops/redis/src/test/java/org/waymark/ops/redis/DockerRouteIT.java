package org.waymark.ops.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs only where a Docker engine answers; see ops/redis/docker-check for a machine without one. */
class DockerRouteIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @BeforeEach
    void anEngineAnswers() {
        try {
            assumeTrue(new DockerRoute(System.getenv()).engine().isPresent(), "no Docker engine answers");
        } catch (RouteException e) {
            assumeTrue(false, e.getMessage());
        }
    }

    @Test
    void aContainerAnswersAndIsGoneOnceClosed() throws Exception {
        RedisServer redis = new DockerRoute(System.getenv()).take().orElseThrow();
        try (redis) {
            System.out.println("redis: " + redis.route());
            assertThat(redis.route()).startsWith("a Docker container of ").endsWith(" at " + redis.uri());
            assertThat(redis.isOurs()).isFalse();
            assertThat(ask(redis, "SET", "key", "value")).isEqualTo("+OK");
            assertThat(ask(redis, "GET", "key")).isEqualTo("value");
        }
        assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(IOException.class);
    }

    @Test
    void withAnImageThatCannotBeHadTheNextWayIsTaken() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.remove("WAYMARK_TEST_REDIS_URI");
        environment.put("WAYMARK_REDIS_IMAGE", "127.0.0.1:1/waymark/no-such-image:1");
        List<String> said = new ArrayList<>();

        try (RedisServer redis = new RedisSource(RedisSource.shared(environment), said::add).take()) {
            assertThat(said).hasSize(2);
            System.out.println(said.get(0));
            assertThat(said.get(0))
                    .contains("but no container of 127.0.0.1:1/waymark/no-such-image:1 can be had: ")
                    .endsWith("; trying the next way");
            assertThat(redis.isOurs()).isTrue();
        }
    }

    private static String ask(RedisServer redis, String... words) throws IOException {
        return RespQuestion.of(words).ask(redis.uri().getHost(), redis.uri().getPort(), PATIENCE);
    }
}
