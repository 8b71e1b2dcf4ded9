package org.waymark.client.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.waymark.client.NodeClient;
import org.waymark.client.ResolverClient;
import org.waymark.client.log.HttpLogSource;
import org.waymark.client.log.LogKeys;
import org.waymark.client.log.LogSource;
import org.waymark.client.log.NodeLogSource;
import org.waymark.log.LogFormatException;
import org.waymark.log.NoteKey;
import org.waymark.log.SignedNote;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options of the commands that follow a node's log. */
final class LogOptions {

    @Parameters(
            arity = "0..1",
            paramLabel = "NODE|URL",
            description = "HOST:PORT of the node, in place of --server; or where its log is over HTTP, such as"
                    + " https://id.example.com/log. Default: --server.")
    private String log;

    @Option(
            names = "--log-key",
            paramLabel = "NAME+ID+KEY",
            description =
                    "A key that signs the log's checkpoints; may be given several times. Default: the NODE keys of the"
                            + " prefix that the log is named after, from the anchors.")
    private List<NoteKey> keys;

    /** The node that {@code --server}, or the parameter, names. */
    NodeOptions node(NodeOptions node) {
        return log == null || isUrl() ? node : node.at(log);
    }

    private boolean isUrl() {
        return log.startsWith("http://") || log.startsWith("https://");
    }

    LogSource source(NodeOptions node, NodeClient client) {
        if (log == null || !isUrl()) {
            return new NodeLogSource(client);
        }
        try {
            return new HttpLogSource(URI.create(log), node.timeout());
        } catch (IllegalArgumentException e) {
            throw new UsageException(log + " is no URL: " + e.getMessage());
        }
    }

    LogKeys keys(ResolverClient client) {
        return keys == null ? LogKeys.named(client) : LogKeys.given(keys);
    }

    /** The checkpoint in a file; empty where there is no such file. */
    static Optional<SignedNote> read(Path file) throws IOException {
        try {
            return Optional.of(SignedNote.parse(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (LogFormatException e) {
            throw new IOException(file + " is no checkpoint: " + e.getMessage(), e);
        }
    }

    /** Puts a checkpoint into a file, whole or not at all. */
    static void write(Path file, SignedNote note) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path unfinished = absolute.resolveSibling(absolute.getFileName() + ".new");
        Files.write(unfinished, note.encoded());
        Files.move(unfinished, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
