package org.waymark.node.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.waymark.node.registry.RegistryBackups;
import org.waymark.node.registry.RegistryBackups.Backup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark-node restore}. */
@Command(
        name = "restore",
        description = {
            "Puts a registry back as it was at a backup, into the data directory of a node that has none.",
            "The checksum of every file is verified. What caches and other nodes keep of the registry is void afterwards."
        },
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class RestoreCommand implements Callable<Integer> {

    /** What is set up by hand before a registry is put there. */
    private static final Set<String> MAY_BE_THERE = Set.of("waymark.yaml", "keys", "figures", "tls", "registry");

    @Parameters(paramLabel = "DIRECTORY", description = "Of the backups.")
    private Path directory;

    @Option(
            names = "--backup",
            paramLabel = "ID",
            description = "Which one, as \"waymark-node backup --list\" shows it. Default: the newest.")
    private Integer id;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DATA-DIRECTORY",
            description =
                    "The node's data directory; made if it is not there. It may hold waymark.yaml, keys/, tls/ and"
                            + " figures/, and nothing else.")
    private Path dataDirectory;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        if (id != null && id < 1) {
            throw new ParameterException(command.commandLine(), "--backup must be 1 or more, not " + id);
        }
        requireNothingElse();
        Path registry = dataDirectory.resolve("registry");
        Backup backup =
                RegistryBackups.restore(directory, id == null ? OptionalInt.empty() : OptionalInt.of(id), registry);
        PrintWriter out = command.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "restored backup %d of %s, up to commit %,d, into %s%n",
                backup.id(),
                backup.at(),
                backup.sequence(),
                registry);
        out.println("check it with  waymark-node verify --data-dir " + dataDirectory);
        return 0;
    }

    private void requireNothingElse() throws IOException {
        if (Files.notExists(dataDirectory)) {
            return;
        }
        try (Stream<Path> entries = Files.list(dataDirectory)) {
            List<String> others = entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> !MAY_BE_THERE.contains(name) && !name.equals("registry.restoring"))
                    .sorted()
                    .toList();
            if (!others.isEmpty()) {
                throw new IOException(dataDirectory + " holds " + others.get(0)
                        + ", so it is no data directory that waits for a registry; restore into an empty one");
            }
        }
    }
}
