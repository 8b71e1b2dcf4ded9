package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.NodeErrorException;
import org.waymark.client.RawAnswer;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.node.TestParties.Party;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/**
 * The national node of 88, the node of the enterprise 88.118, and one that has no prefix and answers for others. Their clients know
 * the recursive node's address and the national anchor, and nothing else.
 */
class RecursiveNodeIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration BACK_OFF = Duration.ofSeconds(2);

    @TempDir
    private Path directory;

    private final Party root = Party.withNewKeys(Suite.ED25519, "88");
    private final Party enterprise = Party.withNewKeys(Suite.SM2, "88.118");
    private final SigningKey denying = SigningKey.generate(Suite.SM2);
    private final IdentifierRecord pump = enterprise.sign(enterprise.itemDraft("PUMP"));
    private final IdentifierRecord valve =
            enterprise.sign(enterprise.itemDraft("VALVE").ttlSeconds(1));

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final SimpleMeterRegistry nationalMeters = new SimpleMeterRegistry();
    private int enterprisePort;
    private Node national;
    private Node enterpriseNode;

    @BeforeEach
    void plant() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            enterprisePort = socket.getLocalPort();
        }
        Path keys = Files.createDirectories(directory.resolve("enterprise").resolve("keys"));
        KeyFile.writePrivate(keys.resolve(NodeSetup.NODE_KEY), denying);
        List<PartyKey> enterpriseKeys = new ArrayList<>(enterprise.keys());
        enterpriseKeys.add(PartyKey.active(denying.verifyingKey(), Set.of(KeyRole.NODE)));
        NodeAddress address = NodeAddress.newBuilder()
                .setFace("waymark")
                .setHost("127.0.0.1")
                .setPort(enterprisePort)
                .build();
        IdentifierRecord rootRecord = root.sign(root.prefixDraft(root));
        IdentifierRecord enterpriseRecord = root.sign(enterprise.prefixDraft(root, enterpriseKeys, List.of(address)));

        national = start("national", nationalMeters, "node.roots=" + root.anchor());
        register(national, rootRecord, enterpriseRecord);
        enterpriseNode = startEnterprise();
        register(enterpriseNode, rootRecord, enterpriseRecord, pump, valve);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    private Node startEnterprise() throws Exception {
        return start(
                "enterprise",
                new SimpleMeterRegistry(),
                "node.roots=" + root.anchor(),
                "node.homes=88.118",
                "protobuf.port=" + enterprisePort);
    }

    private Node start(String name, SimpleMeterRegistry meters, String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "node.dataDir=" + directory.resolve(name),
                "protobuf.port=0",
                "http.port=0",
                "operations.port=0",
                "nearCache.maxBytes=8MiB",
                "shutdown.drainSeconds=0"));
        all.addAll(List.of(settings));
        Node node = Node.start(
                NodeConfigLoader.load(Optional.empty(), Map.of(), all).config(), meters);
        open.push(node);
        return node;
    }

    /** A recursive node, and what it counts. */
    private final class Recursive {

        private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        private final Node node;

        Recursive(String... settings) throws Exception {
            List<String> all = new ArrayList<>(List.of(
                    "recursion.enabled=true",
                    "recursion.nodes=127.0.0.1:" + national.address().getPort(),
                    "recursion.anchors=" + root.anchor(),
                    "recursion.timeoutMillis=20000",
                    "recursion.backOffMillis=" + BACK_OFF.toMillis()));
            all.addAll(List.of(settings));
            node = start("recursive", meters, all.toArray(String[]::new));
        }

        double count(String name, String... labels) {
            return meters.get(name).tags(labels).functionCounter().count();
        }

        double walks() {
            return count("waymark.recursion.walks");
        }

        NodeClient raw() {
            return closing(NodeClient.create(NodeClientOptions.builder()
                    .node("127.0.0.1", node.address().getPort())
                    .requestTimeout(PATIENCE)
                    .build()));
        }

        ResolverClient client() {
            return closing(ResolverClient.builder()
                    .node("127.0.0.1", node.address().getPort())
                    .anchor(root.anchor())
                    .cachedAnswers(0)
                    .followReferrals(false)
                    .requestTimeout(PATIENCE)
                    .build());
        }
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        open.push(closeable);
        return closeable;
    }

    private static void register(Node node, IdentifierRecord... records) {
        try (NodeClient client = NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", node.address().getPort())
                .requestTimeout(PATIENCE)
                .build())) {
            for (IdentifierRecord record : records) {
                RegisterResult result =
                        client.register(List.of(record.encoded())).join().get(0);
                assertThat(result.getCode())
                        .as("%s", result)
                        .isIn(RegisterResult.Code.CREATED, RegisterResult.Code.UPDATED);
            }
        }
    }

    private RecordKey item(String suffix) {
        return RecordKey.of(
                RecordKind.ITEM,
                enterprise.prefix().scheme(),
                enterprise.identifier(suffix).canonical());
    }

    private static RawAnswer ask(NodeClient client, RecordKey key, boolean withChain) {
        return client.resolve(key, false, withChain, Set.of(), List.of()).join();
    }

    @Test
    void whatIsElsewhereIsAnsweredAndVerifiesFromTheAnchorAlone() throws Exception {
        Recursive recursive = new Recursive();

        for (String state : List.of("cold", "warm")) {
            Resolution.Found found = (Resolution.Found)
                    recursive.client().resolve(enterprise.identifier("PUMP")).join();

            assertThat(found.record()).as(state).isEqualTo(pump);
            assertThat(found.chain())
                    .extracting(prefix -> prefix.prefix().canonical())
                    .containsExactly("88", "88.118");
            assertThat(found.provenance().source())
                    .isEqualTo(state.equals("cold") ? AnswerSource.OTHER_NODE : AnswerSource.NEAR_CACHE);
        }
        assertThat(recursive.walks()).isEqualTo(1);
        assertThat(recursive.count("waymark.recursion.answers", "result", "asked"))
                .isEqualTo(1);

        RawAnswer answer = ask(recursive.raw(), item("PUMP"), true);
        assertThat(answer.payload()).isEqualTo(pump.encoded());
        assertThat(answer.lifeMillis()).isBetween(1L, Duration.ofDays(1).toMillis());
        assertThat(answer.chain())
                .hasSize(2)
                .allSatisfy(link -> assertThat(link.lifeMillis()).isPositive());
        RawAnswer prefix = ask(
                recursive.raw(),
                RecordKey.of(RecordKind.PREFIX, enterprise.prefix().scheme(), "88.118"),
                false);
        assertThat(prefix.outcome()).isEqualTo(Outcome.RECORD);
        assertThat(recursive.walks()).isEqualTo(1);
    }

    @Test
    void otherClientsAreAnsweredAsByAnyNode() throws Exception {
        Recursive recursive = new Recursive("recursion.clients=192.0.2.0/24");

        assertThat(ask(recursive.raw(), item("PUMP"), true).outcome()).isEqualTo(Outcome.NOT_RESPONSIBLE);
        assertThat(recursive.walks()).isZero();
    }

    @Test
    void aReferralOfItsOwnIsFollowedForItsClients() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Node both = start(
                "both",
                meters,
                "node.roots=" + root.anchor(),
                "node.homes=88",
                "recursion.enabled=true",
                "recursion.nodes=127.0.0.1:" + national.address().getPort());
        try (NodeClient source = NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", national.address().getPort())
                .build())) {
            for (String prefix : List.of("88", "88.118")) {
                RecordKey key = RecordKey.of(RecordKind.PREFIX, root.prefix().scheme(), prefix);
                register(both, IdentifierRecord.parse(ask(source, key, false).payload()));
            }
        }
        NodeClient client = closing(NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", both.address().getPort())
                .requestTimeout(PATIENCE)
                .build()));
        NodeClient asksForItsOwn = closing(NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", both.address().getPort())
                .requestTimeout(PATIENCE)
                .withoutRecursion()
                .build()));

        for (int i = 0; i < 3; i++) {
            assertThat(ask(asksForItsOwn, item("PUMP"), false).outcome()).isEqualTo(Outcome.REFERRAL);
            assertThat(ask(client, item("PUMP"), false).outcome()).isEqualTo(Outcome.RECORD);
        }
        assertThat(meters.get("waymark.recursion.walks").functionCounter().count())
                .isEqualTo(1);
    }

    @Test
    void thatThereIsNoRecordIsPassedOnSignedAndKeptByItsSignersWord() throws Exception {
        Recursive recursive = new Recursive();

        for (int i = 0; i < 3; i++) {
            Resolution.NotFound notFound = (Resolution.NotFound) recursive
                    .client()
                    .resolve(enterprise.identifier("NO-SUCH-PART"))
                    .join();

            assertThat(notFound.isProven()).isTrue();
            assertThat(notFound.proof().orElseThrow().signer()).isEqualTo(enterprise.prefix());
            assertThat(notFound.provenance().remainingLife()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(30));
        }
        RecordKey noSuchPrefix = RecordKey.of(RecordKind.PREFIX, root.prefix().scheme(), "88.118.7");
        assertThat(ask(recursive.raw(), noSuchPrefix, false).outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(recursive.walks()).isEqualTo(2);
    }

    @Test
    void theHttpFaceAnswersForOthersToo() throws Exception {
        Recursive recursive = new Recursive();
        URI uri = URI.create(
                "http://127.0.0.1:" + recursive.node.httpAddress().orElseThrow().getPort() + "/88.118/PUMP");
        HttpClient client = HttpClient.newHttpClient();

        HttpResponse<String> json = client.send(
                HttpRequest.newBuilder(uri)
                        .header("Accept", "application/json")
                        .timeout(PATIENCE)
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(json.statusCode()).isEqualTo(200);
        assertThat(json.body()).contains("ZLJ5311");
    }

    @Test
    void manyWhoAskForOneIdentifierMakeOneWalk() throws Exception {
        Recursive recursive = new Recursive();
        NodeClient client = recursive.raw();

        List<CompletableFuture<RawAnswer>> answers = IntStream.range(0, 200)
                .mapToObj(i -> client.resolve(item("PUMP"), false, Set.of(), List.of()))
                .toList();

        answers.forEach(answer -> assertThat(
                        answer.orTimeout(60, TimeUnit.SECONDS).join().outcome())
                .isEqualTo(Outcome.RECORD));
        assertThat(recursive.walks()).isEqualTo(1);
    }

    @Test
    void whileTheBranchIsAwayWhatIsKeptIsAnsweredAndTheBranchIsLeftAlone() throws Exception {
        Recursive recursive = new Recursive();
        NodeClient client = recursive.raw();
        assertThat(ask(client, item("VALVE"), false).stale()).isFalse();
        assertThat(ask(client, item("PUMP"), false).outcome()).isEqualTo(Outcome.RECORD);
        enterpriseNode.close();

        try (DeadNode dead = new DeadNode(enterprisePort)) {
            // Its life of a second ends.
            await().atMost(PATIENCE)
                    .until(() -> ask(client, item("VALVE"), false).stale());
            assertThat(ask(client, item("VALVE"), false).payload()).isEqualTo(valve.encoded());
            assertThat(ask(client, item("PUMP"), false).stale()).isFalse();

            long began = System.nanoTime();
            int before = dead.connections.get();
            for (int i = 0; i < 300; i++) {
                RawAnswer answer = ask(client, item("UNKNOWN-" + i), false);
                assertThat(answer.outcome()).isEqualTo(Outcome.ERROR);
            }
            double pauses = (System.nanoTime() - began) / (double) BACK_OFF.toNanos();
            assertThat(dead.connections.get() - before).isLessThanOrEqualTo((int) (4 * pauses) + 4);
            assertThat(recursive.count("waymark.recursion.pauses")).isPositive();
            assertThat(recursive.count("waymark.recursion.answers", "result", "stale"))
                    .isPositive();
            ResolverClient verifying = recursive.client();
            assertThatThrownBy(() -> verifying.blocking().resolve(enterprise.identifier("UNKNOWN")))
                    .isInstanceOf(NodeErrorException.class)
                    .hasMessageContaining("vaa:88.118");
            Resolution.Found stale = (Resolution.Found)
                    verifying.resolve(enterprise.identifier("VALVE")).join();
            assertThat(stale.provenance().stale()).isTrue();
        }

        enterpriseNode = startEnterprise();
        await().atMost(PATIENCE).until(() -> {
            RawAnswer answer = ask(client, item("VALVE"), false);
            return answer.outcome() == Outcome.RECORD && !answer.stale();
        });
        assertThat(ask(client, item("UNKNOWN"), false).outcome()).isEqualTo(Outcome.NOT_FOUND);
    }

    @Test
    void withoutAnythingToFallBackOnABranchThatIsAwayIsAnError() throws Exception {
        Recursive recursive = new Recursive("recursion.staleForSeconds=0");
        NodeClient client = recursive.raw();
        assertThat(ask(client, item("VALVE"), false).outcome()).isEqualTo(Outcome.RECORD);
        enterpriseNode.close();

        await().atMost(PATIENCE).until(() -> ask(client, item("VALVE"), false).outcome() == Outcome.ERROR);
    }

    @Test
    void aSilentBranchCostsOneRequestAPauseHoweverManyNamesAreAskedFor() throws Exception {
        enterpriseNode.close();
        try (SilentNode silent = new SilentNode(enterprisePort)) {
            Recursive recursive = new Recursive("recursion.timeoutMillis=500", "recursion.backOffMillis=600000");
            NodeClient client = recursive.raw();
            await().atMost(PATIENCE)
                    .until(() -> ask(client, item("FIRST"), false).outcome() == Outcome.ERROR
                            && recursive.count("waymark.recursion.pauses") > 0);
            double nationalAnswers = answersOfNational();
            int connections = silent.connections.get();

            List<CompletableFuture<RawAnswer>> flood = IntStream.range(0, 200)
                    .mapToObj(i -> client.resolve(item("RANDOM-" + i), false, Set.of(), List.of()))
                    .toList();

            flood.forEach(answer -> assertThat(
                            answer.orTimeout(60, TimeUnit.SECONDS).join().outcome())
                    .isEqualTo(Outcome.ERROR));
            assertThat(answersOfNational()).isEqualTo(nationalAnswers);
            assertThat(silent.connections.get()).isEqualTo(connections);
            // Another branch is none of that one's business.
            assertThat(ask(client, RecordKey.of(RecordKind.ITEM, root.prefix().scheme(), "88.7/X"), false)
                            .outcome())
                    .isEqualTo(Outcome.NOT_FOUND);
        }
    }

    private double answersOfNational() {
        return nationalMeters.find("waymark.resolutions").meters().stream()
                .flatMap(meter -> StreamSupport.stream(meter.measure().spliterator(), false))
                .mapToDouble(Measurement::getValue)
                .sum();
    }

    /** Takes connections at a node's port, and ends them at once. */
    private static class DeadNode implements AutoCloseable {

        final AtomicInteger connections = new AtomicInteger();
        private final ServerSocket server;

        DeadNode(int port) throws IOException {
            server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            Thread thread = new Thread(this::accept, "dead-node");
            thread.setDaemon(true);
            thread.start();
        }

        private void accept() {
            try {
                while (true) {
                    Socket socket = server.accept();
                    connections.incrementAndGet();
                    taken(socket);
                }
            } catch (IOException e) {
                // The test is over.
            }
        }

        void taken(Socket socket) throws IOException {
            socket.close();
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    /** Takes connections and never says anything. */
    private static final class SilentNode extends DeadNode {

        private final List<Socket> held = new ArrayList<>();

        SilentNode(int port) throws IOException {
            super(port);
        }

        @Override
        synchronized void taken(Socket socket) {
            held.add(socket);
        }

        @Override
        public synchronized void close() throws IOException {
            super.close();
            for (Socket socket : held) {
                socket.close();
            }
        }
    }
}
