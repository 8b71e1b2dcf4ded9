package org.waymark.ops.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathRouteTest {
    @TempDir
    private Path directory;

    @Test
    void withoutRedisServerOnThePathTheRouteIsNotOpen() throws RouteException {
        assertThat(new PathRoute(Map.of()).take()).isEmpty();
        assertThat(new PathRoute(Map.of("PATH", "")).take()).isEmpty();
        assertThat(onPath(directory).take()).isEmpty();
    }

    @Test
    void aFileThatIsNotExecutableIsPassedOver() throws Exception {
        Files.writeString(directory.resolve("redis-server"), "#!/bin/sh\n");

        assertThat(onPath(directory).take()).isEmpty();
    }

    @Test
    void anOldVersionIsRefusedByName() throws IOException {
        program("echo 'Redis server v=6.0.16 sha=00000000:0'");

        assertThatThrownBy(() -> onPath(directory).take())
                .isInstanceOf(RouteException.class)
                .hasMessageContaining("is version 6.0.16, older than 6.2.0");
    }

    @Test
    void aProgramThatCannotLoadItsLibrariesIsRefusedWithItsOwnWords() throws IOException {
        program("echo 'error while loading shared libraries: libssl.so.3' >&2; exit 127");

        assertThatThrownBy(() -> onPath(directory).take())
                .isInstanceOf(RouteException.class)
                .hasMessageContaining("libssl.so.3");
    }

    @Test
    void aServerThatEndsAtOnceIsRefusedWithItsLastLine() throws IOException {
        program(
                "[ \"$1\" = --version ] && echo 'Redis server v=7.0.15' && exit; echo starting; echo no memory; exit 3");

        assertThatThrownBy(() -> onPath(directory).take())
                .isInstanceOf(RouteException.class)
                .hasMessageContaining("ended with exit code 3: no memory");
    }

    @Test
    void theFirstDirectoryOfThePathWins(@TempDir Path second) throws IOException {
        program("echo 'Redis server v=5.0.1'");

        assertThatThrownBy(() -> onPath(second, directory).take()).hasMessageContaining("5.0.1");
        executable(second.resolve("redis-server"), "echo 'Redis server v=4.0.1'");
        assertThatThrownBy(() -> onPath(second, directory).take()).hasMessageContaining("4.0.1");
    }

    private void program(String shell) throws IOException {
        executable(directory.resolve("redis-server"), shell);
    }

    private static void executable(Path file, String shell) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + shell + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static PathRoute onPath(Path... directories) {
        StringBuilder path = new StringBuilder("/nonexistent");
        for (Path directory : directories) {
            path.append(File.pathSeparator).append(directory);
        }
        return new PathRoute(Map.of("PATH", path.toString()));
    }
}
