package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.registry.Records.commit;
import static org.waymark.node.registry.Records.item;
import static org.waymark.node.registry.Records.version;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.node.registry.CommitResult.Committed;

/** A store as a crash leaves it: copied while it is open, so that its write-ahead log was never closed. */
class RocksRecoveryTest {

    private static final int COMMITS = 100;

    @TempDir
    private Path directory;

    private Path crashed() throws IOException {
        Path store = directory.resolve("store");
        Path copy = Files.createDirectory(directory.resolve("crashed"));
        try (Registry registry = RocksRegistry.open(store, RocksOptions.defaults())) {
            for (int i = 1; i <= COMMITS; i++) {
                commit(registry, version(item("88.1/" + i), 1, "record " + i));
            }
            try (Stream<Path> files = Files.list(store)) {
                for (Path file : files.filter(file -> !file.endsWith("LOCK")).toList()) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        return copy;
    }

    private static Path log(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    @Test
    void acknowledgedCommitsSurviveACrash() throws Exception {
        assertIntact(crashed(), COMMITS);
    }

    @Test
    void aTornEndOfTheLogIsCutOff() throws Exception {
        Path store = crashed();
        try (RandomAccessFile log = new RandomAccessFile(log(store).toFile(), "rw")) {
            log.setLength(log.length() - 10);
        }

        assertIntact(store, COMMITS - 1);
    }

    @Test
    void garbageAfterTheLogIsCutOff() throws Exception {
        Path store = crashed();
        try (RandomAccessFile log = new RandomAccessFile(log(store).toFile(), "rw")) {
            log.seek(log.length());
            log.write("this was never acknowledged".getBytes(StandardCharsets.US_ASCII));
        }

        assertIntact(store, COMMITS);
    }

    /** The state, the feed and the numbers agree up to a commit, and the next commit follows it. */
    private static void assertIntact(Path store, int commits) {
        try (Registry registry = RocksRegistry.open(store, RocksOptions.defaults())) {
            List<Long> sequences = LongStream.rangeClosed(1, commits).boxed().toList();
            assertThat(registry.lastSequence()).isEqualTo(commits);
            assertThat(registry.changes(0, 2 * COMMITS))
                    .extracting(Change::sequence)
                    .isEqualTo(sequences);
            assertThat(IntStream.rangeClosed(1, COMMITS)
                            .filter(i -> registry.read(item("88.1/" + i)).isPresent())
                            .count())
                    .isEqualTo(commits);
            assertThat(commit(registry, version(item("88.1/next"), 1, "next")))
                    .isInstanceOfSatisfying(
                            Committed.class,
                            committed -> assertThat(committed.sequence()).isEqualTo(commits + 1));
        }
    }
}
