package org.waymark.ops.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import redis.embedded.core.ExecutableProvider;

/** A process of our own from the binary in the embedded-redis package, extracted to a temporary directory. */
final class PackagedRoute implements Route {
    @Override
    public Optional<RedisServer> take() throws RouteException {
        TemporaryHome home = TemporaryHome.create();
        try {
            RedisBinary binary = RedisBinary.at(extract(home));
            String label = "redis-server from the embedded-redis package (" + binary.version() + ")";
            return Optional.of(OwnServer.launch(label, binary, home));
        } catch (RouteException e) {
            home.delete();
            throw e;
        }
    }

    private static Path extract(TemporaryHome home) throws RouteException {
        try {
            return ExecutableProvider.newJarResourceProvider(home.path().toFile())
                    .get()
                    .toPath();
        } catch (IOException | RuntimeException e) {
            // The package answers an unknown platform with runtime exceptions.
            throw new RouteException("the embedded-redis package has no program for this machine: " + e, e);
        }
    }
}
