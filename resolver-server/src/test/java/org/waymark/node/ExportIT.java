package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.HistoryVersion;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.ResolverClient;
import org.waymark.client.ScanOptions;
import org.waymark.client.cli.WaymarkCommand;
import org.waymark.identifier.Prefix;
import org.waymark.node.TestParties.Party;
import org.waymark.node.cli.NodeCommand;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeyFile;
import org.waymark.trust.Suite;
import org.waymark.v1.RegisterResult;

/** Exports through a node whose registry is elsewhere, and loads what came out into new registries. */
class ExportIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final Anchor anchor = parties.root.anchor();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @TempDir
    private Path home;

    private Node remote;
    private List<IdentifierRecord> registered;
    private String out;
    private String err;

    @BeforeEach
    void start() throws Exception {
        Node holder = node("node.dataDir=" + home.resolve("data"), "node.roots=" + anchor);
        remote = node(
                "registry.kind=remote",
                "registry.nodes=127.0.0.1:" + holder.address().getPort());
        registered = new ArrayList<>(parties.prefixRecords());
        Party maker = parties.maker;
        for (int i = 0; i < 30; i++) {
            IdentifierRecord item = maker.sign(maker.emptyItemDraft(String.format("PART-%02d", i))
                    .value(2_000, "name", "轴向, \"柱塞\" " + i)
                    .value(2_001, "mass_kg", Integer.toString(i)));
            registered.add(item);
            if (i % 10 == 0) {
                registered.add(maker.sign(parties.following(
                        item,
                        maker.emptyItemDraft(String.format("PART-%02d", i))
                                .value(2_000, "name", "two\nlines")
                                .value(2_001, "mass_kg", "1.50"))));
            }
        }
        registered.add(parties.platform.sign(parties.platform.itemDraft("beside")));
        register(registered);
    }

    @AfterEach
    void stop() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    private Node node(String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("protobuf.port=0");
        all.add("operations.port=0");
        all.add("http.port=0");
        all.add("nearCache.maxBytes=16MiB");
        Node node = Node.start(
                NodeConfigLoader.load(Optional.empty(), Map.of(), all).config(), new SimpleMeterRegistry());
        opened.push(node);
        return node;
    }

    private void register(List<IdentifierRecord> records) {
        try (NodeClient client = NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", remote.address().getPort())
                .build())) {
            List<ByteString> encoded =
                    records.stream().map(IdentifierRecord::encoded).toList();
            assertThat(client.register(encoded).join())
                    .extracting(RegisterResult::getCode)
                    .isSubsetOf(RegisterResult.Code.CREATED, RegisterResult.Code.UPDATED);
        }
    }

    private int waymark(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--server=127.0.0.1:" + remote.address().getPort());
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        int code = WaymarkCommand.run(
                new PrintWriter(outText, true), new PrintWriter(errText, true), all.toArray(String[]::new));
        out = outText.toString();
        err = errText.toString();
        return code;
    }

    private int load(Path dataDirectory, Path... files) {
        List<String> all =
                new ArrayList<>(List.of("load", "--data-dir=" + dataDirectory, "--root=" + anchor, "--threads=2"));
        Stream.of(files).map(Path::toString).forEach(all::add);
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        int code = NodeCommand.run(
                new PrintWriter(outText, true), new PrintWriter(errText, true), Map.of(), all.toArray(String[]::new));
        out = outText.toString();
        err = errText.toString();
        return code;
    }

    private List<IdentifierRecord> scan(Node node, String prefix, ScanOptions options) {
        try (ResolverClient client = ResolverClient.builder()
                .node("127.0.0.1", node.address().getPort())
                .anchor(anchor)
                .build()) {
            return client.scan(Prefix.parse(prefix), options).stream()
                    .map(HistoryVersion::record)
                    .toList();
        }
    }

    @Test
    void aScanGivesEveryRecordAndVersionVerified() {
        List<IdentifierRecord> all = scan(remote, "88.118", ScanOptions.HISTORY);

        assertThat(all).containsExactlyInAnyOrderElementsOf(registered);
        assertThat(scan(remote, "88.118", new ScanOptions(true, 1))).isEqualTo(all);
        assertThat(scan(remote, "88.118", ScanOptions.CURRENT)).hasSize(3 + 30 + 1);
        assertThat(scan(remote, "88.118.8", ScanOptions.CURRENT))
                .hasSize(1 + 30)
                .allMatch(record -> record.key().identifier().startsWith("88.118.8"));
    }

    @Test
    void whatIsExportedIsLoadedByteForByteInBothForms() throws Exception {
        int number = 0;
        for (String name : List.of("all.jsonl", "all.jsonl.gz", "all.wmx", "all.wmx.gz")) {
            Path file = home.resolve(name);
            assertThat(waymark("export", "88.118", "--history", "--output=" + file, "--anchor=" + anchor))
                    .as(err)
                    .isZero();
            assertThat(out).contains("verified");
            Path data = home.resolve("loaded" + number++);

            assertThat(load(data, file)).as(err).isZero();

            assertThat(out).contains("loaded " + registered.size() + " records");
            Node loaded = node("node.dataDir=" + data, "node.roots=" + anchor);
            assertThat(scan(loaded, "88.118", ScanOptions.HISTORY))
                    .isEqualTo(scan(remote, "88.118", ScanOptions.HISTORY));
        }
        assertThat(Files.list(home).map(path -> path.getFileName().toString()))
                .noneMatch(name -> name.endsWith(".waymark-part"));
    }

    @Test
    void theExportOfAPrefixHasTheRecordsThatItHangsOnFirst() throws Exception {
        Path maker = home.resolve("maker.wmx");
        Path platform = home.resolve("platform.jsonl");
        assertThat(waymark("export", "88.118.8", "-o", maker.toString(), "--anchor=" + anchor))
                .isZero();
        assertThat(waymark("export", "88.118.900", "-o", platform.toString(), "--anchor=" + anchor))
                .isZero();
        List<String> lines = Files.readAllLines(platform);
        assertThat(JSON.readTree(lines.get(1)).path("identifier").asText()).isEqualTo("88.118");
        JsonNode item = JSON.readTree(lines.get(3));
        assertThat(item.path("values").get(1).path("data").asText()).isEqualTo("ZLJ5311");
        assertThat(Base64.getDecoder().decode(item.path("record").asText()))
                .isEqualTo(registered.get(registered.size() - 1).encoded().toByteArray());

        assertThat(load(home.resolve("both"), maker, platform)).as(err).isZero();

        assertThat(err).contains("3 of them came without their earlier versions");
        assertThat(out).contains("1 were there already");
        Node loaded = node("node.dataDir=" + home.resolve("both"), "node.roots=" + anchor);
        assertThat(scan(loaded, "88.118", ScanOptions.CURRENT)).isEqualTo(scan(remote, "88.118", ScanOptions.CURRENT));
    }

    @Test
    void anExportedCsvIsImportedUnderAnotherPrefix() throws Exception {
        Path csv = home.resolve("maker.csv");
        assertThat(waymark("export", "88.118.8", "-o", csv.toString(), "--anchor=" + anchor))
                .as(err)
                .isZero();
        Party other = Party.withNewKeys(Suite.ED25519, "88.118.9");
        register(List.of(parties.root.sign(other.prefixDraft(parties.root))));
        Path key = home.resolve("other.pem");
        KeyFile.writePrivate(key, other.workingKey());
        Path map = home.resolve("map.yaml");
        Files.writeString(map, "identifier: \"88.118.9/{waymark.suffix}\"\ncolumns:\n  identifier: {skip: true}\n");

        assertThat(waymark("import", csv.toString(), "--prefix=88.118.9", "--signer=" + key, "--map=" + map))
                .as(err)
                .isZero();

        List<IdentifierRecord> imported = scan(remote, "88.118.9", ScanOptions.CURRENT);
        List<IdentifierRecord> exported = scan(remote, "88.118.8", ScanOptions.CURRENT);
        assertThat(imported).hasSameSizeAs(exported);
        for (int i = 1; i < imported.size(); i++) {
            assertThat(imported.get(i).values())
                    .extracting(Object::toString)
                    .isEqualTo(exported.get(i).values().stream()
                            .map(Object::toString)
                            .toList());
        }
        List<String> rows =
                List.of(Files.readString(csv, StandardCharsets.UTF_8).split("\n"));
        assertThat(rows.get(0)).startsWith("identifier,name,mass_kg,waymark.suffix");
        assertThat(rows.get(rows.size() - 1)).contains("30 sha256:");
    }

    @Test
    void aTextFormMayGoToTheStandardOutput() throws Exception {
        assertThat(waymark("export", "88.118.8", "--anchor=" + anchor)).isZero();

        String[] lines = out.split("\n");
        assertThat(lines).hasSize(1 + 1 + 1 + 30 + 1);
        assertThat(JSON.readTree(lines[lines.length - 1])
                        .path("end")
                        .path("records")
                        .asInt())
                .isEqualTo(32);
        assertThat(waymark("export", "88.118.8", "--format=binary", "--anchor=" + anchor))
                .isEqualTo(2);
    }

    @Test
    void anExportOfWhatDoesNotVerifyLeavesNoFile() throws Exception {
        Path file = home.resolve("none.jsonl");
        Anchor other = new TestParties(Suite.ED25519).root.anchor();

        assertThat(waymark("export", "88.118.8", "-o", file.toString(), "--anchor=" + other))
                .isEqualTo(3);

        assertThat(file).doesNotExist();
        assertThat(home.resolve("none.jsonl.waymark-part")).doesNotExist();
        assertThat(waymark("export", "88.118.8", "-o", file.toString(), "--no-verify"))
                .isZero();
        assertThat(out).contains("NOT VERIFIED");
    }

    @Test
    void aChangedOrShortenedExportIsNotLoaded() throws Exception {
        Path file = home.resolve("all.jsonl");
        assertThat(waymark("export", "88.118", "--history", "-o", file.toString(), "--anchor=" + anchor))
                .isZero();
        List<String> lines = Files.readAllLines(file);
        Path data = home.resolve("never");

        Files.write(file, lines.subList(0, 10));
        assertThat(load(data, file)).isEqualTo(1);
        assertThat(err).contains("line 11: the file ends within the export");

        List<String> fewer = new ArrayList<>(lines);
        fewer.remove(20);
        Files.write(file, fewer);
        assertThat(load(data, file)).isEqualTo(1);

        List<String> twisted = new ArrayList<>(lines);
        twisted.set(20, twisted.get(20).replaceFirst("\"name\"", "\"nome\""));
        Files.write(file, twisted);
        assertThat(load(data, file)).isEqualTo(1);
        assertThat(err).contains("digest");

        Files.writeString(file, "identifier,name\n");
        assertThat(load(data, file)).isEqualTo(1);
        assertThat(err).contains("no export that can be loaded");
        assertThat(data.resolve("registry")).doesNotExist();
    }
}
