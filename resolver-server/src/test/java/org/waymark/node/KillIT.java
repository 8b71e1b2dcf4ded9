package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.HistoryVersion;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.client.WaymarkException;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Scheme;
import org.waymark.node.registry.Change;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.node.registry.StoredRecord;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.Suite;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;

/** A node is killed again and again while clients register. */
class KillIT {

    private static final int KILLS = 20;
    private static final int WRITERS = 4;
    private static final int HISTORIES_ASKED = 200;

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path dataDir;

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final Ledger ledger = new Ledger();
    private volatile boolean stopping;

    /** What was sent, and what the node acknowledged. */
    private static final class Ledger {

        private final Map<RecordKey, Map<Long, IdentifierRecord>> sent = new ConcurrentHashMap<>();
        private final Map<RecordKey, IdentifierRecord> acknowledged = new ConcurrentHashMap<>();
        private final Map<RecordKey, IdentifierRecord> unchecked = new ConcurrentHashMap<>();
        private final AtomicInteger acknowledgements = new AtomicInteger();
        private final AtomicInteger repeats = new AtomicInteger();
        private final AtomicInteger givenUp = new AtomicInteger();

        void send(Collection<IdentifierRecord> records) {
            for (IdentifierRecord record : records) {
                sent.computeIfAbsent(record.key(), key -> new ConcurrentHashMap<>())
                        .put(record.version(), record);
            }
        }

        void acknowledge(Collection<IdentifierRecord> records) {
            for (IdentifierRecord record : records) {
                acknowledged.put(record.key(), record);
                unchecked.put(record.key(), record);
            }
            acknowledgements.addAndGet(records.size());
        }

        /** What was acknowledged since this was asked last. */
        List<IdentifierRecord> takeUnchecked() {
            List<IdentifierRecord> taken = new ArrayList<>();
            unchecked.keySet().forEach(key -> taken.add(unchecked.remove(key)));
            return taken;
        }

        /** Fails unless these very bytes were sent. */
        void requireSent(IdentifierRecord record) {
            assertThat(sent).containsKey(record.key());
            IdentifierRecord original = sent.get(record.key()).get(record.version());
            assertThat(original).as("what was sent as %s", record).isNotNull();
            assertThat(record.encoded()).isEqualTo(original.encoded());
        }
    }

    /** Registers new items, and new versions of those it has registered, without end. */
    private final class Writer implements Callable<Void> {

        private final RegistryClient registry;
        private final String name;
        private final Random random;
        private final RecordSigner signer = new RecordSigner(parties.maker.workingKey());
        private final List<IdentifierRecord> own = new ArrayList<>();
        private int made;

        Writer(RegistryClient registry, String name) {
            this.registry = registry;
            this.name = name;
            this.random = new Random(name.hashCode());
        }

        @Override
        public Void call() throws Exception {
            while (!stopping) {
                List<IdentifierRecord> records = signer.signAll(drafts());
                ledger.send(records);
                register(records);
            }
            return null;
        }

        private List<RecordDraft> drafts() {
            List<RecordDraft> drafts = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0 && !own.isEmpty(); i--) {
                IdentifierRecord before = own.remove(random.nextInt(own.size()));
                String suffix = before.key().identifier().split("/")[1];
                drafts.add(parties.following(before, parties.maker.itemDraft(suffix))
                        .value(3, "state", "changed " + before.version() + " times")
                        .issuedAt(Math.max(before.issuedAt(), System.currentTimeMillis()))
                        .build());
            }
            for (int i = 1 + random.nextInt(6); i > 0; i--) {
                drafts.add(parties.maker.itemDraft(name + "-" + made++).build());
            }
            return drafts;
        }

