package org.waymark.ops.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerRouteTest {
    @TempDir
    private Path directory;

    @Test
    void aNamedSocketThatIsNotThereIsSaid() {
        String named = "unix://" + directory.resolve("docker.sock");

        assertThatThrownBy(() -> at(named).take())
                .isInstanceOf(RouteException.class)
                .hasMessageContaining("DOCKER_HOST names " + named + ", where no engine answers");
    }

    @Test
    void aSocketThatNobodyListensOnIsNoEngine() throws IOException {
        Path socket = directory.resolve("docker.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(Files.exists(socket)).isTrue();

        assertThatThrownBy(() -> at("unix://" + socket).engine()).isInstanceOf(RouteException.class);
    }

    @Test
    void aSocketThatAcceptsIsAnEngine() throws Exception {
        Path socket = directory.resolve("docker.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));

            assertThat(at("unix://" + socket).engine()).contains("unix://" + socket);
        }
    }

    @Test
    void theSocketOfAUsersOwnEngineIsFound() throws Exception {
        Files.createDirectories(directory.resolve(".docker/run"));
        Path socket = directory.resolve(".docker/run/docker.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));

            assertThat(new DockerRoute(Map.of("HOME", directory.toString())).engine())
                    .isPresent();
        }
    }

    @Test
    void aNamedPortIsAnEngineOnlyWhereItAccepts() throws Exception {
        try (ScriptedServer server = ScriptedServer.saying("")) {
            String named = "tcp://127.0.0.1:" + server.port();
            assertThat(at(named).engine()).contains(named);
        }
        // Bound, so that nobody else can listen there meanwhile.
        try (Socket silent = new Socket()) {
            silent.bind(new InetSocketAddress("127.0.0.1", 0));
            String named = "tcp://127.0.0.1:" + silent.getLocalPort();
            assertThatThrownBy(() -> at(named).engine()).hasMessageContaining("where no engine answers");
        }
    }

    @Test
    void anAddressOfAnotherKindIsRefused() {
        for (String wrong : new String[] {"ssh://host", "tcp://host", "no uri", "/var/run/docker.sock"}) {
            assertThatThrownBy(() -> at(wrong).engine())
                    .isInstanceOf(RouteException.class)
                    .hasMessageContaining("DOCKER_HOST names " + wrong);
        }
    }

    private static DockerRoute at(String dockerHost) {
        return new DockerRoute(Map.of("DOCKER_HOST", dockerHost));
    }
}
