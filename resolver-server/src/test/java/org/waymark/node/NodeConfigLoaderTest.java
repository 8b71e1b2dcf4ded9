package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;
import org.waymark.log.NoteKey;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.endpoint.handle.HandleOptions;
import org.waymark.node.endpoint.protobuf.EndpointOptions;
import org.waymark.node.recursive.AddressRange;
import org.waymark.node.recursive.RecursionOptions;
import org.waymark.node.web.WebOptions;
import org.waymark.trust.Anchor;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

class NodeConfigLoaderTest {

    private static final String KEY_ID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    @TempDir
    Path directory;

    private static NodeConfig load(String... assignments) throws ConfigException {
        return NodeConfigLoader.load(Optional.empty(), Map.of(), List.of(assignments))
                .config();
    }

    private Path file(String... lines) throws IOException {
        return Files.write(directory.resolve("waymark.yaml"), List.of(lines));
    }

    private NodeConfig loadFile(String... lines) throws Exception {
        return NodeConfigLoader.load(Optional.of(file(lines)), Map.of(), List.of())
                .config();
    }

    @Test
    void aFileThatIsNotUtf8IsNamed() throws IOException {
        Path file = Files.write(directory.resolve("waymark.yaml"), new byte[] {'#', (byte) 0xFF, '\n'});

        assertThatThrownBy(() -> NodeConfigLoader.load(Optional.of(file), Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + " is not UTF-8");
    }

    @Test
    void withoutAnythingTheDefaultsHold() throws ConfigException {
        assertThat(load())
                .isEqualTo(new NodeConfig(
                        new NodeConfig.Node(
                                Path.of("./waymark-data"), List.of(), List.of(), Optional.empty(), Optional.empty()),
                        new NodeConfig.Protobuf(
                                Transport.Kind.AUTO,
                                0,
                                new EndpointOptions(
                                        "127.0.0.1",
                                        2_640,
                                        Optional.empty(),
                                        10_000,
                                        4_096,
                                        1_024,
                                        1_000,
                                        1_048_576,
                                        128 * 1_024 * 1_024,
                                        Duration.ofSeconds(10),
                                        Duration.ofSeconds(30),
                                        Duration.ofSeconds(300))),
                        new HandleOptions(
                                false,
                                "127.0.0.1",
                                2_641,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                10_000,
                                4_096,
                                256,
                                64 * 1_024 * 1_024,
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(300),
                                true,
                                4_096,
                                256 * 1_024),
                        new NodeConfig.Http(
                                true,
                                WebOptions.defaults("127.0.0.1", 8_080),
                                Optional.empty(),
                                1_024L * 1_024 * 1_024),
                        new NodeConfig.Registry(
                                NodeConfig.Registry.Kind.EMBEDDED,
                                Path.of("./waymark-data/registry"),
                                160 * 1_024 * 1_024,
                                0,
                                List.of(),
                                Optional.empty()),
                        new NodeConfig.Redis(Optional.empty(), Duration.ofMillis(100), "waymark"),
                        new NodeConfig.NearCache(256 * 1_024 * 1_024, 10),
                        new NodeConfig.Answers(Duration.ofSeconds(30), Duration.ofSeconds(3_600)),
                        new RecursionOptions(
                                false,
                                List.of(),
                                List.of(),
                                List.of(
                                        AddressRange.of(new byte[] {127, 0, 0, 0}, 8),
                                        AddressRange.of(
                                                new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128)),
                                4_096,
                                256,
                                1_000,
                                Duration.ofSeconds(2),
                                Duration.ofDays(1),
                                Duration.ofSeconds(5),
                                64 * 1_024 * 1_024),
                        new NodeConfig.Log(List.of(), Duration.ofSeconds(1), List.of()),
                        new NodeConfig.Operations("127.0.0.1", 9_464, Optional.empty(), ZoneId.of("Asia/Shanghai")),
                        new NodeConfig.Backup(Optional.empty(), 7),
                        new NodeConfig.Shutdown(Duration.ofSeconds(10)),
                        new NodeConfig.Logging(Level.WARN, LogFormat.TEXT)));
    }

    @Test
    void aFileIsReadWithItsListsAndSizes() throws Exception {
        NodeConfig config = loadFile(
                "# a node",
                "node:",
                "  dataDir: /var/lib/waymark",
                "  roots:",
                "    - vaa:88.118#" + KEY_ID,
                "registry:",
                "  kind: remote",
                "  nodes: [ 'one:2640', '[::1]:2641' ]",
                "nearCache:",
                "  maxBytes: 2GiB",
                "protobuf:",
                "  transport: io_uring",
                "redis:",
                "  uri:",
                "shutdown:");

        assertThat(config.node().roots()).containsExactly(Anchor.parse("vaa:88.118#" + KEY_ID));
        assertThat(config.registry().path()).isEqualTo(Path.of("/var/lib/waymark/registry"));
        assertThat(config.registry().kind()).isEqualTo(NodeConfig.Registry.Kind.REMOTE);
        assertThat(config.registry().nodes())
                .containsExactly(
                        InetSocketAddress.createUnresolved("one", 2_640),
                        InetSocketAddress.createUnresolved("::1", 2_641));
        assertThat(config.nearCache().maxBytes()).isEqualTo(2L << 30);
        assertThat(config.protobuf().transport()).isEqualTo(Transport.Kind.IO_URING);
        assertThat(config.redis().uri()).isEmpty();
    }

    @Test
    void anEmptyFileChangesNothing() throws Exception {
        assertThat(loadFile("# nothing here")).isEqualTo(load());
    }

    @Test
    void flagsOverrideTheEnvironmentAndThatOverridesTheFile() throws Exception {
        EffectiveConfig effective = NodeConfigLoader.load(
                Optional.of(file("protobuf:", "  port: 1", "  maxBatch: 2", "  maxInFlight: 3")),
                Map.of("WAYMARK_PROTOBUF_PORT", "10", "WAYMARK_PROTOBUF_MAXBATCH", " 20 "),
                List.of("protobuf.port=99", "protobuf.port=100"));

        EndpointOptions options = effective.config().protobuf().endpoint();
        assertThat(List.of(options.port(), options.maxBatch(), options.maxInFlight()))
                .containsExactly(100, 20, 3);
        assertThat(effective.toYaml())
                .contains("  port: 100  # flag --set\n")
                .contains("  maxBatch: 20  # environment WAYMARK_PROTOBUF_MAXBATCH\n")
                .contains("  maxInFlight: 3  # file " + directory.resolve("waymark.yaml") + ":4\n")
                .contains("  eventLoops: 0  # default\n");
    }

    @Test
    void aHandleFaceThatListensEverywhereNeedsAnAddress() throws ConfigException {
        assertThatThrownBy(() -> load("handle.enabled=true", "handle.host=0.0.0.0"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("handle.host is 0.0.0.0 (flag --set), so handle.address must be the IP address");
        assertThat(load("handle.enabled=true", "handle.host=::", "handle.address=192.0.2.1")
                        .handle()
                        .address())
                .contains("192.0.2.1");
    }

    @Test
    void asManyWitnessesAreTakenAsANoteHasRoomFor() throws ConfigException {
        NoteKey witness = NoteKey.ofWitness(
                "w.example/1", SigningKey.generate(Suite.ED25519).verifyingKey());
        String sixteen = "log.witnesses=" + String.join(",", Collections.nCopies(16, witness.text()));

        assertThat(NodeConfigLoader.load(Optional.empty(), Map.of(), List.of(sixteen))
                        .config()
                        .log()
                        .witnesses())
                .hasSize(16);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() ->
                        NodeConfigLoader.load(Optional.empty(), Map.of(), List.of(sixteen + "," + witness.text())))
                .withMessageContaining("log.witnesses")
                .withMessageContaining("at most 16 are allowed, not 17");
    }

    @Test
    void listsOutsideOfAFileArePartedByCommas() throws ConfigException {
        assertThat(load("registry.nodes=a:1, b:2").registry().nodes()).hasSize(2);
        assertThat(load("registry.nodes=").registry().nodes()).isEmpty();
    }

    @Test
    void whatIsPrintedCanBeReadAgain() throws Exception {
        EffectiveConfig effective = NodeConfigLoader.load(
                Optional.empty(),
                Map.of("WAYMARK_NODE_DATADIR", "/srv/it's #1: here"),
                List.of(
                        "node.roots=vaa:88.118#" + KEY_ID,
                        "registry.nodes=a:1,b:2",
                        "redis.namespace=null",
                        "redis.uri=redis://localhost:6379"));

        assertThat(loadFile(effective.toYaml())).isEqualTo(effective.config());
    }

    @Test
    void credentialsAreNeverShown() throws ConfigException {
        EffectiveConfig effective = NodeConfigLoader.load(
                Optional.empty(), Map.of(), List.of("redis.uri=redis://me:hush%40@localhost:6379/1"));

        assertThat(effective.config().redis().uri()).contains("redis://me:hush%40@localhost:6379/1");
        assertThat(effective.toYaml()).contains("redis://***@localhost:6379/1").doesNotContain("hush");
        assertThat(effective.config().toString()).doesNotContain("hush");
        assertThatThrownBy(() -> load("redis.uri=redi://:hush@localhost"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("redis.uri (flag --set)")
                .hasNoCause()
                .message()
                .doesNotContain("hush");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://localhost",
                "redis://:pw@10.0.0.1:6379/2",
                "rediss://user:pw@redis.example:6380",
                "redis-sentinel://one:26379,two:26379/0#primary"
            })
    void aRedisUriOfEveryFormIsTaken(String uri) throws ConfigException {
        assertThat(load("redis.uri=" + uri).redis().uri()).contains(uri);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:6379", "redis://", "redis:///0", "redis://:pw@", "http://x", "redis://a b"})
    void whatIsNoRedisUriIsRefused(String uri) {
        assertThatThrownBy(() -> load("redis.uri=" + uri)).hasMessageContaining("a URI such as redis://host:6379");
    }

    @Test
    void anUnknownKeyIsRefusedWithItsPlaceAndTheNearestKnownOne() throws IOException {
        Path file = file("protobuf:", "  port: 1", "nearCache:", "  maxByte: 2");

        assertThatThrownBy(() -> NodeConfigLoader.load(Optional.of(file), Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(file + ":4: unknown key nearCache.maxByte; the nearest known one is nearCache.maxBytes");
    }

    static List<List<String>> wrongFiles() {
        return List.of(
                List.of(
                        "nearcache:\n  maxBytes: 1",
                        ":1: unknown section nearcache; the nearest known one is nearCache"),
                List.of("redis: 1", ":1: redis is a section; its keys are uri, commandTimeoutMillis, namespace"),
                List.of("redis:\n  uri: [ a ]", ":2: redis.uri must be one value"),
                List.of("registry:\n  nodes: { a: 1 }", ":2: registry.nodes must be a list of values"),
                List.of("registry:\n  nodes: [[ a ]]", ":2: an entry of registry.nodes must be one value"),
                List.of("redis:\n  uri: a\n  uri: b", "Duplicate field 'uri'"),
                List.of("redis:\n  uri: 'a", ":2: "),
                List.of("- 1", ":1: the file must be sections with keys"),
                List.of("protobuf:\n  port: 70000", "protobuf.port is \"70000\" (file "));
    }

    @ParameterizedTest
    @MethodSource("wrongFiles")
    void aWrongFileIsRefusedWithThePlace(List<String> fileAndMessage) {
        assertThatThrownBy(() -> loadFile(fileAndMessage.get(0)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(fileAndMessage.get(1));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> NodeConfigLoader.load(Optional.of(Path.of("no/such.yaml")), Map.of(), List.of()))
                .hasMessage("there is no file no/such.yaml");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "protobuf.port=x | protobuf.port is \"x\" (flag --set): a whole number from 0 to 65535 is allowed",
                "protobuf.maxBatch=1001 | a whole number from 1 to 1000 is allowed",
                "protobuf.maxFrameBytes=2MiB | a size from 4KiB to 1MiB is allowed, such as 64MiB",
                "protobuf.maxFrameBytes=1 | a size from 4KiB to 1MiB is allowed",
                "nearCache.maxBytes=1MB | a size from 0 to 1024GiB is allowed",
                "nearCache.maxBytes=999999999999999GiB | a size from 0 to 1024GiB is allowed",
                "nearCache.refreshAheadPercent=91 | a whole number from 0 to 90 is allowed",
                "protobuf.transport=kqueue | auto, nio, epoll, io_uring are allowed",
                "protobuf.host= | a host name or an address is needed",
                "logging.level=LOUD | error, warn, info, debug, trace are allowed",
                "registry.nodes=a:0 | host:port is allowed",
                "registry.kind=remote | registry.nodes must name one host:port or more",
                "redis.namespace=a b | 1 to 64 letters",
                "node.roots=88.118 | there is no #",
                "node.dataDir= | a path is needed",
                "handle.enabled=yes | true and false are allowed",
                "handle.address=node.example | an IP address in numbers is allowed",
                "handle.udpMaxAnswerBytes=100 | a size from 512 to 256KiB is allowed",
                "protobuf.prot=1 | unknown key protobuf.prot; the nearest known one is protobuf.port",
                "protobuf.port | takes KEY=VALUE",
            })
    void aWrongAssignmentIsRefusedWithWhatIsAllowed(String assignment, String message) {
        assertThatThrownBy(() -> load(assignment))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "WAYMARK_REDIS_URL, WAYMARK_REDIS_URI",
        "WAYMARK_NEARCACHE_MAX_BYTES, WAYMARK_NEARCACHE_MAXBYTES",
        "WAYMARK_REDIS_COMMAND_TIMEOUT_MILLIS, WAYMARK_REDIS_COMMANDTIMEOUTMILLIS"
    })
    void aVariableThatIsNearlyAKeysIsRefused(String variable, String nearest) {
        assertThatThrownBy(() -> NodeConfigLoader.load(Optional.empty(), Map.of(variable, "1"), List.of()))
                .hasMessage("environment: unknown variable " + variable + "; the nearest known one is " + nearest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"WAYMARK_HOME", "WAYMARK_NODE_JAVA_OPTS", "WAYMARK_REDIS_SERVICE_HOST", "REDIS_URI", "WAYMARK_"})
    void otherVariablesAreSomebodyElses(String variable) throws ConfigException {
        assertThat(NodeConfigLoader.load(Optional.empty(), Map.of(variable, "x"), List.of())
                        .config())
                .isEqualTo(load());
    }

    @Test
    void aRecursiveNodeHasToKnowWhereToBeginAndWhatToVerifyFrom() throws ConfigException {
        assertThatThrownBy(() -> load("recursion.enabled=true"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("recursion.nodes");
        assertThatThrownBy(() -> load("recursion.enabled=true", "recursion.nodes=node.example.com:2640"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("recursion.anchors");
        String root = "vaa:88#9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

        NodeConfig config = load(
                "recursion.enabled=true",
                "recursion.nodes=node.example.com:2640",
                "recursion.anchors=" + root,
                "recursion.clients=10.0.0.0/8, 2001:db8::/32");

        assertThat(config.recursion().anchors()).containsExactly(Anchor.parse(root));
        assertThat(config.recursion().clients()).hasSize(2);
        assertThat(config.node().homes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0/8", "localhost", "::1/129", "10.0.0.1/-1", "all"})
    void whatIsNoRangeOfAddressesIsRefused(String clients) {
        assertThatThrownBy(() -> load("recursion.clients=" + clients))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("192.0.2.0/24");
    }
}
