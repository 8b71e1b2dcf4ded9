package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.waymark.node.cache.Answers.MAKER;
import static org.waymark.node.cache.Answers.PUMP;
import static org.waymark.node.cache.Answers.denialNotKept;
import static org.waymark.node.cache.Answers.record;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Replies;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.Selection;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.wire.AnswerSource;

class NearCacheLinkTest {

    private static final long LIFE = 10_000;
    private static final long MAX_STALE = 60_000;
    private static final Query PUMP_QUERY = Query.of(PUMP);
    private static final Query AUTHORITATIVE = new Query(PUMP, Selection.ALL, true);

    private final MovableClock clock = new MovableClock();
    private final PrefixGenerations generations = new PrefixGenerations();
    private final AtomicLong trust = new AtomicLong(1);
    private final NearCache cache = new NearCache(1_000_000, 10, generations, trust::get, clock);
    private final SlowResolver below = new SlowResolver();
    private final NearCacheLink link = new NearCacheLink(cache, below, MAX_STALE, clock);

    /** Remembers what it is asked; the test answers. */
    private static final class SlowResolver implements Resolver {

        private final List<Query> asked = new ArrayList<>();
        private final List<CompletableFuture<Answer>> open = new ArrayList<>();

        @Override
        public CompletableFuture<Answer> resolve(Query query) {
            asked.add(query);
            open.add(new CompletableFuture<>());
            return open.get(open.size() - 1);
        }

        void answer(int read, StoredAnswer answer) {
            open.get(read).complete(Answer.of(answer, AnswerSource.REGISTRY));
        }

        void fail(int read, RuntimeException failure) {
            open.get(read).completeExceptionally(failure);
        }
    }

    private StoredAnswer pump(String text, long sequence) {
        return record(text, sequence, clock.millis() + LIFE);
    }

    private CompletableFuture<Answer> resolve() {
        return link.resolve(PUMP_QUERY);
    }

    private static String text(CompletableFuture<Answer> answer) {
        assertThat(answer).isCompleted();
        return Answers.text(answer.join().content());
    }

    private void hold(String text, long sequence) {
        resolve();
        below.answer(below.open.size() - 1, pump(text, sequence));
    }

    @Test
    void aMissReadsAndTheNextIsAHit() {
        CompletableFuture<Answer> miss = resolve();
        below.answer(0, pump("one", 5));

        assertThat(text(miss)).isEqualTo("one");
        assertThat(miss.join().source()).isEqualTo(AnswerSource.REGISTRY);
        assertThat(text(resolve())).isEqualTo("one");
        assertThat(resolve().join().source()).isEqualTo(AnswerSource.NEAR_CACHE);
        assertThat(below.asked).hasSize(1);
    }

    @Test
    void missesOfOneKeyCauseOneRead() {
        List<CompletableFuture<Answer>> misses = List.of(resolve(), resolve(), resolve());
        below.answer(0, pump("one", 5));

        assertThat(misses).allSatisfy(miss -> assertThat(text(miss)).isEqualTo("one"));
        assertThat(below.asked).hasSize(1);
    }

    @Test
    void aReadFromBeforeAnInvalidationIsNotJoinedAfterIt() {
        CompletableFuture<Answer> before = resolve();
        link.invalidate(PUMP);
        CompletableFuture<Answer> after = resolve();
        below.answer(0, pump("one", 5));

        assertThat(text(before)).isEqualTo("one");
        assertThat(after).isNotDone();
        below.answer(1, pump("two", 6));
        assertThat(text(after)).isEqualTo("two");
        assertThat(text(resolve())).isEqualTo("two");
    }

    @Test
    void aReadFromBeforeAPrefixChangeIsNotJoinedAfterIt() {
        CompletableFuture<Answer> before = resolve();
        generations.changed(MAKER, 6);
        CompletableFuture<Answer> after = resolve();
        below.answer(0, pump("one", 5));

        assertThat(text(before)).isEqualTo("one");
        assertThat(after).isNotDone();
        below.answer(1, pump("two", 6));
        assertThat(text(after)).isEqualTo("two");
        assertThat(text(resolve())).isEqualTo("two");
    }

    @Test
    void aReadFromBeforeAnAuthoritativeAnswerIsNotJoinedAfterIt() {
        trust.set(NearCacheTrust.NONE);
        resolve();
        CompletableFuture<Answer> authoritative = link.resolve(AUTHORITATIVE);
        below.answer(1, pump("two", 6));
        assertThat(text(authoritative)).isEqualTo("two");

        CompletableFuture<Answer> after = resolve();
        below.answer(0, pump("one", 5));
        assertThat(after).isNotDone();
    }

    @Test
    void anAuthoritativeQueryPassesTheCacheAndRenewsIt() {
        hold("one", 5);
        CompletableFuture<Answer> authoritative = link.resolve(AUTHORITATIVE);
        below.answer(1, pump("two", 6));

        assertThat(text(authoritative)).isEqualTo("two");
        assertThat(text(resolve())).isEqualTo("two");
    }

    @Test
    void anEntryNearItsEndIsServedAndRefreshedOnce() {
        hold("one", 5);
        clock.move(LIFE / 10 * 9);

        assertThat(text(resolve())).isEqualTo("one");
        assertThat(text(resolve())).isEqualTo("one");
        assertThat(below.asked).hasSize(2);

        below.answer(1, pump("one", 8));
        clock.move(LIFE / 10 * 2);
        assertThat(resolve().join().source()).isEqualTo(AnswerSource.NEAR_CACHE);
        assertThat(below.asked).hasSize(2);
    }

