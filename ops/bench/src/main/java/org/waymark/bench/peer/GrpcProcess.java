package org.waymark.bench.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A {@link GrpcServer} in a process of its own, with the collector and heap of the node. */
public final class GrpcProcess implements ServerProcess {

    private final Process process;
    private final InetSocketAddress address;
    private final Thread hook;

    private GrpcProcess(Process process, InetSocketAddress address, Thread hook) {
        this.process = process;
        this.address = address;
        this.hook = hook;
    }

    /**
     * Starts it over a data set, and waits until it answers.
     *
     * @param home the directory of the data sets
     * @param heap such as {@code 4g}
     */
    public static GrpcProcess start(Path home, int records, Path samples, String heap) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseParallelGC",
                "-Xmx" + heap,
                "-Dio.netty.buffer.checkBounds=false",
                "-Dio.netty.buffer.checkAccessible=false",
                "-cp",
                System.getProperty("java.class.path"),
                GrpcServer.class.getName(),
                home.toString(),
                Integer.toString(records),
                samples.toString());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread hook = new Thread(process::destroyForcibly, "grpc-end");
        Runtime.getRuntime().addShutdownHook(hook);
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(GrpcServer.LISTENING)) {
                int port = Integer.parseInt(line.substring(GrpcServer.LISTENING.length()));
                return new GrpcProcess(process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), hook);
            }
        }
        throw new IOException("the gRPC server ended without listening; its messages are above");
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
