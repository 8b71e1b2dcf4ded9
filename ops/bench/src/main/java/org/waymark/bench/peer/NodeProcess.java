package org.waymark.bench.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.waymark.trust.Anchor;

/** A node as an operator runs it: a process of {@code ops/waymark-node serve}. */
public final class NodeProcess implements ServerProcess {

    private static final String JAVA_OPTIONS = "WAYMARK_NODE_JAVA_OPTS";
    private static final Pattern HTTP = Pattern.compile("http on (.+):(\\d+)");
    private static final Pattern LISTENING = Pattern.compile("listening on (.+):(\\d+).*");
    private static final long STOP_SECONDS = 60;

    private final Process process;
    private final InetSocketAddress address;
    private final InetSocketAddress httpAddress;
    private final Thread hook;
    private final double startSeconds;

    private NodeProcess(
            Process process,
            InetSocketAddress address,
            InetSocketAddress httpAddress,
            Thread hook,
            double startSeconds) {
        this.process = process;
        this.address = address;
        this.httpAddress = httpAddress;
        this.hook = hook;
        this.startSeconds = startSeconds;
    }

    /**
     * Starts a node on a free port of the loopback address, and waits until it answers.
     *
     * @param checkout the directory that holds {@code ops/}
     * @param dataDirectory its {@code node.dataDir}
     * @param heap such as {@code 1g}
     * @param settings further ones, by their keys
     */
    public static NodeProcess start(
            Path checkout, Path dataDirectory, Anchor anchor, String heap, Map<String, String> settings)
            throws IOException {
        List<String> command =
                new ArrayList<>(List.of(checkout.resolve("ops/waymark-node").toString(), "serve"));
        command.addAll(List.of("--set", "node.dataDir=" + dataDirectory));
        command.addAll(List.of("--set", "node.roots=" + anchor));
        command.addAll(List.of("--set", "protobuf.port=0", "--set", "operations.port=0", "--set", "http.port=0"));
        settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().merge(JAVA_OPTIONS, "-Xmx" + heap, (given, ours) -> ours + " " + given);
        long start = System.nanoTime();
        Process process = builder.start();
        Thread hook = new Thread(process::destroyForcibly, "node-end");
        Runtime.getRuntime().addShutdownHook(hook);
        process.getOutputStream().close();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        InetSocketAddress http = null;
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher web = HTTP.matcher(line);
            if (web.matches()) {
                http = address(web);
            }
            Matcher listening = LISTENING.matcher(line);
            if (listening.matches()) {
                double seconds = (System.nanoTime() - start) / 1e9;
                drain(output);
                return new NodeProcess(process, address(listening), http, hook, seconds);
            }
        }
        throw new IOException("the node ended without listening; its messages are above");
    }

    private static InetSocketAddress address(Matcher hostAndPort) {
        return new InetSocketAddress(hostAndPort.group(1), Integer.parseInt(hostAndPort.group(2)));
    }

    private static void print(BufferedReader output) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                System.err.println(line);
            }
        } catch (IOException e) {
            // The process has ended, and its output with it.
        }
    }

    private static void drain(BufferedReader output) {
        Thread thread = new Thread(() -> print(output), "node-output");
        thread.setDaemon(true);
        thread.start();
    }

    /** How long it took from the start of its launcher until it said that it listens. */
    public double startSeconds() {
        return startSeconds;
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    /** Where it answers over HTTP. */
    public InetSocketAddress httpAddress() {
        return httpAddress;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
