package org.waymark.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.ResolverClient;
import org.waymark.node.cli.NodeCommand;
import org.waymark.trust.Anchor;

/** The command {@code waymark-node} in a process of its own; {@link NodeProcesses} starts it and sees to its end. */
public final class NodeProcess {

    /** For many short lives: what starts soonest. */
    public static final List<String> QUICK_JVM = List.of(
            "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m", "-XX:MaxDirectMemorySize=512m");

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Pattern LISTENING = Pattern.compile("listening on (\\S+):(\\d+)( .*)?");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final Process process;
    private final long startedNanos;
    private final StringBuffer out = new StringBuffer();
    private final StringBuffer err = new StringBuffer();
    private final List<Thread> readers;
    private final CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();
    private volatile long listeningNanos;

    NodeProcess(List<String> jvmOptions, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(NodeCommand.class.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        // What this machine has configured is not to reach the node.
        builder.environment().keySet().removeIf(name -> name.startsWith("WAYMARK_"));
        // Nodes stand beside each other here.
        builder.environment().put("WAYMARK_OPERATIONS_PORT", "0");
        startedNanos = System.nanoTime();
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        readers = List.of(collect(process.getInputStream(), out), collect(process.getErrorStream(), err));
    }

    private Thread collect(InputStream stream, StringBuffer into) {
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
                        lines.lines().forEach(line -> {
                            into.append(line).append('\n');
                            noticeListening(line);
                        });
                    } catch (IOException | UncheckedIOException e) {
                        into.append("(the output ended: ").append(e).append(")\n");
                    }
                },
                "output of node " + process.pid());
        reader.setDaemon(true);
        reader.start();
        return reader;
    }

    private void noticeListening(String line) {
        Matcher matcher = LISTENING.matcher(line);
        if (matcher.matches()) {
            listeningNanos = System.nanoTime();
            listening.complete(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(matcher.group(2))));
        }
    }

    /** Waits until the node says that it listens. */
    NodeProcess awaitListening() {
        await("the line \"listening on\"")
                .pollInterval(Duration.ofMillis(10))
                .atMost(PATIENCE)
                .until(() -> listening.isDone() || !process.isAlive());
        assertThat(listening).as("the node listens:%n%s", report()).isDone();
        return this;
    }

    public int port() {
        return listening.join().getPort();
    }

    /** As {@code --server} takes it. */
    public String server() {
        return "127.0.0.1:" + port();
    }

    /** From the start of the process to the line that says that it listens. */
    public Duration timeToListen() {
        listening.join();
        return Duration.ofNanos(listeningNanos - startedNanos);
    }

    /** What the process has worked so far, on all processors. */
    public Duration processorTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** How long its main thread was ready to run so far while others had the processors; from {@code /proc}. */
    public Duration waitForProcessor() {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            long nanos = 0;
            for (Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("comm")).strip().equals("java")) {
                    nanos += Long.parseLong(
                            Files.readString(thread.resolve("schedstat")).split(" ")[1]);
                }
            }
            return Duration.ofNanos(nanos);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of memory that the process holds, from {@code /proc}. */
    public long residentBytes() {
        try {
            Matcher matcher =
                    RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(process.pid()), "status")));
            assertThat(matcher.find()).isTrue();
            return Long.parseLong(matcher.group(1)) * 1_024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client of this node, to be closed. */
    public NodeClient client() {
        return NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", port())
                .requestTimeout(Duration.ofSeconds(30))
                .build());
    }

    /** A client of this node that verifies, to be closed. */
    public ResolverClient resolver(Anchor anchor) {
        return ResolverClient.builder()
                .node("127.0.0.1", port())
                .requestTimeout(Duration.ofSeconds(30))
                .anchor(anchor)
                .build();
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    /** SIGTERM; does not wait. */
    public void terminate() {
        process.destroy();
    }

    /** Waits for the end of the process, and gives its exit code. */
    public int awaitExit() {
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("the node ends:%n%s", report())
                    .isTrue();
            for (Thread reader : readers) {
                reader.join(PATIENCE.toMillis());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What it wrote to its standard output so far. */
    public String out() {
        return out.toString();
    }

    /** What it wrote to its standard error so far. */
    public String err() {
        return err.toString();
    }

    String report() {
        String state = process.isAlive() ? "running" : "ended with " + process.exitValue();
        return "node process " + process.pid() + ", " + state + "\n-- out\n" + out + "-- err\n" + err;
    }
}
