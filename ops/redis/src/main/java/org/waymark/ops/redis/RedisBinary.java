package org.waymark.ops.redis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A {@code redis-server} that runs on this machine and is new enough. */
record RedisBinary(Path path, RedisVersion version) {
    private static final int MOST_PRINTED = 4096;

    /**
     * Asks the program for its version.
     *
     * @throws RouteException if it does not run here, prints no version, or is too old
     */
    static RedisBinary at(Path path) throws RouteException {
        String printed;
        try {
            Process process = new ProcessBuilder(path.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            try (InputStream output = process.getInputStream()) {
                printed = new String(output.readNBytes(MOST_PRINTED), StandardCharsets.UTF_8).strip();
            } finally {
                process.destroy();
            }
        } catch (IOException e) {
            throw new RouteException(path + " does not run: " + e.getMessage(), e);
        }
        RedisVersion version = RedisVersion.find(printed)
                .orElseThrow(() -> new RouteException(path + " --version prints no version but: " + printed));
        if (version.compareTo(RedisVersion.OLDEST) < 0) {
            throw new RouteException(path + " is version " + version + ", older than " + RedisVersion.OLDEST);
        }
        return new RedisBinary(path, version);
    }
}
