package org.waymark.node.registry;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.waymark.node.registry.Records.await;
import static org.waymark.node.registry.Records.bytes;
import static org.waymark.node.registry.Records.commit;
import static org.waymark.node.registry.Records.digest;
import static org.waymark.node.registry.Records.item;
import static org.waymark.node.registry.Records.prefix;
import static org.waymark.node.registry.Records.version;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Scheme;
import org.waymark.node.registry.CommitResult.Committed;
import org.waymark.node.registry.CommitResult.ConditionFailed;
import org.waymark.node.registry.CommitResult.Conflict;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/** What every engine has to do. A subclass names the engine. */
abstract class RegistryContract {

    private static final RecordKey PUMP = item("88.118.8/PUMP-1");
    private static final RecordKey CRANE = item("88.118.8/CRANE-1");
    private static final RecordKey OWNER = prefix("88.118.8");

    protected Registry registry;

    /** Opens the test's own store, which is empty at first. The one opened before is closed by then. */
    protected abstract Registry open();

    @BeforeEach
    void openRegistry() {
        registry = open();
    }

    @AfterEach
    void closeRegistry() {
        registry.close();
    }

    private void reopen() {
        registry.close();
        registry = open();
    }

    @Test
    void anEmptyRegistryHoldsNothing() {
        assertThat(registry.read(PUMP)).isEmpty();
        assertThat(registry.read(PUMP, 1)).isEmpty();
        assertThat(registry.history(PUMP, 1, 10, 1_000)).isEmpty();
        assertThat(registry.lastSequence()).isZero();
        assertThat(registry.changes(0, 10)).isEmpty();
        assertThat(registry.isHealthy()).isTrue();
    }

    @Test
    void aCommittedRecordIsReadVerbatim() {
        long before = System.currentTimeMillis();

        CommitResult result = commit(registry, Write.create(PUMP, digest(7), bytes("signed")));

        StoredRecord stored = registry.read(PUMP).orElseThrow();
        assertThat(stored).isEqualTo(new StoredRecord(PUMP, 1, 1, stored.committedAt(), digest(7), bytes("signed")));
        assertThat(stored.committedAt()).isBetween(before, System.currentTimeMillis());
        assertThat(result).isEqualTo(new Committed(1, stored.committedAt()));
    }

    @Test
    void aRecordOfTheOtherKindOrOfAnotherSchemeIsAnotherRecord() {
        RecordKey oidItem = RecordKey.of(RecordKind.ITEM, Scheme.OID, "1.2.156");
        RecordKey oidPrefix = RecordKey.of(RecordKind.PREFIX, Scheme.OID, "1.2.156");
        RecordKey handle = RecordKey.of(RecordKind.ITEM, Scheme.HANDLE, "1.2.156");

        commit(registry, Write.create(oidItem, digest(1), bytes("an item")));
        commit(registry, Write.create(oidPrefix, digest(1), bytes("a prefix")));

        assertThat(registry.read(oidItem).orElseThrow().record()).isEqualTo(bytes("an item"));
        assertThat(registry.read(oidPrefix).orElseThrow().record()).isEqualTo(bytes("a prefix"));
        assertThat(registry.read(handle)).isEmpty();
    }

    @Test
    void theNextVersionReplacesTheCurrentOne() {
        commit(registry, version(PUMP, 1, "one"));
        StoredRecord first = registry.read(PUMP).orElseThrow();

        commit(registry, Write.update(first, digest(2), bytes("two")));

        StoredRecord second = registry.read(PUMP).orElseThrow();
        assertThat(second.version()).isEqualTo(2);
        assertThat(second.record()).isEqualTo(bytes("two"));
        assertThat(registry.read(PUMP, 1)).contains(first);
        assertThat(registry.read(PUMP, 2)).contains(second);
        assertThat(registry.read(PUMP, 3)).isEmpty();
    }

