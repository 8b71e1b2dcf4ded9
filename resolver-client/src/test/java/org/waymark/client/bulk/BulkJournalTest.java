package org.waymark.client.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.client.bulk.JournalException.Problem;

class BulkJournalTest {

    private static final Map<String, String> IDENTITY = Map.of("file", "a", "prefix", "vaa:88.118.8");
    private static final long NEVER = Long.MAX_VALUE;

    private Path directory;
    private Path file;

    @BeforeEach
    @BeforeProperty
    void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("journal");
        file = directory.resolve("rows.csv.waymark-journal");
    }

    @AfterEach
    @AfterProperty
    void removeDirectory() throws IOException {
        Files.deleteIfExists(file);
        Files.delete(directory);
    }

    /** What a reader of the journal goes by. */
    private record State(
            Map<Long, Long> finished, Map<Long, BulkJournal.SignedBatch> pending, BulkCounts counts, long mark) {

        static State of(BulkJournal journal) {
            return new State(journal.finished(), journal.pending(), journal.counts(), journal.mark());
        }
    }

    private static Map<Integer, ByteString> records(Random random) {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return Map.of(0, ByteString.copyFrom(bytes), 2, ByteString.copyFromUtf8("record"));
    }

    /** Writes a random journal; returns the state and the file's length after each entry. */
    private List<Map.Entry<Long, State>> write(Random random, long rewriteBytes) throws IOException {
        List<Map.Entry<Long, State>> states = new ArrayList<>();
        try (BulkJournal journal = BulkJournal.begin(file, IDENTITY, rewriteBytes)) {
            states.add(Map.entry(Files.size(file), State.of(journal)));
            long next = 0;
            for (int i = 0; i < 12; i++) {
                List<Long> open = List.copyOf(journal.pending().keySet());
                if (open.isEmpty() || random.nextBoolean()) {
                    journal.signed(next, next + 3, records(random));
                    next += 3;
                } else {
                    long first = open.get(random.nextInt(open.size()));
                    if (random.nextInt(4) == 0) {
                        journal.signed(first, first + 3, Map.of(0, ByteString.copyFromUtf8("anew")));
                    } else {
                        journal.finished(first, first + 3, new BulkCounts(1, 0, 1, 1), first);
                    }
                }
                states.add(Map.entry(Files.size(file), State.of(journal)));
            }
        }
        return states;
    }

    private State read() throws IOException {
        try (BulkJournal journal = BulkJournal.resume(file, IDENTITY, NEVER)) {
            return State.of(journal);
        }
    }

    @Property(tries = 60)
    void aTailThatIsCutOffAnywhereLosesOnlyTheEntryThatItBelongsTo(
            @ForAll long seed, @ForAll @IntRange(max = 1000) int cut) throws IOException {
        Files.deleteIfExists(file);
        List<Map.Entry<Long, State>> states = write(new Random(seed), NEVER);
        byte[] whole = Files.readAllBytes(file);
        int length = (int) ((long) whole.length * cut / 1000);
        Files.write(file, Arrays.copyOf(whole, length));

        State expected = states.get(0).getValue();
        for (Map.Entry<Long, State> state : states) {
            if (state.getKey() <= length) {
                expected = state.getValue();
            }
        }
        assertThat(read()).isEqualTo(expected);
        // What was cut is gone, and the journal can be written on.
        try (BulkJournal journal = BulkJournal.resume(file, IDENTITY, NEVER)) {
            journal.signed(1_000, 1_001, Map.of(0, ByteString.copyFromUtf8("after")));
        }
        assertThat(read().pending()).containsKey(1_000L);
    }

    @Property(tries = 60)
    void aDamagedEntryEndsTheJournal(@ForAll long seed, @ForAll @IntRange(max = 999) int at) throws IOException {
        Files.deleteIfExists(file);
        List<Map.Entry<Long, State>> states = write(new Random(seed), NEVER);
        byte[] whole = Files.readAllBytes(file);
        int begin = states.get(0).getKey().intValue();
        int place = begin + (int) ((long) (whole.length - begin) * at / 1000);
        whole[place] ^= 0x10;
        Files.write(file, whole);

        State expected = states.get(0).getValue();
        for (Map.Entry<Long, State> state : states) {
            if (state.getKey() <= place) {
                expected = state.getValue();
            }
        }
        assertThat(read()).isEqualTo(expected);
    }

    @Property(tries = 60)
    void aJournalThatWasMadeSmallSaysTheSame(@ForAll long seed) throws IOException {
        Files.deleteIfExists(file);
        List<Map.Entry<Long, State>> states = write(new Random(seed), 1);

        assertThat(read()).isEqualTo(states.get(states.size() - 1).getValue());
    }

    @Test
    void finishedEntriesDoNotMakeTheJournalGrow() throws IOException {
        try (BulkJournal journal = BulkJournal.begin(file, IDENTITY, 10_000)) {
            for (int row = 0; row < 10_000; row++) {
                journal.finished(row, row + 1, new BulkCounts(1, 0, 0, 0), 0);
            }
            assertThat(journal.finished()).isEqualTo(Map.of(0L, 10_000L));
        }
        assertThat(Files.size(file)).isLessThan(12_000);
        assertThat(read().counts().created()).isEqualTo(10_000);
    }

    @Test
    void onlyItsOwnerMayReadIt() throws IOException {
        BulkJournal.begin(file, IDENTITY, NEVER).close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    private static void assertProblem(ThrowingCallable call, Problem problem) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        JournalException.class, e -> assertThat(e.problem()).isEqualTo(problem));
    }

    @Test
    void aJournalIsNotBegunOverAnother() throws IOException {
        BulkJournal.begin(file, IDENTITY, NEVER).close();

        assertProblem(() -> BulkJournal.begin(file, IDENTITY, NEVER), Problem.UNFINISHED);
    }

    @Test
    void anImportOfSomethingElseIsNotResumed() throws IOException {
        BulkJournal.begin(file, IDENTITY, NEVER).close();

        assertProblem(
                () -> BulkJournal.resume(file, Map.of("file", "b", "prefix", "vaa:88.118.8"), NEVER),
                Problem.OTHER_IMPORT);
        assertThatThrownBy(() -> BulkJournal.resume(file, Map.of("file", "b", "prefix", "vaa:88.118.8"), NEVER))
                .hasMessageContaining("the file changed since it was begun (a, now b)");
    }

    @Test
    void twoImportsCannotShareAJournal() throws IOException {
        try (BulkJournal journal = BulkJournal.begin(file, IDENTITY, NEVER)) {
            assertProblem(() -> BulkJournal.resume(file, IDENTITY, NEVER), Problem.IN_USE);
            assertThat(journal.finished()).isEmpty();
        }
    }

    @Test
    void anotherFileIsNotOverwritten() throws IOException {
        Files.writeString(file, "something else");

        assertProblem(() -> BulkJournal.resume(file, IDENTITY, NEVER), Problem.NO_JOURNAL);
        assertThat(file).hasContent("something else");
    }
}