    @Test
    void aRefreshAsksPastTheSharedCacheWhoseEntryEndsAtTheSameTime() {
        hold("one", 5);
        clock.move(LIFE / 10 * 9);
        resolve();

        assertThat(below.asked.get(1).authoritative()).isTrue();
    }

    @Test
    void aRefreshThatFailsLeavesTheEntry() {
        hold("one", 5);
        clock.move(LIFE / 10 * 9);
        resolve();
        below.fail(1, new UnavailableException("away", null));

        assertThat(text(resolve())).isEqualTo("one");
    }

    @Test
    void anExpiredEntryIsServedStaleWhileWhatLiesBelowIsAway() {
        for (RuntimeException away : List.of(new UnavailableException("away", null), new BusyException("busy"))) {
            hold("one", 5);
            clock.move(LIFE);
            CompletableFuture<Answer> answer = resolve();
            below.fail(below.open.size() - 1, away);

            assertThat(text(answer)).isEqualTo("one");
            assertThat(answer.join().stale()).isTrue();
            assertThat(answer.join().source()).isEqualTo(AnswerSource.NEAR_CACHE);
            link.invalidate(PUMP);
        }
    }

    @Test
    void staleAnswersEndToo() {
        hold("one", 5);
        clock.move(LIFE + MAX_STALE);
        CompletableFuture<Answer> answer = resolve();
        below.fail(1, new UnavailableException("away", null));

        assertThatThrownBy(answer::join).hasCauseInstanceOf(UnavailableException.class);
    }

    @Test
    void staleServingCanBeSwitchedOff() {
        NearCacheLink strict = new NearCacheLink(cache, below, 0, clock);
        hold("one", 5);
        clock.move(LIFE);
        CompletableFuture<Answer> answer = strict.resolve(PUMP_QUERY);
        below.fail(1, new UnavailableException("away", null));

        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void otherFailuresAreNotHiddenByStaleAnswers() {
        hold("one", 5);
        clock.move(LIFE);
        CompletableFuture<Answer> answer = resolve();
        below.fail(1, new IllegalStateException("a fault"));

        assertThatThrownBy(answer::join).hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void anAuthoritativeQueryIsNeverAnsweredStale() {
        hold("one", 5);
        CompletableFuture<Answer> answer = link.resolve(AUTHORITATIVE);
        below.fail(1, new UnavailableException("away", null));

        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void aVoidAnswerIsNeverServedStale() {
        hold("one", 5);
        generations.changed(MAKER, 6);
        CompletableFuture<Answer> answer = resolve();
        below.fail(1, new UnavailableException("away", null));

        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(UnavailableException.class);
    }

    @Test
    void whatHasBeenReplacedByAnAnswerThatIsNotKeptIsNeverServedStale() {
        trust.set(NearCacheTrust.NONE);
        hold("one", 5);
        resolve();
        below.answer(1, denialNotKept(6));
        CompletableFuture<Answer> answer = resolve();
        below.fail(2, new UnavailableException("away", null));

        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void failuresAreNotKept() {
        CompletableFuture<Answer> failed = resolve();
        below.fail(0, new UnavailableException("away", null));
        CompletableFuture<Answer> next = resolve();
        below.answer(1, pump("one", 5));

        assertThat(failed).isCompletedExceptionally();
        assertThat(text(next)).isEqualTo("one");
    }

    /** What became of each place; what a fault was called; null where nothing did yet. */
    private static final class Told implements Replies<Answer> {

        private final String[] told;

        Told(int places) {
            told = new String[places];
        }

        @Override
        public void answered(int place, Answer answer) {
            assertThat(told[place]).isNull();
            told[place] = Answers.text(answer.content()) + (answer.stale() ? " (stale)" : "");
        }

        @Override
        public void failed(int place, Throwable fault) {
            assertThat(told[place]).isNull();
            told[place] = "failed: " + fault.getMessage();
        }

        @Override
        public void flush() {}
    }

    @Test
    void lookUpsThatComeTogetherEachHaveTheirOwnFate() {
        Query held = Query.of(Answers.item("88.118.8/held"));
        Query crane = Query.of(Answers.item("88.118.8/crane"));
        Query bolt = Query.of(Answers.item("88.118.8/bolt"));
        link.resolve(held);
        below.answer(0, pump("held", 4));
        CompletableFuture<Answer> before = link.resolve(bolt);
        Told told = new Told(6);

        link.resolveAll(List.of(PUMP_QUERY, held, crane, PUMP_QUERY, bolt, AUTHORITATIVE), told);

        assertThat(told.told).containsExactly(null, "held", null, null, null, null);
        assertThat(below.asked).containsExactly(held, bolt, PUMP_QUERY, crane, AUTHORITATIVE);
        below.answer(2, pump("one", 5));
        below.fail(3, new UnavailableException("away", null));
        below.answer(1, pump("bolt", 5));
        below.answer(4, pump("two", 6));

        assertThat(told.told).containsExactly("one", "held", "failed: away", "one", "bolt", "two");
        assertThat(text(before)).isEqualTo("bolt");
        assertThat(text(resolve())).isEqualTo("two");
    }

    @Test
    void whatExpiredIsServedStaleToAllWhoAskTogether() {
        hold("one", 5);
        clock.move(LIFE);
        Told told = new Told(2);
        link.resolveAll(List.of(PUMP_QUERY, PUMP_QUERY), told);
        below.fail(1, new BusyException("busy"));

        assertThat(told.told).containsExactly("one (stale)", "one (stale)");
    }
}