    @Test
    void aStaleVersionIsRefusedWithTheCurrentOne() {
        commit(registry, version(PUMP, 1, "one"));
        commit(registry, version(PUMP, 2, "two"));

        assertThat(commit(registry, version(PUMP, 1, "late"))).isEqualTo(new Conflict(2, digest(2)));
        assertThat(commit(registry, version(PUMP, 2, "late"))).isEqualTo(new Conflict(2, digest(2)));
        assertThat(commit(registry, version(PUMP, 4, "early"))).isEqualTo(new Conflict(2, digest(2)));
        assertThat(registry.read(PUMP).orElseThrow().record()).isEqualTo(bytes("two"));
        assertThat(registry.lastSequence()).isEqualTo(2);
    }

    @Test
    void aFirstVersionIsRefusedWhereAnotherCameAfterItsMakerLooked() {
        commit(registry, version(CRANE, 1, "crane"));
        Write one = created(PUMP, "one", registry.lastSequence());
        Write other = created(PUMP, "other", registry.lastSequence());

        assertThat(commit(registry, one)).isInstanceOf(Committed.class);
        assertThat(commit(registry, other)).isEqualTo(new Conflict(1, digest(1)));
        assertThat(registry.read(PUMP).orElseThrow().record()).isEqualTo(bytes("one"));
    }

    @Test
    void ofTwoFirstVersionsInOneBatchTheSecondIsRefusedThoughNothingWasThereForEither() {
        Write one = created(PUMP, "one", registry.lastSequence());
        Write other = created(PUMP, "other", registry.lastSequence());

        List<CommitResult> results = commit(registry, List.of(one, other));

        assertThat(results.get(0)).isInstanceOf(Committed.class);
        assertThat(results.get(1)).isEqualTo(new Conflict(1, digest(1)));
    }

    /** A first version whose maker found none when this commit was the last. */
    private static Write created(RecordKey key, String text, long asOf) {
        return new Write(key, 1, digest(1), bytes(text), 0, ByteString.EMPTY, List.of(), asOf);
    }

    @Test
    void aVersionThatFollowsAnotherDigestIsRefused() {
        commit(registry, version(PUMP, 1, "one"));

        Write fork = new Write(PUMP, 2, digest(2), bytes("fork"), 1, digest(9), List.of());

        assertThat(commit(registry, fork)).isEqualTo(new Conflict(1, digest(1)));
    }

    @Test
    void anUpdateOfWhatDoesNotExistIsRefused() {
        assertThat(commit(registry, version(PUMP, 2, "two"))).isEqualTo(new Conflict(0, ByteString.EMPTY));
    }

    @Test
    void eachWriteOfABatchIsJudgedByItself() {
        commit(registry, version(PUMP, 1, "one"));

        List<CommitResult> results = commit(
                registry, List.of(version(PUMP, 1, "late"), version(CRANE, 1, "crane"), version(PUMP, 2, "two")));

        assertThat(results.get(0)).isInstanceOf(Conflict.class);
        assertThat(results.get(1)).isInstanceOf(Committed.class);
        assertThat(results.get(2)).isInstanceOf(Committed.class);
    }

    @Test
    void aWriteSeesThoseBeforeItInItsBatch() {
        List<CommitResult> results = commit(
                registry,
                List.of(
                        version(PUMP, 1, "one"),
                        version(PUMP, 1, "again"),
                        version(PUMP, 2, "two"),
                        version(PUMP, 3, "three")));

        assertThat(results.get(1)).isEqualTo(new Conflict(1, digest(1)));
        assertThat(registry.history(PUMP, 1, 10, 1_000))
                .extracting(stored -> stored.record().toStringUtf8())
                .containsExactly("one", "two", "three");
        assertThat(registry.changes(0, 10))
                .containsExactly(new Change(1, PUMP, 1), new Change(2, PUMP, 2), new Change(3, PUMP, 3));
    }

    @Test
    void aBatchOfNothingHasNoResults() {
        assertThat(commit(registry, List.of())).isEmpty();
        assertThat(registry.lastSequence()).isZero();
    }

