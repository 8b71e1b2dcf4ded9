package org.waymark.node.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.LogRequest;
import org.waymark.v1.LogResponse;

class LoggedAuthorityTest {

    @TempDir
    private Path directory;

    @Test
    void whatWaitsWhenReadingEndsIsAnswered() {
        try (RocksRegistry registry = RocksRegistry.open(directory, RocksOptions.defaults())) {
            Checkpoints checkpoints = new Checkpoints(
                    registry.log(),
                    registry,
                    "vaa:88",
                    List.of(SigningKey.generate(Suite.ED25519)),
                    List.of(),
                    Duration.ofSeconds(1));
            LoggedAuthority authority = new LoggedAuthority(null, registry.log(), checkpoints);
            List<CompletableFuture<LogResponse>> asked = IntStream.range(0, 1_000)
                    .mapToObj(i -> authority.log(
                            LogRequest.newBuilder().setPath("checkpoint").build()))
                    .toList();

            authority.stopReading();

            CompletableFuture<Void> all = CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new));
            assertThat(all.handle((done, fault) -> true)).succeedsWithin(Duration.ofSeconds(20));
        }
    }
}
