package org.waymark.bench.peer;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.waymark.bench.measure.CpuTime;

/** An nginx of our own with one worker. It answers one path from its configuration, without a look-up, and others from files. */
public final class NginxProcess implements ServerProcess {

    public static final String PATH = "/record";

    /** Files below the directory of this name are answered with, by paths that start with it. */
    private static final String FILES = "files";

    private static final int START_TRIES = 200;

    private final Process process;
    private final Path directory;
    private final InetSocketAddress address;
    private final Thread hook;

    private NginxProcess(Process process, Path directory, InetSocketAddress address, Thread hook) {
        this.process = process;
        this.directory = directory;
        this.address = address;
        this.hook = hook;
    }

    /** The program, if the machine has it. */
    public static Optional<Path> program() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(directory -> Path.of(directory, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it on a free port of the loopback address, and waits until it answers.
     *
     * @param directory for its configuration and its files; made if it is not there
     * @param body what {@link #PATH} answers: printable ASCII without quotation marks, backslashes and dollars
     */
    public static NginxProcess start(Path program, Path directory, String body)
            throws IOException, InterruptedException {
        Files.createDirectories(directory.resolve(FILES));
        InetSocketAddress address = freeAddress();
        Path configuration = directory.resolve("nginx.conf");
        Files.writeString(configuration, configuration(address.getPort(), body), StandardCharsets.US_ASCII);
        Process process = new ProcessBuilder(List.of(
                        program.toString(),
                        "-p",
                        directory.toAbsolutePath() + "/",
                        "-e",
                        "stderr",
                        "-c",
                        configuration.toAbsolutePath().toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Thread hook = new Thread(process::destroy, "nginx-end");
        Runtime.getRuntime().addShutdownHook(hook);
        NginxProcess nginx = new NginxProcess(process, directory, address, hook);
        for (int i = 0; i < START_TRIES && process.isAlive(); i++) {
            try (Socket socket = new Socket()) {
                socket.connect(address);
                return nginx;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(25);
            }
        }
        nginx.close();
        throw new IOException("nginx did not start; its messages are above");
    }

    /**
     * Makes a file that it answers with from now on, or makes it anew.
     *
     * @param name without a slash
     * @return its path in a request
     */
    public String put(String name, byte[] body) throws IOException {
        Files.write(directory.resolve(FILES).resolve(name), body);
        return "/" + FILES + "/" + name;
    }

    private static InetSocketAddress freeAddress() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), free.getLocalPort());
        }
    }

    private static String configuration(int port, String body) {
        // As root it would give its workers to a user who may not be able to read the files.
        String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
        return """
                daemon off;
                %s
                worker_processes 1;
                pid nginx.pid;
                error_log stderr warn;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  sendfile on;
                  keepalive_requests 1000000000;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  server {
                    listen 127.0.0.1:%d;
                    location = %s { default_type application/octet-stream; return 200 "%s"; }
                    location /%s/ { root .; default_type application/json; }
                  }
                }
                """.formatted(user, port, PATH, body, FILES);
    }

    /** Of the worker and of the process that watches over it. */
    @Override
    public double cpuSeconds() throws IOException {
        double sum = CpuTime.ofProcess(process.pid());
        for (ProcessHandle worker : process.children().toList()) {
            sum += CpuTime.ofProcess(worker.pid());
        }
        return sum;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