    @Test
    void aWriteIsAdmittedWhileItsConditionsHold() {
        commit(registry, version(OWNER, 1, "owner"));

        Write write = version(PUMP, 1, "one")
                .withConditions(List.of(new Condition(OWNER, 1), new Condition(prefix("88.118.8.1"), 0)));

        assertThat(commit(registry, write)).isInstanceOf(Committed.class);
    }

    @Test
    void aWriteIsRefusedIfAPrefixMovedOn() {
        commit(registry, version(OWNER, 1, "owner"));
        commit(registry, version(OWNER, 2, "owner with another key"));

        Write write = version(PUMP, 1, "one").withConditions(List.of(new Condition(OWNER, 1)));

        assertThat(commit(registry, write)).isEqualTo(new ConditionFailed(OWNER));
        assertThat(registry.read(PUMP)).isEmpty();
    }

    @Test
    void aWriteIsRefusedIfALongerPrefixAppeared() {
        RecordKey longer = prefix("88.118.8.1");
        commit(registry, version(OWNER, 1, "owner"));
        commit(registry, version(longer, 1, "the new owner"));

        Write write =
                version(PUMP, 1, "one").withConditions(List.of(new Condition(OWNER, 1), new Condition(longer, 0)));

        assertThat(commit(registry, write)).isEqualTo(new ConditionFailed(longer));
    }

    @Test
    void aConditionSeesWritesBeforeItInItsBatch() {
        commit(registry, version(OWNER, 1, "owner"));
        Write item = version(PUMP, 1, "one").withConditions(List.of(new Condition(OWNER, 1)));

        List<CommitResult> results = commit(registry, List.of(version(OWNER, 2, "moved on"), item));

        assertThat(results.get(1)).isEqualTo(new ConditionFailed(OWNER));
    }

    @Test
    void theHistoryIsReadInPages() {
        for (int v = 1; v <= 5; v++) {
            commit(registry, version(PUMP, v, "version " + v));
        }
        commit(registry, version(item("88.118.8/PUMP-11"), 1, "a neighbour"));

        assertThat(versions(registry.history(PUMP, 1, 100, 1_000))).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(versions(registry.history(PUMP, 2, 2, 1_000))).containsExactly(2L, 3L);
        assertThat(versions(registry.history(PUMP, 4, 2, 1_000))).containsExactly(4L, 5L);
        assertThat(versions(registry.history(PUMP, 5, 2, 1_000))).containsExactly(5L);
        assertThat(registry.history(PUMP, 6, 2, 1_000)).isEmpty();
    }

    @Test
    void aPageOfHistoryEndsAtItsBytesButHoldsOneRecord() {
        for (int v = 1; v <= 3; v++) {
            commit(registry, version(PUMP, v, "0123456789"));
        }

        assertThat(versions(registry.history(PUMP, 1, 100, 29))).containsExactly(1L, 2L);
        assertThat(versions(registry.history(PUMP, 1, 100, 30))).containsExactly(1L, 2L, 3L);
        assertThat(versions(registry.history(PUMP, 1, 100, 1))).containsExactly(1L);
        assertThat(versions(registry.history(PUMP, 3, 100, 0))).containsExactly(3L);
    }

    private static List<Long> versions(List<StoredRecord> records) {
        return records.stream().map(StoredRecord::version).toList();
    }

    @Test
    void theFeedIsReadFromAnySequence() {
        commit(registry, version(PUMP, 1, "one"));
        commit(registry, List.of(version(CRANE, 1, "one"), version(PUMP, 2, "two")));

        assertThat(registry.changes(0, 10))
                .containsExactly(new Change(1, PUMP, 1), new Change(2, CRANE, 1), new Change(3, PUMP, 2));
        assertThat(registry.changes(1, 1)).containsExactly(new Change(2, CRANE, 1));
        assertThat(registry.changes(3, 10)).isEmpty();
        assertThat(registry.changes(99, 10)).isEmpty();
    }

