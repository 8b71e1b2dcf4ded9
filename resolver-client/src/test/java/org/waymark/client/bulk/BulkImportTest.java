package org.waymark.client.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.client.FakeNode;
import org.waymark.client.ItemDraft;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.TestParty;
import org.waymark.client.WaymarkException;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;

class BulkImportTest {

    private static final int ROWS = 40;
    private static final int BATCH = 4;

    @TempDir
    private Path directory;

    private final TestParty root = TestParty.of("88");
    private final TestParty enterprise = TestParty.of("88.118.8");
    private final FakeNode node = new FakeNode();
    private final NodeClient nodes = NodeClient.create(NodeClientOptions.builder()
            .node("127.0.0.1", node.port())
            .requestTimeout(Duration.ofSeconds(3))
            .build());
    private final Rejected rejected = new Rejected();

    /** Keeps rejected rows as a file would. */
    private static final class Rejected implements RejectedRows {

        private final List<RejectedRow> rows = new CopyOnWriteArrayList<>();

        @Override
        public long add(List<RejectedRow> more) {
            rows.addAll(more);
            return rows.size();
        }

        @Override
        public void continueAt(long mark) {
            rows.subList((int) mark, rows.size()).clear();
        }
    }

    @BeforeEach
    void fill() {
        node.hold(root.root(), root.delegate(enterprise));
    }

    @AfterEach
    void close() {
        nodes.close();
        node.close();
    }

    private BulkImport.Builder importing() {
        return BulkImport.builder(nodes, enterprise.prefix(), enterprise.key())
                .batch(BATCH)
                .inFlight(2)
                .patience(Duration.ofSeconds(20))
                .journal(directory.resolve("journal"), Map.of("rows", "some"))
                .rejectedRows(rejected);
    }

    private static BulkRow row(int number, String identifier, String name) {
        return BulkRow.of(
                number,
                identifier + "," + name,
                ItemDraft.of(Identifier.parse(identifier)).value(2_000, "name", name));
    }

