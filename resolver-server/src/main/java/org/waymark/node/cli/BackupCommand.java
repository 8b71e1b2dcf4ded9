package org.waymark.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.waymark.node.ConfigException;
import org.waymark.node.NodeConfig;
import org.waymark.node.registry.RegistryBackups;
import org.waymark.node.registry.RegistryBackups.Backup;
import org.waymark.node.registry.RegistryInUseException;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark-node backup}. */
@Command(
        name = "backup",
        description = {
            "Makes a backup of the registry, whether the node runs or not, and says what was copied.",
            "A running node is asked over its operations port, and makes it in its backup.directory.",
            "Every backup is complete; a further one copies what was written since. The newest backup.keep stay."
        },
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class BackupCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TO_CONNECT = Duration.ofSeconds(10);

    @Mixin
    private ConfigOptions options;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIRECTORY",
            description = "Of the backups; made if it is not there. Default: backup.directory.")
    private Path directory;

    @Option(names = "--list", description = "Makes none, and lists those that are there.")
    private boolean isList;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws Exception {
        NodeConfig config = options.load().config();
        Optional<Path> configured = config.backup().directory();
        Path place = Optional.ofNullable(directory)
                .or(() -> configured)
                .orElseThrow(() -> new ParameterException(
                        command.commandLine(), "where to? Name a DIRECTORY, or configure backup.directory"));
        if (isList) {
            list(place);
            return 0;
        }
        if (config.registry().kind() == NodeConfig.Registry.Kind.REMOTE) {
            throw new ConfigException("registry.kind is remote; make backups on the node that has the registry");
        }
        Path registry = config.registry().path();
        if (!Files.exists(registry.resolve("CURRENT"))) {
            throw new IOException("there is no registry in " + registry);
        }
        try (RocksRegistry stopped = RocksRegistry.open(registry, RocksOptions.defaults())) {
            RegistryBackups.Made made = stopped.backUp(place, config.backup().keep());
            print(place, made.backup(), made.copiedBytes(), made.kept());
        } catch (RegistryInUseException e) {
            ask(config, place);
        }
        return 0;
    }

    private void list(Path place) {
        PrintWriter out = command.commandLine().getOut();
        for (Backup backup : RegistryBackups.list(place)) {
            out.printf(
                    Locale.ROOT,
                    "%5d  %s  up to commit %,d  %,d bytes in %,d files%n",
                    backup.id(),
                    backup.at(),
                    backup.sequence(),
                    backup.bytes(),
                    backup.files());
        }
    }

    /** Has the node that holds the registry make it. */
    private void ask(NodeConfig config, Path place) throws ConfigException, IOException, InterruptedException {
        Path configured = config.backup()
                .directory()
                .orElseThrow(() -> new ConfigException(
                        "the node runs; for it to make backups, configure backup.directory and restart it"));
        if (!absolute(configured).equals(absolute(place))) {
            throw new ConfigException("the node runs, and makes backups in its backup.directory only, which is "
                    + configured + ", not " + place);
        }
        URI uri = URI.create("http://" + operations(config) + "/backup");
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TO_CONNECT)
                .build();
        HttpRequest request = HttpRequest.newBuilder(uri)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer;
        try {
            answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw new IOException(
                    "the registry is in use, but no node listens at " + uri + " (operations.host, operations.port)", e);
        }
        if (answer.statusCode() == 404) {
            throw new IOException("the node at " + uri + " was started without backup.directory; restart it");
        }
        JsonNode body = JSON.readTree(answer.body());
        if (answer.statusCode() != 200) {
            throw new IOException("the node says: " + body.path("title").asText() + ". "
                    + body.path("detail").asText());
        }
        Backup backup = new Backup(
                body.path("id").asInt(),
                Instant.parse(body.path("at").asText()),
                body.path("format").asInt(),
                body.path("sequence").asLong(),
                body.path("files").asInt(),
                body.path("bytes").asLong());
        print(
                place,
                backup,
                body.path("copiedBytes").asLong(),
                body.path("kept").asInt());
    }

    private static String operations(NodeConfig config) throws ConfigException {
        NodeConfig.Operations operations = config.operations();
        if (operations.port() == 0) {
            throw new ConfigException("the node runs with operations.port 0, so it is not known where; say which port"
                    + " it has with --set operations.port=");
        }
        if (operations.tls().isPresent()) {
            throw new ConfigException("the node runs, and its operations port speaks TLS: ask it with \"curl --request"
                    + " POST https://HOST:" + operations.port() + "/backup\" and what TLS needs");
        }
        String host = switch (operations.host()) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "::1";
            default -> operations.host();
        };
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + operations.port();
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private void print(Path place, Backup backup, long copied, int kept) {
        command.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "backup %d in %s: up to commit %,d; %,d bytes in %,d files, %,d of them copied now; %d kept%n",
                        backup.id(),
                        place,
                        backup.sequence(),
                        backup.bytes(),
                        backup.files(),
                        copied,
                        kept);
    }
}