    @Test
    void whoWaitsForAChangeIsWokenByIt() throws Exception {
        Future<Boolean> waiting = inBackground(() -> registry.awaitChange(0, Duration.ofSeconds(30)));

        commit(registry, version(PUMP, 1, "one"));

        assertThat(waiting.get(30, SECONDS)).isTrue();
        assertThat(registry.awaitChange(0, Duration.ZERO)).isTrue();
        assertThat(registry.awaitChange(1, Duration.ofMillis(1))).isFalse();
    }

    @Test
    void whoWaitsForAChangeIsWokenByTheClose() {
        Future<Boolean> waiting = inBackground(() -> registry.awaitChange(0, Duration.ofDays(1_000_000_000)));

        registry.close();

        assertThatThrownBy(() -> waiting.get(30, SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(RegistryClosedException.class);
    }

    private interface Task<T> {
        T call() throws Exception;
    }

    private static <T> CompletableFuture<T> inBackground(Task<T> task) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                future.complete(task.call());
            } catch (Exception e) {
                future.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return future;
    }

    @Test
    void listenersHearOfAVisibleCommitBeforeItIsAcknowledged() {
        List<Change> heard = new ArrayList<>();
        AtomicBoolean wasVisible = new AtomicBoolean();
        AtomicLong numberHeard = new AtomicLong(-1);
        AtomicBoolean wasAcknowledged = new AtomicBoolean(true);
        CountDownLatch handedIn = new CountDownLatch(1);
        List<CompletableFuture<List<CommitResult>>> futures = new ArrayList<>();
        registry.onCommit(changes -> {
            awaitLatch(handedIn);
            heard.addAll(changes);
            wasVisible.set(registry.read(PUMP).isPresent());
            numberHeard.set(registry.lastSequence());
            wasAcknowledged.set(futures.get(0).isDone());
        });

        futures.add(registry.commit(List.of(version(PUMP, 1, "one"), version(CRANE, 1, "one"))));
        handedIn.countDown();
        await(futures.get(0));

        assertThat(heard).containsExactly(new Change(1, PUMP, 1), new Change(2, CRANE, 1));
        assertThat(wasVisible).isTrue();
        assertThat(numberHeard)
                .as("the number that readers take, before what listeners hold is renewed")
                .hasValue(0);
        assertThat(registry.lastSequence()).isEqualTo(2);
        assertThat(wasAcknowledged).isFalse();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aListenerThatThrowsBreaksNothing() {
        AtomicInteger heard = new AtomicInteger();
        registry.onCommit(changes -> {
            throw new IllegalStateException("this listener throws on purpose");
        });
        registry.onCommit(changes -> heard.addAndGet(changes.size()));

        assertThat(commit(registry, version(PUMP, 1, "one"))).isInstanceOf(Committed.class);
        assertThat(commit(registry, version(PUMP, 2, "two"))).isInstanceOf(Committed.class);
        assertThat(heard).hasValue(2);
    }

    @Test
    void aRefusedWriteIsNoChange() {
        AtomicInteger heard = new AtomicInteger();
        commit(registry, version(PUMP, 1, "one"));
        registry.onCommit(changes -> heard.incrementAndGet());

        commit(registry, version(PUMP, 1, "late"));

        assertThat(heard).hasValue(0);
        assertThat(registry.changes(1, 10)).isEmpty();
    }

    @Test
    void aScanWalksTheIdentifiersThatStartWithAText() {
        Stream.of("88.118.8/b", "88.118.8/a", "88.118.80/a", "88.118.8/\u6cf5", "88.118.8", "88.119/a")
                .forEach(identifier -> commit(registry, version(item(identifier), 1, identifier)));
        commit(registry, version(prefix("88.118.8/z"), 1, "of the other kind"));

        assertThat(scan("88.118.8/", "", 10)).containsExactly("88.118.8/a", "88.118.8/b", "88.118.8/\u6cf5");
        assertThat(scan("88.118.8/", "", 2)).containsExactly("88.118.8/a", "88.118.8/b");
        assertThat(scan("88.118.8/", "88.118.8/b", 2)).containsExactly("88.118.8/\u6cf5");
        assertThat(scan("88.118.8/", "88.118.8/aa", 1)).containsExactly("88.118.8/b");
        assertThat(scan("88.118.8/", "9", 10)).isEmpty();
        assertThat(scan("88.118.8/", "1", 10)).hasSize(3);
        assertThat(scan("", "", 100)).hasSize(6).startsWith("88.118.8").endsWith("88.119/a");
        assertThat(scan("89", "", 100)).isEmpty();
    }

    private List<String> scan(String startingWith, String after, int limit) {
        List<String> found = new ArrayList<>();
        int count = registry.scan(RecordKind.ITEM, Scheme.VAA, startingWith, after, limit, stored -> {
            assertThat(stored.record().toStringUtf8()).isEqualTo(stored.key().identifier());
            found.add(stored.key().identifier());
        });
        assertThat(count).isEqualTo(found.size());
        return found;
    }

    @Test
    void aConsumerOfAScanMayReadTheRegistry() {
        commit(registry, List.of(version(PUMP, 1, "one"), version(CRANE, 1, "one")));
        List<StoredRecord> read = new ArrayList<>();

        registry.scan(
                RecordKind.ITEM,
                Scheme.VAA,
                "",
                "",
                10,
                stored -> registry.read(stored.key()).ifPresent(read::add));

        assertThat(read).hasSize(2);
    }

    @Test
    void notesAreKept() {
        registry.putNote("redis.cursor", bytes("1"));
        registry.putNote("redis.cursor", bytes("2"));

        assertThat(registry.note("redis.cursor")).contains(bytes("2"));
        assertThat(registry.note("redis")).isEmpty();
        assertThat(registry.lastSequence()).isZero();
    }

    @Test
    void aNoteHasItsLimits() {
        ByteString tooLong = ByteString.copyFrom(new byte[Registry.NOTE_BYTES + 1]);

        assertThatIllegalArgumentException().isThrownBy(() -> registry.putNote("", bytes("1")));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.putNote("a name", bytes("1")));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.note("n".repeat(Registry.NOTE_NAME_CHARS + 1)));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.putNote("cursor", tooLong));
    }

    private static Document document(String key, String value) {
        return new Document(bytes(key), bytes(value));
    }

    private List<String> documents(String startingWith, String after, int limit) {
        List<String> found = new ArrayList<>();
        registry.scanDocuments(bytes(startingWith), bytes(after), document -> {
            found.add(document.key().toStringUtf8() + "=" + document.value().toStringUtf8());
            return found.size() < limit;
        });
        return found;
    }

    @Test
    void documentsAreKeptBesideTheRecords() {
        registry.putNote("a", bytes("note"));
        registry.putDocuments(List.of(document("a2", "two"), document("b", "three"), document("a1", "one")));
        registry.putDocuments(List.of(document("a1", "renewed")));

        assertThat(registry.document(bytes("a1"))).contains(bytes("renewed"));
        assertThat(registry.document(bytes("a"))).isEmpty();
        assertThat(registry.note("a")).contains(bytes("note"));
        assertThat(registry.note("a1")).isEmpty();
        assertThat(documents("", "", 9)).containsExactly("a1=renewed", "a2=two", "b=three");
        assertThat(documents("a", "", 9)).containsExactly("a1=renewed", "a2=two");
        assertThat(documents("a", "", 1)).containsExactly("a1=renewed");
        assertThat(documents("a", "a1", 9)).containsExactly("a2=two");
        assertThat(documents("a", "a3", 9)).isEmpty();
        assertThat(registry.lastSequence()).isZero();
        assertThat(registry.read(PUMP)).isEmpty();
        reopen();
        assertThat(documents("", "", 9)).containsExactly("a1=renewed", "a2=two", "b=three");
    }

    @Test
    void documentsOfAWriteAreKeptWithItOrNotAtAll() {
        Write first = version(PUMP, 1, "one").withDocuments(List.of(document("step", "1")));
        Write stale = version(PUMP, 1, "other").withDocuments(List.of(document("step", "other")));

        List<CommitResult> results = commit(registry, List.of(first, stale));

        assertThat(results.get(0)).isInstanceOf(Committed.class);
        assertThat(results.get(1)).isInstanceOf(Conflict.class);
        assertThat(registry.document(bytes("step"))).contains(bytes("1"));
        assertThat(registry.changes(0, 9)).hasSize(1);
        reopen();
        assertThat(registry.document(bytes("step"))).contains(bytes("1"));
    }

    @Test
    void aDocumentHasItsLimits() {
        ByteString tooLong = ByteString.copyFrom(new byte[Document.VALUE_BYTES + 1]);

        assertThatIllegalArgumentException().isThrownBy(() -> new Document(ByteString.EMPTY, bytes("1")));
        assertThatIllegalArgumentException().isThrownBy(() -> new Document(bytes("a"), tooLong));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Document(ByteString.copyFrom(new byte[Document.KEY_BYTES + 1]), bytes("1")));
    }

    @Test
    void everythingIsThereAfterItWasOpenedAgain() {
        commit(registry, version(PUMP, 1, "one"));
        commit(registry, version(PUMP, 2, "two"));
        registry.putNote("cursor", bytes("2"));
        List<StoredRecord> history = registry.history(PUMP, 1, 10, 1_000);
        String incarnation = registry.incarnation();

        reopen();

        assertThat(registry.history(PUMP, 1, 10, 1_000)).isEqualTo(history).hasSize(2);
        assertThat(registry.lastSequence()).isEqualTo(2);
        assertThat(registry.changes(0, 10)).containsExactly(new Change(1, PUMP, 1), new Change(2, PUMP, 2));
        assertThat(registry.note("cursor")).contains(bytes("2"));
        assertThat(registry.incarnation()).isEqualTo(incarnation).matches("[0-9a-f]{32}");
        assertThat(commit(registry, version(PUMP, 3, "three")))
                .isInstanceOfSatisfying(
                        Committed.class,
                        committed -> assertThat(committed.sequence()).isEqualTo(3));
    }

    @Test
    void aClosedRegistrySaysSo() {
        commit(registry, version(PUMP, 1, "one"));
        registry.close();
        registry.close();

        assertThat(registry.commit(List.of(version(PUMP, 2, "two"))))
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(RegistryClosedException.class);
        assertThatThrownBy(() -> registry.read(PUMP)).isInstanceOf(RegistryClosedException.class);
        assertThatThrownBy(() -> registry.changes(0, 1)).isInstanceOf(RegistryClosedException.class);
        assertThatThrownBy(() -> registry.putNote("cursor", bytes("1"))).isInstanceOf(RegistryClosedException.class);
        assertThatThrownBy(() -> registry.awaitChange(0, Duration.ZERO)).isInstanceOf(RegistryClosedException.class);
    }

    @Test
    void manyWritersGetUniqueSequencesWithoutGaps() throws Exception {
        int writers = 16;
        int each = 50;
        List<Change> heard = new ArrayList<>();
        registry.onCommit(heard::addAll);

        List<Long> sequences = inParallel(writers, writer -> {
            List<Long> own = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                Write write = version(item("88.118." + writer + "/" + i), 1, writer + " " + i);
                Committed committed = (Committed) commit(registry, write);
                assertThat(registry.lastSequence()).isGreaterThanOrEqualTo(committed.sequence());
                assertThat(registry.read(write.key()).orElseThrow().sequence()).isEqualTo(committed.sequence());
                own.add(committed.sequence());
            }
            return own;
        });

        List<Long> all = LongStream.rangeClosed(1, writers * each).boxed().toList();
        assertThat(sequences).containsExactlyInAnyOrderElementsOf(all);
        assertThat(registry.changes(0, 10_000)).extracting(Change::sequence).isEqualTo(all);
        assertThat(heard).isEqualTo(registry.changes(0, 10_000));
    }

    @Test
    void ofManyWritersOfOneVersionOneWins() throws Exception {
        List<CommitResult> results = inParallel(
                16, writer -> List.of(commit(registry, Write.create(PUMP, digest(writer), bytes("by " + writer)))));

        StoredRecord winner = registry.read(PUMP).orElseThrow();
        assertThat(results).filteredOn(Committed.class::isInstance).hasSize(1);
        assertThat(results)
                .filteredOn(Conflict.class::isInstance)
                .hasSize(15)
                .containsOnly(new Conflict(1, winner.digest()));
    }

    private interface PerThread<T> {
        List<T> run(int thread) throws Exception;
    }

    private static <T> List<T> inParallel(int threads, PerThread<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<List<T>>> running = IntStream.range(0, threads)
                    .mapToObj(thread -> pool.submit(() -> task.run(thread)))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<List<T>> future : running) {
                results.addAll(future.get(60, SECONDS));
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void whatWasTakenBeforeTheCloseIsCommitted() throws Exception {
        AtomicInteger acknowledged = new AtomicInteger();
        CountDownLatch underWay = new CountDownLatch(200);
        Future<List<Integer>> writers = inBackground(() -> inParallel(8, writer -> {
            for (int i = 0; ; i++) {
                try {
                    Write write = version(item("88.118." + writer + "/" + i), 1, "x");
                    assertThat(commit(registry, write)).isInstanceOf(Committed.class);
                    acknowledged.incrementAndGet();
                    underWay.countDown();
                    registry.read(write.key());
                } catch (RuntimeException e) {
                    assertThat(e)
                            .satisfiesAnyOf(
                                    thrown -> assertThat(thrown).isInstanceOf(RegistryClosedException.class),
                                    thrown -> assertThat(thrown).hasCauseInstanceOf(RegistryClosedException.class));
                    return List.of(i);
                }
            }
        }));
        assertThat(underWay.await(60, SECONDS)).isTrue();

        registry.close();

        assertThat(writers.get(60, SECONDS)).hasSize(8);
        registry = open();
        assertThat(registry.lastSequence()).isEqualTo(acknowledged.get());
    }

    @Test
    void readsRaceWithTheCloseWithoutHarm() throws Exception {
        IntStream.range(0, 100).forEach(i -> registry.commit(List.of(version(item("88.118.8/" + i), 1, "x"))));
        commit(registry, version(PUMP, 1, "one"));
        CountDownLatch reading = new CountDownLatch(8);
        Future<List<Integer>> readers = inBackground(() -> inParallel(8, reader -> {
            for (int i = 0; ; i++) {
                try {
                    assertThat(registry.read(item("88.118.8/" + i % 100))).isPresent();
                    assertThat(registry.changes(0, 200)).hasSize(101);
                    assertThat(scan()).isEqualTo(101);
                    if (i == 10) {
                        reading.countDown();
                    }
                } catch (RegistryClosedException e) {
                    return List.of(i);
                }
            }
        }));
        assertThat(reading.await(60, SECONDS)).isTrue();

        registry.close();

        assertThat(readers.get(60, SECONDS)).hasSize(8).allMatch(rounds -> rounds > 10);
    }

    private int scan() {
        return registry.scan(RecordKind.ITEM, Scheme.VAA, "", "", 1_000, stored -> {});
    }

    @Test
    void nonsenseIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> registry.read(PUMP, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.history(PUMP, 0, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.history(PUMP, 1, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.changes(-1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> registry.changes(0, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry.scan(RecordKind.ITEM, Scheme.VAA, "", "", 0, stored -> {}));
    }
}
