package org.waymark.ops.redis;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** A container of the official image, through Testcontainers, where a Docker engine answers. */
final class DockerRoute implements Route {
    static final String IMAGE_VARIABLE = "WAYMARK_REDIS_IMAGE";
    static final String DEFAULT_IMAGE = "redis:7.4-alpine";

    private static final int PORT = 6379;
    private static final int LONGEST_REASON = 300;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int CONNECT_MILLIS = 2_000;

    private final Map<String, String> environment;

    DockerRoute(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Optional<RedisServer> take() throws RouteException {
        // Testcontainers takes seconds and prints stack traces where there is no engine, so it is not touched before
        // one answers.
        Optional<String> engine = engine();
        if (engine.isEmpty()) {
            return Optional.empty();
        }
        String image = environment.getOrDefault(IMAGE_VARIABLE, DEFAULT_IMAGE);
        CompletableFuture<RedisServer> container =
                CompletableFuture.supplyAsync(() -> container(image), DockerRoute::inBackground);
        try {
            return Optional.of(container.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            throw failure(engine.get(), image, reason(e), e);
        } catch (TimeoutException e) {
            container.thenAccept(RedisServer::close);
            throw failure(engine.get(), image, "not within " + LIMIT.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            container.thenAccept(RedisServer::close);
            throw failure(engine.get(), image, "interrupted", e);
        }
    }

    private static RouteException failure(String engine, String image, String reason, Exception cause) {
        return new RouteException(
                "Docker answers at " + engine + ", but no container of " + image + " can be had: " + reason, cause);
    }

    /** Testcontainers has no limit of its own on fetching its auxiliary images, so it is waited for from outside. */
    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work, "redis-docker");
        thread.setDaemon(true);
        thread.start();
    }

    private static RedisServer container(String image) {
        DockerImageName name = DockerImageName.parse(image);
        fetch(DockerClientFactory.instance().client(), name);
        return start(name);
    }

    /** Pulls an image that the engine lacks. Testcontainers would try for many minutes where there is no registry. */
    private static void fetch(DockerClient client, DockerImageName image) {
        try {
            client.inspectImageCmd(image.asCanonicalNameString()).exec();
        } catch (NotFoundException absent) {
            PullImageResultCallback pull = client.pullImageCmd(image.getUnversionedPart())
                    .withTag(image.getVersionPart())
                    .exec(new PullImageResultCallback());
            try (pull) {
                pull.awaitCompletion();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while pulling the image", e);
            } catch (IOException e) {
                throw new IllegalStateException("the pull can't be closed: " + e.getMessage(), e);
            }
        }
    }

    /**
     * Finds an engine as Testcontainers would.
     *
     * @throws RouteException if the environment names one that does not answer
     */
    Optional<String> engine() throws RouteException {
        String named = environment.getOrDefault("DOCKER_HOST", "");
        if (named.isBlank()) {
            return usualSockets()
                    .filter(Files::exists)
                    .filter(socket -> unixSocketRefuses(socket).isEmpty())
                    .map(socket -> "unix://" + socket)
                    .findFirst();
        }
        Optional<String> refusal = refusal(named);
        if (refusal.isPresent()) {
            throw new RouteException("DOCKER_HOST names " + named + ", where no engine answers: " + refusal.get());
        }
        return Optional.of(named);
    }

    private Stream<Path> usualSockets() {
        Path home = Path.of(environment.getOrDefault("HOME", "/"));
        return Stream.of(
                Path.of("/var/run/docker.sock"),
                Path.of(environment.getOrDefault("XDG_RUNTIME_DIR", "/var/run"), "docker.sock"),
                home.resolve(".docker/run/docker.sock"),
                home.resolve(".docker/desktop/docker.sock"));
    }

    private static Optional<String> refusal(String named) {
        URI uri;
        try {
            uri = URI.create(named);
        } catch (IllegalArgumentException e) {
            return Optional.of("it is no URI");
        }
        if ("unix".equals(uri.getScheme())) {
            return unixSocketRefuses(Path.of(uri.getPath()));
        }
        if (!"tcp".equals(uri.getScheme()) || uri.getHost() == null || uri.getPort() < 0) {
            return Optional.of("only unix:///path and tcp://host:port are known");
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), CONNECT_MILLIS);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.toString());
        }
    }

    private static Optional<String> unixSocketRefuses(Path socket) {
        try {
            SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e.toString());
        }
    }

    private static RedisServer start(DockerImageName image) {
        GenericContainer<?> container = new GenericContainer<>(image);
        try {
            container
                    .withImagePullPolicy(name -> false)
                    .withExposedPorts(PORT)
                    // Protected mode refuses what comes through a published port; the official image switches it off
                    // too.
                    .withCommand("redis-server", "--save", "", "--appendonly", "no", "--protected-mode", "no")
                    .waitingFor(Wait.forLogMessage(".*Ready to accept connections.*", 1)
                            .withStartupTimeout(START_LIMIT))
                    .start();
            URI uri = URI.create("redis://" + container.getHost() + ":" + container.getMappedPort(PORT));
            String pong = RespQuestion.of("PING").ask(uri.getHost(), uri.getPort(), START_LIMIT);
            if (!pong.equals("+PONG")) {
                throw new IllegalStateException(uri + " answers a PING with " + pong);
            }
            return new ContainerServer(container, image.asCanonicalNameString(), uri);
        } catch (IOException e) {
            container.close();
            throw new IllegalStateException("its published port does not answer: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            container.close();
            throw e;
        }
    }

    /** Returns the innermost message on one line: the outer ones only say that something failed. */
    private static String reason(Throwable thrown) {
        Throwable root = Stream.iterate(thrown, cause -> cause != null, Throwable::getCause)
                .reduce(thrown, (outer, inner) -> inner);
        String line = String.valueOf(root.getMessage()).replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + "...";
    }

    private record ContainerServer(GenericContainer<?> container, String image, URI uri) implements RedisServer {
        @Override
        public String route() {
            return "a Docker container of " + image + " at " + uri;
        }

        @Override
        public void close() {
            container.close();
        }

        @Override
        public String toString() {
            return route();
        }
    }
}