    private static List<BulkRow> rows(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> row(i + 1, "88.118.8/n" + i, "pump " + i))
                .toList();
    }

    private List<IdentifierRecord> versions(String identifier) {
        Identifier parsed = Identifier.parse(identifier);
        return node.versions(RecordKey.of(RecordKind.ITEM, parsed.scheme(), parsed.canonical()));
    }

    private void assertEachIsThereOnce(int rows) {
        for (int i = 0; i < rows; i++) {
            assertThat(versions("88.118.8/n" + i)).hasSize(1);
            assertThat(versions("88.118.8/n" + i).get(0).values().get(0).data().toStringUtf8())
                    .isEqualTo("pump " + i);
        }
    }

    @Test
    void allRowsAreRegisteredAndTheJournalIsGone() throws Exception {
        List<BulkCounts> told = new ArrayList<>();

        BulkCounts counts =
                importing().progress(told::add).build().run(rows(ROWS + 1).iterator());

        assertThat(counts).isEqualTo(new BulkCounts(ROWS + 1, 0, 0, 0));
        assertThat(told).hasSize(11).last().isEqualTo(counts);
        assertEachIsThereOnce(ROWS + 1);
        assertThat(directory.resolve("journal")).doesNotExist();
        assertThat(rejected.rows).isEmpty();
    }

    @Test
    void recordsShareSignatures() throws Exception {
        importing().batch(100).build().run(rows(64).iterator());

        assertThat(versions("88.118.8/n63").get(0).proof().treeSize()).isEqualTo(64);
    }

    @Test
    void whatIsRegisteredAlreadyIsLeftOrFollowed() throws Exception {
        importing().build().run(rows(8).iterator());
        List<BulkRow> changed = new ArrayList<>(rows(8));
        changed.set(3, row(4, "88.118.8/n3", "another pump"));

        assertThat(importing().build().run(changed.iterator())).isEqualTo(new BulkCounts(0, 1, 7, 0));

        assertThat(versions("88.118.8/n3")).hasSize(2);
        assertThat(versions("88.118.8/n2")).hasSize(1);
    }

    @Test
    void rowsOfOneItemBecomeItsVersionsInTheirOrder() throws Exception {
        List<BulkRow> rows = new ArrayList<>(rows(9));
        rows.add(row(10, "88.118.8/n8", "pump 8, corrected"));
        rows.add(row(11, "88.118.8/n8", "pump 8, corrected again"));

        assertThat(importing().build().run(rows.iterator())).isEqualTo(new BulkCounts(9, 2, 0, 0));

        assertThat(versions("88.118.8/n8"))
                .extracting(record -> record.values().get(0).data().toStringUtf8())
                .containsExactly("pump 8", "pump 8, corrected", "pump 8, corrected again");
    }

    @Test
    void rowsThatCannotBeRegisteredAreKeptWithLineColumnAndReason() throws Exception {
        List<BulkRow> rows = new ArrayList<>(rows(3));
        rows.add(BulkRow.broken(4, "not an item", new RowFault("", "is not JSON")));
        rows.add(row(5, "88.118.9/foreign", "pump"));
        rows.add(BulkRow.of(
                6,
                "long type",
                ItemDraft.of(Identifier.parse("88.118.8/long"))
                        .value(2_000, "name", "x")
                        .value(2_001, "t".repeat(129), "x")));
        rows.add(row(7, "88.118.8/refused", "pump"));
        node.refuse(
                RecordKey.of(
                        RecordKind.ITEM, Identifier.parse("88.118.8/refused").scheme(), "88.118.8/refused"),
                RegisterResult.newBuilder()
                        .setCode(RegisterResult.Code.INVALID)
                        .setReason(RefusalReason.LIMIT_EXCEEDED)
                        .setMessage("too long")
                        .build());

        assertThat(importing().build().run(rows.iterator())).isEqualTo(new BulkCounts(3, 0, 0, 4));

        assertThat(rejected.rows).extracting(RejectedRow::line).containsExactlyInAnyOrder(4L, 5L, 6L, 7L);
        assertThat(rejected.rows)
                .extracting(row -> row.text() + "|" + row.fault().column() + "|"
                        + row.fault().reason())
                .anyMatch(text -> text.startsWith("not an item||is not JSON"))
                .anyMatch(text -> text.startsWith("88.118.9/foreign,pump|identifier|88.118.9/foreign is not under "))
                .anyMatch(text -> text.startsWith("long type|" + "t".repeat(129) + "|type "))
                .anyMatch(text -> text.startsWith("88.118.8/refused,pump||refused: INVALID LIMIT_EXCEEDED"));
    }

    @Test
    void aRecordThatWouldBeTooLargeIsRejectedAlone() throws Exception {
        List<BulkRow> rows = new ArrayList<>(rows(2));
        rows.add(BulkRow.of(
                3,
                "large",
                ItemDraft.of(Identifier.parse("88.118.8/large"))
                        .value(1, "a", "x".repeat(40_000))
                        .value(2, "b", "x".repeat(30_000))));

        assertThat(importing().build().run(rows.iterator())).isEqualTo(new BulkCounts(2, 0, 0, 1));
        assertThat(rejected.rows.get(0).fault().reason()).contains("at most 65536 are allowed");
    }

    @Test
    void aKeyThatMayNotSignIsRefusedBeforeAnythingIsSent() {
        SigningKey foreign = SigningKey.generate(Suite.ED25519);

        assertThatThrownBy(() -> BulkImport.builder(nodes, enterprise.prefix(), foreign)
                        .journal(directory.resolve("journal"), Map.of())
                        .rejectedRows(rejected)
                        .build()
                        .run(rows(1).iterator()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not an active key of vaa:88.118.8 with the role RECORDS");
        assertThat(directory.resolve("journal")).doesNotExist();
    }

    @Test
    void anInterruptedImportIsNotBegunAnew() throws Exception {
        Files.writeString(directory.resolve("journal"), "");

        assertThatThrownBy(() -> importing().build().run(rows(1).iterator()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("resume that one, or delete the file");
    }

    /** What becomes of the request at which an import ends. */
    enum Loss {
        /** The request does not arrive. */
        REQUEST,
        /** The node stores the records; its answer does not arrive. */
        ANSWER,
        /** Neither it nor any other arrives from there on. */
        EVERYTHING_AFTER
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void anImportThatEndedAtAnyRequestIsResumedWithoutLosingARowOrRegisteringOneTwice(Loss loss) throws Exception {
        int lastRequest = ROWS / BATCH;
        for (int fatal = 1; fatal <= lastRequest; fatal++) {
            node.failRegistrations(fatal, loss == Loss.ANSWER, loss == Loss.EVERYTHING_AFTER);
            String name = "88.118.8/" + loss + fatal + "-";
            List<BulkRow> rows = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                rows.add(
                        i % 10 == 7
                                ? BulkRow.broken(i + 1, "broken " + i, new RowFault("", "is broken"))
                                : row(i + 1, name + i, "pump " + i));
            }
            rejected.rows.clear();
            assertThatThrownBy(() -> importing().patience(Duration.ZERO).build().run(rows.iterator()))
                    .isInstanceOf(WaymarkException.class);
            node.behave();

            BulkCounts counts = importing().resume(true).build().run(rows.iterator());

            assertThat(counts.created() + counts.unchanged()).isEqualTo(36);
            assertThat(counts.rejected()).isEqualTo(4);
            assertThat(rejected.rows).extracting(RejectedRow::line).containsExactlyInAnyOrder(8L, 18L, 28L, 38L);
            for (int i = 0; i < ROWS; i++) {
                assertThat(versions(name + i)).hasSize(i % 10 == 7 ? 0 : 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 9, 10})
    void anImportWhoseSourceFailedIsResumed(int rowsRead) throws Exception {
        Iterator<BulkRow> whole = rows(ROWS).iterator();
        Iterator<BulkRow> failing = new Iterator<>() {
            private int left = rowsRead;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public BulkRow next() {
                if (left-- == 0) {
                    throw new IllegalStateException("the source failed");
                }
                return whole.next();
            }
        };
        assertThatThrownBy(() -> importing().build().run(failing)).hasMessage("the source failed");

        BulkCounts counts = importing().resume(true).build().run(rows(ROWS).iterator());

        assertThat(counts.rows()).isEqualTo(ROWS);
        assertEachIsThereOnce(ROWS);
    }

    @Test
    void aJournalThatIsMadeSmallAllTheTimeResumesToo() throws Exception {
        node.failRegistrations(6, true, true);
        assertThatThrownBy(() -> importing()
                        .journalBytes(1)
                        .patience(Duration.ZERO)
                        .build()
                        .run(rows(ROWS).iterator()))
                .isInstanceOf(WaymarkException.class);
        node.behave();

        importing().journalBytes(1).resume(true).build().run(rows(ROWS).iterator());

        assertEachIsThereOnce(ROWS);
    }

    @Test
    void rowsThatChangedAreNotResumed() throws IOException {
        node.failRegistrations(1, false, true);
        assertThatThrownBy(() -> importing()
                        .patience(Duration.ZERO)
                        .build()
                        .run(rows(ROWS).iterator()))
                .isInstanceOf(WaymarkException.class);
        node.behave();
        List<BulkRow> changed = new ArrayList<>(rows(ROWS));
        changed.add(0, row(0, "88.118.8/new", "pump"));

        assertThatThrownBy(() -> importing().resume(true).build().run(changed.iterator()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("is not what it was when the import was begun");
    }

    @Test
    void anAnswerThatIsLostIsAskedForAgain() throws Exception {
        node.loseAnAnswer();

        BulkCounts counts = importing().build().run(rows(ROWS).iterator());

        assertThat(counts.rows()).isEqualTo(ROWS);
        assertEachIsThereOnce(ROWS);
    }
}
