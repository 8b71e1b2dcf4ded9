package org.waymark.node.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.CommitResult;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.node.registry.Write;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.ScanResponse;

class RegistryScanTest {

    private static final Prefix NODE = Prefix.parse("88.118");
    private static final SigningKey KEY = SigningKey.generate(Suite.ED25519);

    @TempDir
    private Path directory;

    private Registry registry;

    @BeforeEach
    void open() {
        registry = RocksRegistry.open(directory.resolve("registry"), RocksOptions.defaults());
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private IdentifierRecord item(String identifier, IdentifierRecord before, int bytes) {
        RecordDraft.Builder draft =
                RecordDraft.item(Identifier.parse(identifier), NODE).value(1, "text", "x".repeat(bytes));
        if (before != null) {
            draft.following(before.version(), before.digest(HashFunction.SHA_256));
        }
        IdentifierRecord record = new RecordSigner(KEY).sign(draft.build());
        ByteString previous = record.previous().map(digest -> digest.bytes()).orElse(ByteString.EMPTY);
        Write write = new Write(
                record.key(),
                record.version(),
                record.digest(HashFunction.SHA_256).bytes(),
                record.encoded(),
                record.version() - 1,
                previous,
                List.of());
        assertThat(registry.commit(List.of(write)).join().get(0)).isInstanceOf(CommitResult.Committed.class);
        return record;
    }

    private IdentifierRecord item(String identifier) {
        return item(identifier, null, 10);
    }

    private ScanResponse page(Prefix prefix, ByteString cursor, int limit, int maxBytes, boolean withHistory) {
        return new RegistryScan(registry, new ScanQuery(prefix, cursor, limit, maxBytes, withHistory)).read();
    }

    private List<String> all(Prefix prefix, int limit, boolean withHistory) {
        List<String> found = new ArrayList<>();
        ByteString cursor = ByteString.EMPTY;
        do {
            ScanResponse page = page(prefix, cursor, limit, Limits.FRAME_BYTES, withHistory);
            assertThat(page.getEntriesCount()).isLessThanOrEqualTo(limit);
            page.getEntriesList().forEach(entry -> found.add(name(entry)));
            cursor = page.getCursor();
            assertThat(cursor.size()).isLessThanOrEqualTo(Limits.SCAN_CURSOR_BYTES);
        } while (!cursor.isEmpty());
        return found;
    }

    private static String name(HistoryEntry entry) {
        IdentifierRecord record = IdentifierRecord.parse(entry.getRecord());
        return record.key() + "#" + record.version();
    }

    @Test
    void thePrefixComesFirstThenThePrefixesBelowThenTheItems() {
        Stream.of("88.118.8/b", "88.118/a", "88.118.8/a", "88.1180/no", "88.119/no", "88/no")
                .forEach(this::item);
        Stream.of("88.118.8", "88.118", "88.1180", "88", "88.118.10")
                .forEach(text -> registerPrefix(Prefix.parse(text)));

        for (int limit : new int[] {1, 2, 3, 100}) {
            assertThat(all(NODE, limit, false))
                    .containsExactly(
                            "prefix vaa:88.118#1",
                            "prefix vaa:88.118.10#1",
                            "prefix vaa:88.118.8#1",
                            "88.118.8/a#1",
                            "88.118.8/b#1",
                            "88.118/a#1");
        }
        assertThat(all(Prefix.parse("88.5"), 10, false)).isEmpty();
    }

    private void registerPrefix(Prefix prefix) {
        IdentifierRecord record = new RecordSigner(KEY)
                .sign(RecordDraft.prefix(prefix, NODE)
                        .expiresAt(Long.MAX_VALUE)
                        .value(1, "text", "of a party")
                        .build());
        registry.commit(List.of(Write.create(
                        record.key(), record.digest(HashFunction.SHA_256).bytes(), record.encoded())))
                .join();
    }

    @Test
    void identifiersWhosePrefixIsAmongTheirDigitsAreFound() {
        Stream.of(
                        "gs1:01/09506000164908/21/1",
                        "gs1:01/19506000164905/21/2",
                        "gs1:8004/950600016ABC",
                        "gs1:8004/950600017ABC",
                        "gs1:01/09506000164908/10/B")
                .forEach(this::item);

        assertThat(all(Prefix.parse("gs1:950600016"), 2, false))
                .containsExactly(
                        "gs1:01/09506000164908/10/B#1",
                        "gs1:01/09506000164908/21/1#1",
                        "gs1:01/19506000164905/21/2#1",
                        "gs1:8004/950600016ABC#1");
        assertThat(all(Prefix.parse("gs1"), 3, false)).hasSize(5);
    }

    @Test
    void withHistoryEveryVersionComesOnceInOrder() {
        IdentifierRecord first = item("88.118/a");
        IdentifierRecord second = item("88.118/a", first, 10);
        item("88.118/a", second, 10);
        item("88.118/b");

        for (int limit = 1; limit <= 5; limit++) {
            assertThat(all(NODE, limit, true)).containsExactly("88.118/a#1", "88.118/a#2", "88.118/a#3", "88.118/b#1");
        }
        assertThat(all(NODE, 1, false)).containsExactly("88.118/a#3", "88.118/b#1");
    }

    @Test
    void aPageEndsAtItsBytesButHoldsOneRecordAndFitsIntoAFrame() {
        for (int i = 0; i < 40; i++) {
            item("88.118/" + i, null, 50_000);
        }

        assertThat(page(NODE, ByteString.EMPTY, 100, 1, false).getEntriesCount())
                .isEqualTo(1);
        assertThat(page(NODE, ByteString.EMPTY, 100, 101_000, false).getEntriesCount())
                .isEqualTo(2);
        ScanResponse largest = page(NODE, ByteString.EMPTY, 100, Limits.FRAME_BYTES, false);
        assertThat(largest.getSerializedSize()).isBetween(Limits.FRAME_BYTES - 60_000, Limits.FRAME_BYTES - 20);
    }

    @Test
    void whatIsThereFromTheFirstPageToTheLastComesExactlyOnceWhateverIsWrittenMeanwhile() {
        List<IdentifierRecord> current = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            current.add(item("88.118/" + i));
        }
        Random random = new Random(7);
        List<String> found = new ArrayList<>();
        ByteString cursor = ByteString.EMPTY;
        int created = 0;
        do {
            ScanResponse page = page(NODE, cursor, 3, Limits.FRAME_BYTES, false);
            page.getEntriesList()
                    .forEach(entry -> found.add(
                            IdentifierRecord.parse(entry.getRecord()).key().identifier()));
            cursor = page.getCursor();
            int updated = random.nextInt(current.size());
            current.set(updated, item("88.118/" + updated, current.get(updated), 10));
            item("88.118/new" + created++);
        } while (!cursor.isEmpty());

        assertThat(found).doesNotHaveDuplicates();
        for (int i = 0; i < 50; i++) {
            assertThat(found).contains("88.118/" + i);
        }
        assertThat(found)
                .isSortedAccordingTo(Comparator.comparing(
                        text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));
    }

    @Test
    void restrictedValuesAreWithheld() {
        IdentifierRecord record = new RecordSigner(KEY)
                .sign(RecordDraft.item(Identifier.parse("88.118/a"), NODE)
                        .restrictedValue(1, "price", new byte[10], List.of(Prefix.parse("88.900")))
                        .build());
        registry.commit(List.of(Write.create(
                        record.key(), record.digest(HashFunction.SHA_256).bytes(), record.encoded())))
                .join();

        IdentifierRecord seen = IdentifierRecord.parse(
                page(NODE, ByteString.EMPTY, 1, 1, false).getEntries(0).getRecord());

        assertThat(seen.values()).isEmpty();
        assertThat(seen.valuesMatchRoot(HashFunction.SHA_256)).isTrue();
    }

    @Test
    void aCursorThatIsNoneIsRefused() {
        byte[] noPart = new byte[20];
        noPart[0] = 1;
        noPart[1] = 9;
        for (byte[] bytes : new byte[][] {{1}, new byte[20], noPart, new byte[3_000]}) {
            assertThatExceptionOfType(InvalidCursorException.class)
                    .isThrownBy(() -> page(NODE, ByteString.copyFrom(bytes), 1, 1, false));
        }
    }
}
