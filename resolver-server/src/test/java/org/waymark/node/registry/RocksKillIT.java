package org.waymark.node.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.registry.Records.commit;
import static org.waymark.node.registry.Records.item;
import static org.waymark.node.registry.Records.version;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.node.registry.CommitResult.Committed;

/** A process that commits is killed. */
class RocksKillIT {

    private static final int THREADS = 4;

    @TempDir
    private Path directory;

    /** Commits without end, and prints the number of each commit once it is acknowledged. */
    static final class Writer {

        private Writer() {}

        public static void main(String[] arguments) {
            Registry registry = RocksRegistry.open(Path.of(arguments[0]), RocksOptions.defaults());
            for (int thread = 0; thread < THREADS; thread++) {
                String prefix = "88." + registry.lastSequence() + "." + thread + "/";
                new Thread(() -> commitWithoutEnd(registry, prefix)).start();
            }
        }

        private static void commitWithoutEnd(Registry registry, String prefix) {
            for (int i = 0; ; i++) {
                Committed committed = (Committed) commit(registry, version(item(prefix + i), 1, "a record"));
                System.out.println(committed.sequence());
            }
        }
    }

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        long last = 0;
        for (int round = 0; round < 3; round++) {
            List<Long> acknowledged = commitUntilKilled(500);
            try (Registry registry = RocksRegistry.open(directory, RocksOptions.defaults())) {
                List<Change> changes = registry.changes(last, Integer.MAX_VALUE);
                assertThat(changes).extracting(Change::sequence).containsAll(acknowledged);
                for (Change change : changes) {
                    assertThat(change.sequence()).isEqualTo(++last);
                    assertThat(registry.read(change.key()).orElseThrow().sequence())
                            .isEqualTo(last);
                }
                assertThat(registry.lastSequence()).isEqualTo(last);
            }
        }
    }

    private List<Long> commitUntilKilled(int commits) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Long> acknowledged = new ArrayList<>();
        try (BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII))) {
            while (acknowledged.size() < commits) {
                acknowledged.add(Long.valueOf(output.readLine()));
            }
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        return acknowledged;
    }
}
