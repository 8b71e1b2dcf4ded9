package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.RawAnswer;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.Outcome;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RecordKind;

/** The command {@code waymark import} in processes of its own, which are killed, against a whole node. */
class ImportIT {

    private static final int ROWS = 20_000;
    private static final int KILLS = 4;
    private static final int SAMPLE_EVERY = 97;
    private static final int LOOK_UPS = 1_000;

    private final Prefix maker = Prefix.parse("88.118.8");
    private final SigningKey makerKey = SigningKey.generate(Suite.ED25519);
    private final Random random = new Random(17);

    @TempDir
    private Path home;

    private NodeSetup.Result setup;
    private Node node;
    private NodeClient nodes;
    private Path file;
    private Path keyFile;

    @BeforeEach
    void start() throws Exception {
        setup = new NodeSetup(Clock.systemUTC())
                .init(home.resolve("node"), Prefix.parse("88.118"), Suite.SM2, "Import");
        List<String> settings = List.of("protobuf.port=0", "operations.port=0", "http.port=0");
        node = Node.start(
                NodeConfigLoader.load(Optional.of(setup.config()), Map.of(), settings)
                        .config(),
                new SimpleMeterRegistry());
        nodes = NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", node.address().getPort())
                .requestTimeout(Duration.ofSeconds(60))
                .build());
        RecordDraft.Builder delegation = RecordDraft.prefix(maker, Prefix.parse("88.118"))
                .expiresAt(System.currentTimeMillis() + Duration.ofDays(1).toMillis());
        PrefixRecord.describe(
                delegation,
                PrefixDescription.newBuilder().setName("Maker").build(),
                List.of(PartyKey.active(makerKey.verifyingKey(), Set.of(KeyRole.RECORDS))),
                List.of());
        IdentifierRecord delegated =
                new RecordSigner(KeyFile.readPrivate(setup.delegateKey())).sign(delegation.build());
        nodes.register(List.of(delegated.encoded())).join();
        keyFile = home.resolve("maker");
        KeyFile.writePrivate(keyFile, makerKey);
        file = home.resolve("parts.csv");
        writeRows();
    }

    private void writeRows() throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("identifier,name,model\n");
            for (int i = 0; i < ROWS; i++) {
                out.write(identifier(i) + ",轴向柱塞变量泵 " + i + ",SPV140\n");
            }
        }
    }

    private static String identifier(int row) {
        return "88.118.8/PART" + row;
    }

    @AfterEach
    void stop() {
        nodes.close();
        node.close();
    }

    private Process importer() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "org.waymark.client.cli.WaymarkCommand"));
        command.addAll(List.of("import", file.toString(), "--prefix", "88.118.8", "--signer", keyFile.toString()));
        command.addAll(List.of("--server", "127.0.0.1:" + node.address().getPort()));
        command.addAll(List.of("--timeout", "60", "--batch", "100", "--resume"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("output").toFile())
                .start();
    }

    private long sequence() {
        return node.info().getSequence();
    }

    @Test
    void anImportThatIsKilledAgainAndAgainRegistersEachRowOnce() throws Exception {
        long before = sequence();
        Path journal = home.resolve("parts.csv.waymark-journal");
        for (int kill = 1; kill <= KILLS; kill++) {
            long enough = before + (long) ROWS * (kill - 1) / (KILLS + 1) + 1 + random.nextInt(ROWS / 8);
            Process importer = importer();
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> sequence() >= enough || !importer.isAlive());
            importer.destroyForcibly();
            assertThat(importer.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(importer.exitValue())
                    .as(() -> "killed, not ended: " + output())
                    .isEqualTo(128 + 9);
            assertThat(journal).exists();
        }

        Process last = importer();
        assertThat(last.waitFor(3, TimeUnit.MINUTES)).isTrue();

        assertThat(last.exitValue()).as(this::output).isZero();
        assertThat(output()).contains(", refused 0; ");
        assertThat(journal).doesNotExist();
        // Each commit has a sequence number of its own, so nothing was stored twice.
        assertThat(sequence()).isEqualTo(before + ROWS);
        assertEachRowIsThere();
        assertASampleVerifies();
    }

    private String output() {
        try {
            return Files.readString(home.resolve("output"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void assertEachRowIsThere() {
        for (int from = 0; from < ROWS; from += LOOK_UPS) {
            List<RecordKey> keys = new ArrayList<>();
            for (int i = from; i < from + LOOK_UPS; i++) {
                Identifier identifier = Identifier.parse(identifier(i));
                keys.add(RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical()));
            }
            List<RawAnswer> answers =
                    nodes.resolveMany(keys, false, Set.of(), List.of()).join();
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).outcome()).isEqualTo(Outcome.RECORD);
                IdentifierRecord record = IdentifierRecord.parse(answers.get(i).payload());
                assertThat(record.version()).isEqualTo(1);
                assertThat(record.values().get(0).data().toStringUtf8()).isEqualTo("轴向柱塞变量泵 " + (from + i));
            }
        }
    }

    private void assertASampleVerifies() {
        try (ResolverClient client = ResolverClient.builder()
                .node("127.0.0.1", node.address().getPort())
                .anchor(setup.anchor())
                .build()) {
            for (int i = 0; i < ROWS; i += SAMPLE_EVERY) {
                assertThat(client.blocking().resolve(Identifier.parse(identifier(i))))
                        .isInstanceOf(Resolution.Found.class);
            }
        }
    }
}
