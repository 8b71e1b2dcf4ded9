package org.waymark.ops.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A {@code redis-server} process that this JVM started, on the loopback address, without persistence. It ends with the JVM
 * unless the JVM itself is killed with SIGKILL.
 */
final class OwnServer implements RedisServer {
    private static final String HOST = "127.0.0.1";
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(1);
    private static final int PORT_TRIES = 3;

    // Below the ports that systems hand to outgoing connections, so that none of those takes ours between stop and
    // start.
    private static final int FIRST_PORT = 20_000;
    private static final int END_OF_PORTS = 30_000;

    private final String label;
    private final RedisBinary binary;
    private final TemporaryHome home;
    private final int port;
    private final Thread hook = new Thread(this::endWithJvm, "redis-end");

    private volatile Process process;
    private boolean paused;
    private boolean closed;

    private OwnServer(String label, RedisBinary binary, TemporaryHome home, int port) {
        this.label = label;
        this.binary = binary;
        this.home = home;
        this.port = port;
    }

    /** Starts a server on a free port; it owns {@code home} from then on, and deletes it if it can't be started. */
    static OwnServer launch(String label, RedisBinary binary, TemporaryHome home) throws RouteException {
        try {
            return launchOnFreePort(label, binary, home);
        } catch (RouteException e) {
            home.delete();
            throw e;
        }
    }

    private static OwnServer launchOnFreePort(String label, RedisBinary binary, TemporaryHome home)
            throws RouteException {
        IllegalStateException last = null;
        for (int i = 0; i < PORT_TRIES; i++) {
            OwnServer server = new OwnServer(label, binary, home, freePort());
            Runtime.getRuntime().addShutdownHook(server.hook);
            try {
                server.start();
                return server;
            } catch (IllegalStateException e) {
                // Another process may have taken the port since it was found free.
                server.removeHook();
                last = e;
            }
        }
        throw new RouteException(label + " does not start: " + last.getMessage(), last);
    }

    @Override
    public URI uri() {
        return URI.create("redis://" + HOST + ":" + port);
    }

    @Override
    public String route() {
        return label + " at " + uri();
    }

    @Override
    public boolean isOurs() {
        return true;
    }

    @Override
    public Path dataDir() {
        return home.data();
    }

    @Override
    public synchronized void start() {
        if (closed) {
            throw new IllegalStateException("this Redis was closed: " + route());
        }
        if (runs()) {
            throw new IllegalStateException("this Redis runs already: " + route());
        }
        try {
            process = command().start();
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new IllegalStateException(binary.path() + " can't be run: " + e.getMessage(), e);
        }
        paused = false;
        awaitAnswer();
    }

    @Override
    public synchronized void stop() {
        if (!runs()) {
            return;
        }
        if (paused) {
            resume();
        }
        process.destroy();
        if (!awaitEnd()) {
            kill();
        }
    }

    @Override
    public synchronized void kill() {
        if (!runs()) {
            return;
        }
        process.destroyForcibly();
        if (!awaitEnd()) {
            throw new IllegalStateException("process " + process.pid() + " outlives SIGKILL: " + route());
        }
    }

    @Override
    public synchronized void pause() {
        signal("STOP");
        paused = true;
    }

    @Override
    public synchronized void resume() {
        signal("CONT");
        paused = false;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        stop();
        closed = true;
        removeHook();
        home.delete();
    }

    @Override
    public String toString() {
        return route();
    }

    private ProcessBuilder command() {
        return new ProcessBuilder(
                        binary.path().toString(),
                        "--bind",
                        HOST,
                        "--port",
                        Integer.toString(port),
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--daemonize",
                        "no",
                        "--dir",
                        home.data().toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(home.log().toFile()));
    }

    private boolean runs() {
        return process != null && process.isAlive();
    }

    private void awaitAnswer() {
        long start = System.nanoTime();
        while (!answers()) {
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        binary.path() + " ended with exit code " + process.exitValue() + ": " + lastLine());
            }
            if (System.nanoTime() - start > START_LIMIT.toNanos()) {
                kill();
                throw new IllegalStateException(binary.path() + " does not answer within " + START_LIMIT.toSeconds()
                        + " s; its last line: " + lastLine());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
                throw new IllegalStateException("interrupted while waiting for " + route(), e);
            }
        }
    }

    /** Asks for the process number too, since another Redis may have taken the port. */
    private boolean answers() {
        try {
            if (!RespQuestion.of("PING").ask(HOST, port, ANSWER_LIMIT).equals("+PONG")) {
                return false;
            }
            String info = RespQuestion.of("INFO", "server").ask(HOST, port, ANSWER_LIMIT);
            return Pattern.compile("(?m)^process_id:" + process.pid() + "\\r?$")
                    .matcher(info)
                    .find();
        } catch (IOException e) {
            return false;
        }
    }

    private String lastLine() {
        try {
            return Files.readString(home.log()).strip().lines().reduce("", (before, line) -> line);
        } catch (IOException e) {
            return "(its log can't be read: " + e.getMessage() + ")";
        }
    }

    private boolean awaitEnd() {
        try {
            return process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IllegalStateException("interrupted while stopping " + route(), e);
        }
    }

    private void signal(String name) {
        if (!runs()) {
            throw new IllegalStateException("this Redis does not run: " + route());
        }
        try {
            // The shell's own kill: slim systems have no program of that name.
            Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int exit = kill.waitFor();
            if (exit != 0) {
                throw new IllegalStateException("SIG" + name + " could not be sent to process " + process.pid());
            }
        } catch (IOException e) {
            throw new IllegalStateException("no signals can be sent here: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending SIG" + name, e);
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook runs or has run.
        }
    }

    /** Takes no lock: the JVM may end while another thread waits for this server. */
    private void endWithJvm() {
        Process last = process;
        if (last != null) {
            last.destroyForcibly();
            try {
                last.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        home.delete();
    }

    private static int freePort() throws RouteException {
        for (int i = 0; i < 100; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, END_OF_PORTS);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(HOST))) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken: the next number is as good.
            }
        }
        throw new RouteException("no free port was found from " + FIRST_PORT + " to " + (END_OF_PORTS - 1));
    }
}
