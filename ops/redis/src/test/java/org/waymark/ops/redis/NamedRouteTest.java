package org.waymark.ops.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NamedRouteTest {
    @Test
    void withoutTheVariableTheRouteIsNotOpen() {
        assertThat(new NamedRoute(Map.of()).take()).isEmpty();
        assertThat(naming(" ").take()).isEmpty();
    }

    @Test
    void aNamedServerThatAnswersIsTaken() throws IOException {
        try (ScriptedServer redis = ScriptedServer.saying("+PONG\r\n")) {
            String uri = "redis://127.0.0.1:" + redis.port();

            RedisServer server = naming(uri).take().orElseThrow();

            assertThat(server.uri()).isEqualTo(URI.create(uri));
            assertThat(server.route()).isEqualTo("the one that WAYMARK_TEST_REDIS_URI names, at " + uri);
        }
    }

    @Test
    void aServerThatWantsAPasswordIsTakenAndThePasswordIsNotPrinted() throws IOException {
        try (ScriptedServer redis = ScriptedServer.saying("-NOAUTH Authentication required.\r\n")) {
            RedisServer server = naming("redis://:s3cret@127.0.0.1:" + redis.port() + "/1")
                    .take()
                    .orElseThrow();

            assertThat(server.uri().getUserInfo()).isEqualTo(":s3cret");
            assertThat(server.route() + server).doesNotContain("s3cret");
        }
    }

    @Test
    void aNamedServerThatDoesNotAnswerIsAnErrorRatherThanANextWay() throws IOException {
        int port;
        try (ScriptedServer gone = ScriptedServer.saying("")) {
            port = gone.port();
        }
        assertThatThrownBy(() -> naming("redis://:s3cret@127.0.0.1:" + port).take())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("redis://127.0.0.1:" + port + ", which does not answer")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aServerThatRefusesThePingIsAnError() throws IOException {
        try (ScriptedServer loading = ScriptedServer.saying("-LOADING wait\r\n")) {
            assertThatThrownBy(
                            () -> naming("redis://127.0.0.1:" + loading.port()).take())
                    .hasMessageContaining("-LOADING wait");
        }
    }

    @Test
    void aServerBehindTlsIsTakenAsNamed() {
        assertThat(naming("rediss://redis.invalid:6380").take().orElseThrow().uri())
                .isEqualTo(URI.create("rediss://redis.invalid:6380"));
    }

    @Test
    void anotherSchemeOrNoUriIsRefusedWithoutRepeatingIt() {
        for (String wrong :
                new String[] {"http://localhost:6379", "localhost:6379", "redis:", "redis://a b:s3cret@c"}) {
            assertThatThrownBy(() -> naming(wrong).take())
                    .hasMessage("WAYMARK_TEST_REDIS_URI must be redis://host:port or rediss://host:port");
        }
    }

    @Test
    void aNamedServerCannotBeControlled() {
        RedisServer server = naming("rediss://redis.invalid:6380").take().orElseThrow();

        assertThat(server.isOurs()).isFalse();
        assertThatThrownBy(server::stop)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("RedisSource.ownProcess()");
        assertThatThrownBy(server::start).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(server::kill).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(server::pause).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(server::resume).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(server::dataDir).isInstanceOf(UnsupportedOperationException.class);
    }

    private static NamedRoute naming(String uri) {
        return new NamedRoute(Map.of("WAYMARK_TEST_REDIS_URI", uri));
    }
}
