package org.waymark.ops.redis;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** A directory, readable by this user only, that holds all the files of one server. */
record TemporaryHome(Path path) {
    static TemporaryHome create() throws RouteException {
        try {
            TemporaryHome home = new TemporaryHome(Files.createTempDirectory("waymark-redis-"));
            Files.createDirectory(home.data());
            return home;
        } catch (IOException e) {
            throw new RouteException("no temporary directory can be made: " + e, e);
        }
    }

    /** Returns the directory that the server works in. */
    Path data() {
        return path.resolve("data");
    }

    /** Returns the file that takes what the server prints. */
    Path log() {
        return path.resolve("redis.log");
    }

    /** Deletes the directory; what can't be deleted is left to the system's own cleaning of temporary files. */
    void delete() {
        if (!Files.exists(path)) {
            return;
        }
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                /** The end of the JVM may be deleting the same directory while its owner closes the server. */
                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            System.err.println("redis: " + path + " can't be deleted: " + e);
        }
    }
}
