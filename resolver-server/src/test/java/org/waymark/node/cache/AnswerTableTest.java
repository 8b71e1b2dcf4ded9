package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.v1.Outcome;

class AnswerTableTest {

    private static final int KIB = 1_024;

    private static byte[] key(int number) {
        return Answers.item("88.118.8/part." + number).encoded();
    }

    /** An answer of so many bytes that all say the same as its numbers. */
    private static CachedAnswer answer(int says, int bytes) {
        byte[] payload = new byte[bytes];
        Arrays.fill(payload, (byte) says);
        return new CachedAnswer(Outcome.RECORD_VALUE, says, says, says, says, says, payload);
    }

    private static boolean isWhole(CachedAnswer answer) {
        long says = answer.sequence();
        boolean numbersAgree = answer.expiresAt() == says
                && answer.refreshAt() == says
                && answer.trustEpoch() == says
                && answer.generation() == says
                && answer.outcome() == Outcome.RECORD_VALUE;
        for (byte one : answer.payload()) {
            numbersAgree &= one == (byte) says;
        }
        return numbersAgree;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void itHoldsTheLastAnswerOfAKeyOrNone(long seed) {
        Random random = new Random(seed);
        AnswerTable table = new AnswerTable(64 * KIB);
        Map<Integer, Integer> last = new HashMap<>();
        for (int step = 1; step <= 40_000; step++) {
            int number = random.nextInt(400);
            switch (random.nextInt(5)) {
                case 0 -> {
                    table.remove(key(number));
                    last.remove(number);
                }
                case 1, 2 -> {
                    table.put(key(number), answer(step, random.nextInt(random.nextInt(50) == 0 ? 40 * KIB : 600)));
                    last.put(number, step);
                }
                default -> {
                    CachedAnswer held = table.get(key(number));
                    if (held != null) {
                        assertThat(held.sequence()).isEqualTo(last.get(number).longValue());
                        assertThat(isWhole(held)).isTrue();
                    }
                }
            }
        }
        long held = last.keySet().stream()
                .filter(number -> table.get(key(number)) != null)
                .count();
        assertThat(table.size()).isEqualTo(held);
    }

    @Test
    void nothingGoesWhileThereIsRoom() {
        AnswerTable table = new AnswerTable(1_024 * KIB);
        for (int i = 0; i < 1_000; i++) {
            table.put(key(i), answer(i, 500));
        }

        assertThat(table.size()).isEqualTo(1_000);
    }

    @Test
    void whatIsReadStaysWhileOthersPassThrough() {
        AnswerTable table = new AnswerTable(256 * KIB);
        for (int i = 0; i < 50; i++) {
            table.put(key(i), answer(i, 500));
            table.get(key(i));
        }
        putAll(table, 1_000, 20_000);

        long stayed =
                IntStream.range(0, 50).filter(i -> table.get(key(i)) != null).count();
        assertThat(stayed).isGreaterThan(40);
    }

    /** Where keys lie is chance, and traces overwrite each other: it holds for most. */
    @Test
    void whatComesBackSoonStays() {
        int wentAtFirst = 0;
        int stayed = 0;
        for (int trial = 0; trial < 40; trial++) {
            AnswerTable table = new AnswerTable(256 * KIB);
            putAll(table, 1_000, 3_000);
            table.put(key(1), answer(1, 500));
            putAll(table, 3_000, 3_200);
            wentAtFirst += table.get(key(1)) == null ? 1 : 0;

            table.put(key(1), answer(2, 500));
            putAll(table, 4_000, 4_200);
            stayed += table.get(key(1)) != null ? 1 : 0;
        }
        assertThat(wentAtFirst).isGreaterThan(25);
        assertThat(stayed).isGreaterThan(25);
    }

    private static void putAll(AnswerTable table, int from, int to) {
        for (int passing = from; passing < to; passing++) {
            table.put(key(passing), answer(passing, 500));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1_000})
    void aTableWithoutRoomHoldsNothing(long maxBytes) {
        AnswerTable table = new AnswerTable(maxBytes);
        table.put(key(1), answer(1, 0));
        table.remove(key(1));

        assertThat(table.get(key(1))).isNull();
        assertThat(table.size()).isZero();
    }

    @Test
    void anAnswerThatIsTooLargeDropsTheOlderOne() {
        AnswerTable table = new AnswerTable(64 * KIB);
        table.put(key(1), answer(1, 10));
        table.put(key(1), answer(2, 60 * KIB));

        assertThat(table.get(key(1))).isNull();
    }

    @Test
    void readersSeeWholeAnswersWhileEverythingIsOverwritten() throws Exception {
        AnswerTable table = new AnswerTable(32 * KIB);
        NearCache cache = new NearCache(32 * KIB, 0, new PrefixGenerations(), NearCacheTrust.ALWAYS, Clock.systemUTC());
        long expiresAt = System.currentTimeMillis() + 3_600_000;
        AtomicLong seen = new AtomicLong();
        ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            readers.add(new Thread(() -> {
                Random random = new Random();
                ReadyAnswers.Batch batch = cache.newBatch(8);
                while (!Thread.currentThread().isInterrupted()) {
                    CachedAnswer held = table.get(key(random.nextInt(100)));
                    if (held != null && !isWhole(held)) {
                        faults.add("torn: " + held);
                    }
                    seen.addAndGet(readBatch(batch, random, faults));
                }
            }));
        }
        readers.forEach(Thread::start);
        Random random = new Random(1);
        for (int step = 1; (step < 200_000 || seen.get() < 1_000) && faults.isEmpty(); step++) {
            int number = random.nextInt(100);
            int bytes = random.nextInt(1_000);
            table.put(key(number), answer(step & 0xFF, bytes));
            byte[] payload = new byte[bytes];
            Arrays.fill(payload, (byte) number);
            cache.fill(
                    cache.beginFill(Answers.item("88.118.8/part." + number)),
                    new StoredAnswer(Outcome.RECORD, payload, step, expiresAt, Answers.MAKER));
        }
        for (Thread reader : readers) {
            reader.interrupt();
            reader.join();
        }
        assertThat(faults).isEmpty();
    }

    /** Reads eight answers, each of which must repeat its key's number. Returns how many there were. */
    private static int readBatch(ReadyAnswers.Batch batch, Random random, ConcurrentLinkedQueue<String> faults) {
        int[] numbers = random.ints(8, 0, 100).toArray();
        batch.clear();
        for (int number : numbers) {
            byte[] key = key(number);
            batch.add(key, 0, key.length);
        }
        batch.locate();
        int found = 0;
        for (int i = 0; i < numbers.length; i++) {
            ByteBuffer payload = batch.payload(i);
            if (payload == null) {
                continue;
            }
            byte[] copy = new byte[payload.remaining()];
            payload.get(copy);
            if (batch.isIntact()) {
                found++;
                for (byte one : copy) {
                    if (one != numbers[i]) {
                        faults.add("answer of " + numbers[i] + " has " + one);
                    }
                }
            }
        }
        return found;
    }
}
