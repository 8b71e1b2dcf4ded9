package org.waymark.bench.peer;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.waymark.identifier.Prefix;

/** The command {@code waymark import}, as a registrant runs it. */
public final class ImportProcess implements AutoCloseable {

    /** A machine that is busy with other things must not end an import. */
    private static final String PATIENCE_SECONDS = "60";

    private final Process process;
    private final Path output;
    private final Thread hook;

    private ImportProcess(Process process, Path output, Thread hook) {
        this.process = process;
        this.output = output;
        this.hook = hook;
    }

    /**
     * Starts the import of a file, from its first row.
     *
     * @param checkout the directory that holds {@code ops/}
     */
    public static ImportProcess start(Path checkout, Path file, Prefix owner, Path keyFile, InetSocketAddress node)
            throws IOException {
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + ".waymark-journal"));
        Path output = file.resolveSibling(file.getFileName() + ".out");
        Process process = new ProcessBuilder(List.of(
                        checkout.resolve("ops/waymark").toString(),
                        "import",
                        file.toString(),
                        "--prefix",
                        owner.canonical(),
                        "--signer",
                        keyFile.toString(),
                        "--server",
                        node.getHostString() + ":" + node.getPort(),
                        "--timeout",
                        PATIENCE_SECONDS))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        Thread hook = new Thread(process::destroyForcibly, "import-end");
        Runtime.getRuntime().addShutdownHook(hook);
        return new ImportProcess(process, output, hook);
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /**
     * Waits for its end.
     *
     * @throws IOException if not all rows were registered; the message holds what it printed
     */
    public void finish() throws IOException, InterruptedException {
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(
                    "waymark import ended with " + code + ": " + Files.readString(output, StandardCharsets.UTF_8));
        }
    }

    /** Ends it wherever it is. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
