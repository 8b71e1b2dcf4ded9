package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.cache.Answers.PUMP;
import static org.waymark.node.cache.Answers.item;
import static org.waymark.node.cache.Answers.record;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.waymark.node.resolve.Answer;
import org.waymark.record.RecordKey;
import org.waymark.wire.AnswerSource;

class FlightsTest {

    private static final Answer ANSWER = Answer.of(record("one", 5, 1), AnswerSource.REGISTRY);

    private final AtomicLong epoch = new AtomicLong();
    private final Flights flights = new Flights(epoch::get);
    private final AtomicInteger reads = new AtomicInteger();
    private final CompletableFuture<Answer> reading = new CompletableFuture<>();
    private final Supplier<CompletableFuture<Answer>> read = () -> {
        reads.incrementAndGet();
        return reading;
    };

    private CompletableFuture<Answer> join(RecordKey key, Supplier<CompletableFuture<Answer>> reader) {
        Flights.Flight prepared = flights.prepare();
        Flights.Flight flight = flights.join(key, prepared);
        if (flight == prepared) {
            reader.get().whenComplete((answer, fault) -> {
                flights.end(key, flight);
                if (fault == null) {
                    flight.complete(answer);
                } else {
                    flight.completeExceptionally(fault);
                }
            });
        }
        return flight;
    }

    @Test
    void whoAsksWhileAReadIsUnderWayJoinsIt() {
        CompletableFuture<Answer> first = join(PUMP, read);
        CompletableFuture<Answer> second = join(PUMP, read);
        reading.complete(ANSWER);

        assertThat(reads).hasValue(1);
        assertThat(first.join()).isSameAs(ANSWER);
        assertThat(second.join()).isSameAs(ANSWER);
    }

    @Test
    void manyThreadsCauseOneRead() throws Exception {
        int threads = 16;
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<CompletableFuture<Answer>>> joined = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                joined.add(pool.submit(() -> {
                    together.await();
                    return join(PUMP, read);
                }));
            }
            List<CompletableFuture<Answer>> answers = new ArrayList<>();
            for (var future : joined) {
                answers.add(future.get(30, TimeUnit.SECONDS));
            }
            reading.complete(ANSWER);

            assertThat(reads).hasValue(1);
            assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isSameAs(ANSWER));
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void anotherKeyIsAnotherRead() {
        join(PUMP, read);
        join(item("88.118.8/crane"), read);

        assertThat(reads).hasValue(2);
    }

    @Test
    void afterTheEndOfAReadTheNextBegins() {
        join(PUMP, () -> CompletableFuture.completedFuture(ANSWER));
        assertThat(flights.isUnderWay(PUMP)).isFalse();
        join(PUMP, read);

        assertThat(reads).hasValue(1);
    }

    @Test
    void anAbandonedReadAnswersThoseWhoJoinedAndNobodyElse() {
        CompletableFuture<Answer> before = join(PUMP, read);
        flights.abandon(PUMP);
        CompletableFuture<Answer> after = join(PUMP, CompletableFuture::new);
        reading.complete(ANSWER);

        assertThat(before.join()).isSameAs(ANSWER);
        assertThat(after).isNotDone();
        assertThat(flights.isUnderWay(PUMP)).isTrue();
    }

    @Test
    void aReadOfAnEndedEpochIsNotJoined() {
        CompletableFuture<Answer> before = join(PUMP, read);
        epoch.incrementAndGet();
        CompletableFuture<Answer> after = join(PUMP, CompletableFuture::new);
        reading.complete(ANSWER);

        assertThat(before.join()).isSameAs(ANSWER);
        assertThat(after).isNotDone();
    }

    @Test
    void aFailureReachesAllAndIsForgotten() {
        IllegalStateException failure = new IllegalStateException("no disk");
        CompletableFuture<Answer> first = join(PUMP, read);
        CompletableFuture<Answer> second = join(PUMP, read);
        reading.completeExceptionally(failure);

        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompletedExceptionally();
        assertThat(flights.isUnderWay(PUMP)).isFalse();
    }
}
