package org.waymark.ops.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisSourceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void anOwnProcessAnswersOnLoopbackAndSaysItsRoute() throws IOException {
        try (RedisServer redis = RedisSource.ownProcess()) {
            assertThat(redis.isOurs()).isTrue();
            assertThat(redis.uri().getHost()).isEqualTo("127.0.0.1");
            assertThat(redis.route()).endsWith(" at " + redis.uri());
            assertThat(ask(redis, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void withoutDockerAndPathThePackagedBinaryRuns() throws IOException {
        List<String> said = new ArrayList<>();
        try (RedisServer redis = new RedisSource(RedisSource.own(Map.of("PATH", "")), said::add).take()) {
            assertThat(redis.route()).startsWith("redis-server from the embedded-redis package (6.2.");
            assertThat(said).containsExactly("redis: " + redis.route());
            assertThat(ask(redis, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void aStoppedServerStartsEmptyOnTheSamePort() throws IOException {
        try (RedisServer redis = RedisSource.ownProcess()) {
            URI before = redis.uri();
            ask(redis, "SET", "key", "value");

            redis.stop();
            assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(ConnectException.class);
            redis.stop();
            redis.start();

            assertThat(redis.uri()).isEqualTo(before);
            assertThat(ask(redis, "PING")).isEqualTo("+PONG");
            assertThat(ask(redis, "INFO", "keyspace")).doesNotContain("db0");
        }
    }

    @Test
    void aServerComesBackFromAnOlderSnapshot(@TempDir Path elsewhere) throws IOException {
        try (RedisServer redis = RedisSource.ownProcess()) {
            Path snapshot = redis.dataDir().resolve("dump.rdb");
            ask(redis, "SET", "key", "old");
            ask(redis, "SAVE");
            Files.copy(snapshot, elsewhere.resolve("old.rdb"));
            ask(redis, "SET", "key", "new");
            ask(redis, "SAVE");

            redis.stop();
            redis.start();
            assertThat(ask(redis, "GET", "key")).isEqualTo("new");

            redis.stop();
            Files.copy(elsewhere.resolve("old.rdb"), snapshot, StandardCopyOption.REPLACE_EXISTING);
            redis.start();
            assertThat(ask(redis, "GET", "key")).isEqualTo("old");
        }
    }

    @Test
    void aKilledServerIsGoneAndStartsAgain() throws IOException {
        try (RedisServer redis = RedisSource.ownProcess()) {
            redis.kill();
            assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(ConnectException.class);
            assertThatThrownBy(redis::pause).hasMessageContaining("does not run");
            redis.kill();

            redis.start();
            assertThat(ask(redis, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void aPausedServerAnswersNothingUntilItResumes() throws IOException {
        try (RedisServer redis = RedisSource.ownProcess()) {
            redis.pause();
            assertThatThrownBy(() -> RespQuestion.of("PING")
                            .ask(redis.uri().getHost(), redis.uri().getPort(), Duration.ofMillis(300)))
                    .isInstanceOf(SocketTimeoutException.class);

            redis.resume();
            assertThat(ask(redis, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void aPausedServerCanBeStopped() throws IOException {
        try (RedisServer redis = RedisSource.ownProcess()) {
            redis.pause();
            redis.stop();
            assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(ConnectException.class);
            redis.start();
            assertThat(ask(redis, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void aRunningServerIsNotStartedTwice() {
        try (RedisServer redis = RedisSource.ownProcess()) {
            assertThatThrownBy(redis::start).hasMessageContaining("runs already");
        }
    }

    @Test
    void closingEndsTheProcessAndDeletesItsFiles() {
        RedisServer redis = RedisSource.ownProcess();
        Path home = redis.dataDir().getParent();
        assertThat(home).isDirectory();

        redis.close();
        redis.close();

        assertThat(home).doesNotExist();
        assertThatThrownBy(() -> ask(redis, "PING")).isInstanceOf(ConnectException.class);
        assertThatThrownBy(redis::start).hasMessageContaining("was closed");
    }

    @Test
    void theProgramPrintsTheAddressAndEndsItsRedisWhenItsInputCloses() throws Exception {
        try (Program program = Program.start()) {
            assertThat(program.ask("PING")).isEqualTo("+PONG");

            program.process().getOutputStream().close();

            program.awaitEnd();
            assertThat(program.process().exitValue()).isZero();
        }
    }

    @Test
    void theProgramEndsItsRedisWhenItIsTerminated() throws Exception {
        try (Program program = Program.start()) {
            assertThat(program.ask("PING")).isEqualTo("+PONG");

            program.process().destroy();

            program.awaitEnd();
        }
    }

    private static String ask(RedisServer redis, String... words) throws IOException {
        return RespQuestion.of(words).ask(redis.uri().getHost(), redis.uri().getPort(), PATIENCE);
    }

    /** The main program in a JVM of its own, with neither Docker nor a named Redis. */
    private record Program(Process process, URI uri) implements AutoCloseable {
        static Program start() throws IOException {
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    RedisMain.class.getName());
            builder.environment().remove("WAYMARK_TEST_REDIS_URI");
            builder.environment().put("DOCKER_HOST", "unix:///nonexistent/docker.sock");
            Process process =
                    builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
            var lines = process.inputReader();
            String uri = lines.readLine();
            assertThat(uri).startsWith("REDIS_URI=redis://127.0.0.1:");
            assertThat(lines.readLine()).startsWith("REDIS_ROUTE=redis-server ");
            return new Program(process, URI.create(uri.substring("REDIS_URI=".length())));
        }

        String ask(String word) throws IOException {
            return RespQuestion.of(word).ask(uri.getHost(), uri.getPort(), PATIENCE);
        }

        void awaitEnd() {
            await().atMost(PATIENCE).until(() -> !process.isAlive());
            assertThatThrownBy(() -> ask("PING")).isInstanceOf(ConnectException.class);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
