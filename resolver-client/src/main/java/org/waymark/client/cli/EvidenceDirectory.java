package org.waymark.client.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.waymark.client.log.LogFinding;

/** Writes what was found, each finding into a directory of its own. */
final class EvidenceDirectory {

    private static final int MOST = 10_000;

    private final Path directory;
    private int number;

    EvidenceDirectory(Path directory) {
        this.directory = directory;
    }

    /** Returns where the finding is now. */
    Path write(LogFinding finding) throws IOException {
        Path place = next(finding.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        Files.write(
                place.resolve("finding.txt"),
                (TextTable.printable(finding.toString()) + "\n").getBytes(StandardCharsets.UTF_8));
        for (Map.Entry<String, byte[]> file : finding.evidence().entrySet()) {
            Files.write(place.resolve(file.getKey()), file.getValue());
        }
        return place;
    }

    /** A new directory: what was found before stays. */
    private Path next(String kind) throws IOException {
        Files.createDirectories(directory);
        while (number < MOST) {
            number++;
            Path place = directory.resolve(String.format(Locale.ROOT, "%04d-%s", number, kind));
            try {
                return Files.createDirectory(place);
            } catch (FileAlreadyExistsException e) {
                continue;
            }
        }
        throw new IOException(directory + " holds " + MOST + " findings; no more are written");
    }
}
