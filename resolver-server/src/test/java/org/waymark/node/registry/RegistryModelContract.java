package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.registry.Records.await;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import org.waymark.record.RecordKey;

/** Rows of commits at random, checked against a {@link RegistryModel}. A subclass names the engine. */
abstract class RegistryModelContract {

    private static final List<RecordKey> KEYS = List.of(
            Records.prefix("88.118"),
            Records.prefix("88.118.8"),
            Records.item("88.118.8/a"),
            Records.item("88.118.8/a\0"),
            Records.item("88.118.8/a\0\u0001"),
            Records.item("88.118.8/ab"));

    /** A new store, empty at first: each call opens it, and the one opened before is closed by then. */
    protected abstract Supplier<Registry> newStore();

    /** What is done to the store: it is opened again, then batches are handed in without waiting in between. */
    record Step(boolean reopen, List<List<Draft>> batches) {}

    /** A write as it is drawn, before the versions that are current then are known. */
    record Draft(RecordKey key, int versionOff, boolean rightDigest, RecordKey condition, int conditionOff, int size) {

        Write on(RegistryModel model, int digest) {
            List<Write> before = model.versions(key);
            long expected = Math.max(0, before.size() + versionOff);
            boolean isKnown = expected > 0 && expected <= before.size() && rightDigest;
            ByteString known = isKnown ? before.get((int) expected - 1).digest() : Records.digest(99);
            long seen = Math.max(0, model.versions(condition).size() + conditionOff);
            return new Write(
                    key,
                    expected + 1,
                    Records.digest(digest),
                    Records.bytes("x".repeat(size)),
                    expected,
                    expected == 0 ? ByteString.EMPTY : known,
                    List.of(new Condition(condition, seen)));
        }
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void aRegistryAgreesWithTheModel(@ForAll("steps") List<Step> steps) {
        Supplier<Registry> store = newStore();
        RegistryModel model = new RegistryModel();
        Registry registry = store.get();
        try {
            int digest = 0;
            for (Step step : steps) {
                if (step.reopen()) {
                    registry.close();
                    registry = store.get();
                }
                List<List<Write>> batches = new ArrayList<>();
                for (List<Draft> drafts : step.batches()) {
                    List<Write> batch = new ArrayList<>();
                    for (Draft draft : drafts) {
                        batch.add(draft.on(model, digest++));
                    }
                    batches.add(batch);
                }
                commit(registry, model, batches);
                compare(registry, model);
            }
        } finally {
            registry.close();
        }
    }

    private static void commit(Registry registry, RegistryModel model, List<List<Write>> batches) {
        List<CompletableFuture<List<CommitResult>>> futures =
                batches.stream().map(registry::commit).toList();
        for (int b = 0; b < batches.size(); b++) {
            List<Write> batch = batches.get(b);
            List<CommitResult> results = await(futures.get(b));
            assertThat(results).hasSameSizeAs(batch);
            for (int w = 0; w < batch.size(); w++) {
                assertThat(model.agrees(batch.get(w), results.get(w)))
                        .as("%s gave %s", batch.get(w), results.get(w))
                        .isTrue();
            }
        }
    }

    private static void compare(Registry registry, RegistryModel model) {
        assertThat(registry.lastSequence()).isEqualTo(model.changes().size());
        assertThat(registry.changes(0, Integer.MAX_VALUE)).isEqualTo(model.changes());
        for (RecordKey key : KEYS) {
            List<Write> expected = model.versions(key);
            List<StoredRecord> stored = registry.history(key, 1, Integer.MAX_VALUE, Integer.MAX_VALUE);
            assertThat(stored).extracting(StoredRecord::digest).isEqualTo(digests(expected));
            assertThat(stored)
                    .extracting(StoredRecord::record)
                    .isEqualTo(expected.stream().map(Write::record).toList());
            for (StoredRecord version : stored) {
                assertThat(version.key()).isEqualTo(key);
                assertThat(registry.read(key, version.version())).contains(version);
            }
            assertThat(registry.read(key, stored.size() + 1)).isEmpty();
            assertThat(registry.read(key).stream().toList())
                    .isEqualTo(stored.subList(Math.max(0, stored.size() - 1), stored.size()));
        }
    }

    private static List<ByteString> digests(List<Write> writes) {
        return writes.stream().map(Write::digest).toList();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> mostlyRight = Arbitraries.frequency(Tuple.of(8, 0), Tuple.of(1, -1), Tuple.of(1, 1));
        Arbitrary<Draft> drafts = Combinators.combine(
                        Arbitraries.of(KEYS),
                        mostlyRight,
                        Arbitraries.frequency(Tuple.of(9, true), Tuple.of(1, false)),
                        Arbitraries.of(KEYS),
                        mostlyRight,
                        Arbitraries.integers().between(1, 500))
                .as(Draft::new);
        Arbitrary<Step> step = Combinators.combine(
                        Arbitraries.frequency(Tuple.of(1, true), Tuple.of(5, false)),
                        drafts.list().ofMaxSize(6).list().ofMaxSize(4))
                .as(Step::new);
        return step.list().ofMinSize(1).ofMaxSize(15);
    }
}
