package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.RawAnswer;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.node.registry.CommitResult;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.node.registry.Write;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.Suite;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/** How soon a node with many records answers, and how much memory it holds while it does. */
class StartupIT {

    /** More than the caches hold, so that both nodes fill them. */
    private static final int FEW_RECORDS = 250_000;

    private static final int MANY_RECORDS = 1_000_000;
    private static final int LOOKUPS = 200_000;
    private static final int LOOKUPS_A_CALL = 1_000;
    private static final int LOADED_A_COMMIT = 100 * RecordSigner.USUAL_TREE;

    private static final Duration LONGEST_START = Duration.ofSeconds(3);
    private static final int STARTS = 3;

    private static final long MIB = 1_024 * 1_024;
    private static final long HEAP_MIB = 256;
    private static final long DIRECT_MIB = 128;
    private static final long BLOCK_CACHE_MIB = 64;
    /** Code, classes, stacks, the collector's and RocksDB's own structures, and what malloc holds. */
    private static final long OTHER_MIB = 192;

    private static final List<String> JVM =
            List.of("-XX:+UseParallelGC", "-Xmx" + HEAP_MIB + "m", "-XX:MaxDirectMemorySize=" + DIRECT_MIB + "m");

    @RegisterExtension
    private final NodeProcesses nodes = new NodeProcesses();

    @TempDir
    private Path directory;

    private final TestParties parties = new TestParties(Suite.ED25519);

    /**
     * A start of a node, and what it came to hold.
     *
     * @param start from the start of the process to the line that says that it listens
     * @param ownStart the same without what its main thread waited for a processor that others had
     */
    private record Measured(
            Duration start, Duration ownStart, Duration processorTime, long idleBytes, long busyBytes) {}

    @Test
    void aNodeWithAMillionRecordsStartsSoonAndItsMemoryDoesNotGrowWithThem() throws Exception {
        Path few = directory.resolve("few");
        Path many = directory.resolve("many");
        load(few, FEW_RECORDS);
        load(many, MANY_RECORDS);

        Measured withFew = measure(few, FEW_RECORDS);
        Measured withMany = measure(many, MANY_RECORDS);

        assertThat(withMany.ownStart()).isLessThan(LONGEST_START);
        assertThat(withMany.busyBytes()).isLessThan((HEAP_MIB + DIRECT_MIB + BLOCK_CACHE_MIB + OTHER_MIB) * MIB);
        assertThat((double) withMany.idleBytes()).isLessThan(1.15 * withFew.idleBytes());
        assertThat((double) withMany.busyBytes()).isLessThan(1.15 * withFew.busyBytes());
    }

    private void load(Path dataDir, int records) throws Exception {
        long begin = System.nanoTime();
        RecordSigner signer = new RecordSigner(parties.maker.workingKey());
        long issuedAt = System.currentTimeMillis();
        try (Registry registry = RocksRegistry.open(dataDir.resolve("registry"), RocksOptions.defaults())) {
            CompletableFuture<List<CommitResult>> last = registry.commit(writes(parties.prefixRecords()));
            List<RecordDraft> drafts = new ArrayList<>();
            for (int i = 1; i <= records; i++) {
                drafts.add(RecordDraft.item(identifier(i), parties.maker.prefix())
                        .issuedAt(issuedAt)
                        .value(2_000, "name", "Axial piston pump")
                        .value(2_001, "serial", "ZB" + i)
                        .value(2_002, "report", "https://trace.example.com/inspections/2024/IR-" + i + ".pdf")
                        .build());
                if (drafts.size() == LOADED_A_COMMIT || i == records) {
                    List<Write> writes = writes(signer.signAll(drafts));
                    drafts.clear();
                    // The registry writes while the next ones are signed.
                    requireCommitted(last);
                    last = registry.commit(writes);
                }
            }
            requireCommitted(last);
        }
        System.out.printf(Locale.ROOT, "%,d records loaded in %.1f s%n", records, seconds(System.nanoTime() - begin));
    }

    private static void requireCommitted(CompletableFuture<List<CommitResult>> results) throws Exception {
        assertThat(results.get(5, TimeUnit.MINUTES)).allMatch(CommitResult.Committed.class::isInstance);
    }

    private static List<Write> writes(List<IdentifierRecord> records) {
        return records.stream()
                .map(record -> Write.create(
                        record.key(), record.digest(Suite.ED25519.hash()).bytes(), record.encoded()))
                .toList();
    }

    private Identifier identifier(int number) {
        return parties.maker.identifier(String.format(Locale.ROOT, "P%07d", number));
    }

    private Measured measure(Path dataDir, int records) throws Exception {
        NodeProcess node = start(dataDir);
        Measured best = started(node);
        // The machine may be busy with something else: the best start counts.
        for (int i = 1; i < STARTS; i++) {
            node.kill();
            node = start(dataDir);
            Measured next = started(node);
            best = next.ownStart().compareTo(best.ownStart()) < 0 ? next : best;
        }
        resolveAtRandom(node, records);
        Measured measured = new Measured(
                best.start(), best.ownStart(), best.processorTime(), best.idleBytes(), node.residentBytes());
        node.kill();
        System.out.printf(
                Locale.ROOT,
                "%,d records: listening after %.2f s (%.2f s without waiting for a processor; %.2f s of processor time),"
                        + " %d MiB resident, %d MiB after %,d look-ups%n",
                records,
                seconds(measured.start().toNanos()),
                seconds(measured.ownStart().toNanos()),
                seconds(measured.processorTime().toNanos()),
                measured.idleBytes() / MIB,
                measured.busyBytes() / MIB,
                LOOKUPS);
        return measured;
    }

    private static Measured started(NodeProcess node) {
        return new Measured(
                node.timeToListen(),
                node.timeToListen().minus(node.waitForProcessor()),
                node.processorTime(),
                node.residentBytes(),
                0);
    }

    private NodeProcess start(Path dataDir) {
        List<String> arguments = new ArrayList<>(List.of("serve"));
        arguments.addAll(List.of(NodeProcesses.arguments(
                dataDir,
                parties.root.anchor(),
                "protobuf.port=0",
                "nearCache.maxBytes=64MiB",
                "registry.blockCacheBytes=" + BLOCK_CACHE_MIB + "MiB")));
        return nodes.run(JVM, arguments.toArray(String[]::new)).awaitListening();
    }

    private void resolveAtRandom(NodeProcess node, int records) throws Exception {
        Random random = new Random(records);
        try (NodeClient client = node.client()) {
            for (int i = 0; i < LOOKUPS; i += LOOKUPS_A_CALL) {
                List<RecordKey> keys = random.ints(LOOKUPS_A_CALL, 1, records + 1)
                        .mapToObj(this::identifier)
                        .map(identifier -> RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical()))
                        .toList();
                List<RawAnswer> answers =
                        client.resolveMany(keys, false, Set.of(), List.of()).get(1, TimeUnit.MINUTES);
                assertThat(answers).allMatch(answer -> answer.outcome() == Outcome.RECORD);
            }
        }
        try (ResolverClient client = node.resolver(parties.root.anchor())) {
            assertThat(client.blocking().resolve(identifier(records))).isInstanceOf(Resolution.Found.class);
        }
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
