package org.waymark.ops.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Finds or starts a Redis for a shell script: prints {@code REDIS_URI=...} and {@code REDIS_ROUTE=...} on standard output
 * once it answers, and keeps it until standard input closes or the process gets SIGTERM. A script must therefore hold the
 * input open (in bash: {@code coproc}), and the Redis ends with the script however that ends. Exit code 1, with the reason
 * on standard error, if no Redis can be had.
 */
public final class RedisMain {
    private RedisMain() {}

    /** Takes no arguments. */
    public static void main(String[] args) throws IOException {
        if (args.length > 0) {
            System.err.println("redis: this program takes no arguments; see ops/redis/README.md");
            System.exit(2);
        }
        RedisServer server;
        try {
            server = RedisSource.find();
        } catch (IllegalStateException e) {
            System.err.println("redis: " + e.getMessage());
            System.exit(1);
            return;
        }
        try (server) {
            keep(server, System.in, System.out);
        }
        // Testcontainers leaves threads behind that would keep the JVM.
        System.exit(0);
    }

    static void keep(RedisServer server, InputStream in, PrintStream out) throws IOException {
        out.println("REDIS_URI=" + server.uri());
        out.println("REDIS_ROUTE=" + server.route());
        out.flush();
        in.transferTo(OutputStream.nullOutputStream());
    }
}
