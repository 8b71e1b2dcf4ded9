package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.client.WaymarkException;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.Suite;

/** A node is told to end, or can't begin. */
class ShutdownIT {

    /** What a JVM ends with after SIGTERM: 128 and the signal's number. */
    private static final int TERMINATED = 143;

    private static final int ACKNOWLEDGED_FIRST = 500;
    private static final int AT_A_TIME = 64;

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path directory;

    private final TestParties parties = new TestParties(Suite.ED25519);

    @Test
    void aNodeThatEndsUnderLoadAnswersOrFailsEveryRequestAndKeepsWhatItAcknowledged() throws Exception {
        NodeProcess node = serve(directory);
        Queue<IdentifierRecord> acknowledged = new ConcurrentLinkedQueue<>();
        Queue<CompletableFuture<?>> requests = new ConcurrentLinkedQueue<>();
        try (NodeClient client = node.client()) {
            RegistryClient registry = new RegistryClient(client);
            assertThat(registry.register(parties.prefixRecords()).get(1, TimeUnit.MINUTES))
                    .allMatch(Registration::isStored);
            Thread load = new Thread(() -> keepBusy(client, registry, requests, acknowledged), "load");
            load.start();
            await().atMost(Duration.ofMinutes(1)).until(() -> acknowledged.size() >= ACKNOWLEDGED_FIRST);

            node.terminate();
            assertThat(node.awaitExit()).isEqualTo(TERMINATED);

            load.interrupt();
            load.join();
            for (CompletableFuture<?> request : requests) {
                requireSettled(request);
            }
        }
        assertThat(node.err().lines()).singleElement().asString().contains("ready");
        requirePortIsFree(node.port());

        NodeProcess again = serve(directory);
        List<Identifier> identifiers = acknowledged.stream()
                .map(record -> Identifier.parse(record.scheme(), record.key().identifier()))
                .toList();
        try (ResolverClient resolver = again.resolver(parties.root.anchor())) {
            assertThat(resolver.blocking().resolveAll(identifiers)).allMatch(Resolution.Found.class::isInstance);
        }
    }

    /** Registers and resolves, {@value #AT_A_TIME} requests at a time, until it is interrupted. */
    private void keepBusy(
            NodeClient client,
            RegistryClient registry,
            Queue<CompletableFuture<?>> requests,
            Queue<IdentifierRecord> acknowledged) {
        int made = 0;
        while (!Thread.currentThread().isInterrupted()) {
            List<CompletableFuture<?>> together = new ArrayList<>();
            for (int i = 0; i < AT_A_TIME; i += 2) {
                IdentifierRecord record = parties.maker.sign(parties.maker.itemDraft("S" + made++));
                together.add(registry.register(record).thenAccept(registration -> {
                    if (registration.isStored()) {
                        acknowledged.add(record);
                    }
                }));
                RecordKey key = record.key();
                together.add(client.resolve(key, false, Set.of(), List.of()));
            }
            requests.addAll(together);
            try {
                CompletableFuture.allOf(together.toArray(CompletableFuture[]::new))
                        .handle((done, failure) -> null)
                        .get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void requireSettled(CompletableFuture<?> request) {
        try {
            request.orTimeout(1, TimeUnit.MINUTES).join();
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(WaymarkException.class);
        }
    }

    private static void requirePortIsFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(socket.isBound()).isTrue();
        }
    }

    @Test
    void aSecondNodeOnTheSameDataIsRefusedInOneLine() {
        serve(directory);
        NodeProcess second = begin(directory, "protobuf.port=0");
        assertThat(second.awaitExit()).isEqualTo(1);
        requireOneLine(second, "in use by another process");
    }

    @Test
    void aPortInUseIsToldInOneLine() {
        NodeProcess first = serve(directory.resolve("first"));
        NodeProcess second = begin(directory.resolve("second"), "protobuf.port=" + first.port());
        assertThat(second.awaitExit()).isEqualTo(1);
        requireOneLine(second, "cannot listen on 127.0.0.1:" + first.port());
    }

    @Test
    void aConfigurationThatCannotBeReadIsToldInOneLine() throws IOException {
        Path config = Files.writeString(directory.resolve("waymark.yaml"), "node:\n  dataDir: [\n");
        NodeProcess node = nodes.run(NodeProcess.QUICK_JVM, "serve", "--config", config.toString());
        assertThat(node.awaitExit()).isEqualTo(2);
        requireOneLine(node, config.toString());
    }

    private NodeProcess serve(Path dataDir) {
        return nodes.serve(dataDir, parties.root.anchor());
    }

    private NodeProcess begin(Path dataDir, String setting) {
        List<String> arguments = new ArrayList<>(List.of("serve"));
        arguments.addAll(List.of(NodeProcesses.arguments(dataDir, parties.root.anchor(), setting)));
        return nodes.run(NodeProcess.QUICK_JVM, arguments.toArray(String[]::new));
    }

    private static void requireOneLine(NodeProcess node, String part) {
        assertThat(node.out()).isEmpty();
        assertThat(node.err().lines())
                .singleElement()
                .asString()
                .startsWith("waymark-node: ")
                .contains(part);
    }
}
