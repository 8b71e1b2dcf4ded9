package org.waymark.ops.redis;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process of our own from a {@code redis-server} on the PATH. */
final class PathRoute implements Route {
    private final Map<String, String> environment;

    PathRoute(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Optional<RedisServer> take() throws RouteException {
        Optional<Path> found = Stream.of(environment.getOrDefault("PATH", "").split(Pattern.quote(File.pathSeparator)))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "redis-server"))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        RedisBinary binary = RedisBinary.at(found.get());
        String label = "redis-server on the PATH (" + binary.version() + ")";
        return Optional.of(OwnServer.launch(label, binary, TemporaryHome.create()));
    }
}