        private void register(List<IdentifierRecord> records) throws Exception {
            List<IdentifierRecord> left = records;
            while (!left.isEmpty()) {
                try {
                    List<Registration> results = registry.register(left).get(2, TimeUnit.MINUTES);
                    assertThat(results).allMatch(Registration::isStored);
                    ledger.acknowledge(left);
                    own.addAll(left);
                    if (random.nextInt(4) == 0) {
                        repeat(left);
                    }
                    return;
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof WaymarkException)) {
                        throw e;
                    }
                    // The fate of these is not known. New items may be left to it, versions are sent until they are
                    // there.
                    List<IdentifierRecord> kept = left.stream()
                            .filter(record -> record.version() > 1 || random.nextBoolean())
                            .toList();
                    ledger.givenUp.addAndGet(left.size() - kept.size());
                    left = kept;
                }
            }
        }

        private void repeat(List<IdentifierRecord> records) throws Exception {
            try {
                List<Registration> again = registry.register(records).get(2, TimeUnit.MINUTES);
                assertThat(again).allMatch(registration -> registration.code() == RegisterResult.Code.UNCHANGED);
                ledger.repeats.addAndGet(records.size());
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(WaymarkException.class);
            }
        }
    }

    @Test
    void whatWasAcknowledgedSurvivesEveryKillAndNothingElseAppears() throws Exception {
        String port = "protobuf.port=" + freePort();
        NodeProcess node = serve(port);
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try (NodeClient client = NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", node.port())
                .connectionsPerNode(WRITERS)
                .longestBackOff(Duration.ofMillis(100))
                .build())) {
            RegistryClient registry = new RegistryClient(client);
            assertThat(registry.register(parties.prefixRecords()).get(1, TimeUnit.MINUTES))
                    .allMatch(Registration::isStored);
            List<Future<Void>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(threads.submit(new Writer(registry, "W" + i)));
            }
            for (int kill = 0; kill < KILLS; kill++) {
                int wanted = ledger.acknowledgements.get()
                        + 1
                        + ThreadLocalRandom.current().nextInt(300);
                await().pollInterval(Duration.ofMillis(1))
                        .atMost(Duration.ofMinutes(1))
                        .until(() -> ledger.acknowledgements.get() >= wanted
                                || writers.stream().anyMatch(Future::isDone));
                node.kill();
                node = serve(port);
                requireResolved(node, ledger.takeUnchecked());
            }
            stopping = true;
            for (Future<Void> writer : writers) {
                writer.get(2, TimeUnit.MINUTES);
            }
        } finally {
            stopping = true;
            threads.shutdown();
        }
        node.kill();
        node = serve(port);
        requireResolved(node, ledger.acknowledged.values());
        requireHistories(node);
        node.kill();
        requireRegistry();
        System.out.printf(
                "%d kills: %d acknowledged, %d given up, %d repeated%n",
                KILLS, ledger.acknowledgements.get(), ledger.givenUp.get(), ledger.repeats.get());
    }

    private NodeProcess serve(String port) {
        return nodes.serve(dataDir, parties.root.anchor(), port);
    }

    /** Below the ports from which connections are made: else a client that waits for the node could be given its port. */
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                // Taken: another one.
            }
        }
    }

    /** Every record is there, in this version or a later one that was sent, and verifies from the anchor. */
    private void requireResolved(NodeProcess node, Collection<IdentifierRecord> records) {
        List<IdentifierRecord> expected = List.copyOf(records);
        List<Identifier> identifiers = expected.stream().map(KillIT::identifier).toList();
        try (ResolverClient resolver = node.resolver(parties.root.anchor())) {
            List<CompletableFuture<Resolution>> answers = resolver.resolveAll(identifiers);
            for (int i = 0; i < expected.size(); i++) {
                Resolution answer = answers.get(i).join();
                assertThat(answer).as("the answer for %s", expected.get(i)).isInstanceOf(Resolution.Found.class);
                IdentifierRecord found = ((Resolution.Found) answer).record();
                assertThat(found.version())
                        .isGreaterThanOrEqualTo(expected.get(i).version());
                ledger.requireSent(found);
            }
        }
    }

    private static Identifier identifier(IdentifierRecord record) {
        return Identifier.parse(record.scheme(), record.key().identifier());
    }

    private void requireHistories(NodeProcess node) {
        List<IdentifierRecord> changed = ledger.acknowledged.values().stream()
                .filter(record -> record.version() > 1)
                .limit(HISTORIES_ASKED)
                .toList();
        assertThat(changed).isNotEmpty();
        try (ResolverClient resolver = node.resolver(parties.root.anchor())) {
            for (IdentifierRecord record : changed) {
                List<HistoryVersion> versions = resolver.blocking().history(identifier(record));
                assertThat(versions).hasSizeGreaterThanOrEqualTo((int) record.version());
                versions.forEach(version -> ledger.requireSent(version.record()));
            }
        }
    }

    /** The registry, read past the node: all that was acknowledged, nothing that was not sent, no gap anywhere. */
    private void requireRegistry() {
        try (Registry registry = RocksRegistry.open(dataDir.resolve("registry"), RocksOptions.defaults())) {
            List<StoredRecord> current = new ArrayList<>();
            registry.scan(RecordKind.ITEM, Scheme.VAA, "", "", Integer.MAX_VALUE, current::add);
            assertThat(current)
                    .extracting(StoredRecord::key)
                    .containsAll(ledger.acknowledged.keySet())
                    .doesNotHaveDuplicates();
            long versions = parties.prefixRecords().size();
            for (StoredRecord stored : current) {
                List<StoredRecord> history = registry.history(stored.key(), 1, Integer.MAX_VALUE, Integer.MAX_VALUE);
                assertThat(history).hasSize((int) stored.version());
                IdentifierRecord acknowledged = ledger.acknowledged.get(stored.key());
                assertThat(stored.version()).isGreaterThanOrEqualTo(acknowledged == null ? 1 : acknowledged.version());
                for (int i = 0; i < history.size(); i++) {
                    IdentifierRecord record =
                            IdentifierRecord.parse(history.get(i).record());
                    assertThat(record.version()).isEqualTo(i + 1);
                    ledger.requireSent(record);
                }
                versions += history.size();
            }
            List<Change> changes = registry.changes(0, Integer.MAX_VALUE);
            assertThat(changes).hasSize(Math.toIntExact(versions));
            for (int i = 0; i < changes.size(); i++) {
                assertThat(changes.get(i).sequence()).isEqualTo(i + 1);
            }
            assertThat(registry.lastSequence()).isEqualTo(versions);
        }
    }
}
