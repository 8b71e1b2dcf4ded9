package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.cache.Answers.MAKER;
import static org.waymark.node.cache.Answers.PUMP;
import static org.waymark.node.cache.Answers.denialNotKept;
import static org.waymark.node.cache.Answers.item;
import static org.waymark.node.cache.Answers.owned;
import static org.waymark.node.cache.Answers.prefix;
import static org.waymark.node.cache.Answers.record;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.v1.Outcome;

class NearCacheTest {

    private static final long LIFE = 10_000;

    private final MovableClock clock = new MovableClock();
    private final PrefixGenerations generations = new PrefixGenerations();
    private final AtomicLong trust = new AtomicLong(1);
    private final NearCache cache = cacheOf(1_000_000, 10);

    private NearCache cacheOf(long maxBytes, int refreshAheadPercent) {
        return new NearCache(maxBytes, refreshAheadPercent, generations, trust::get, clock);
    }

    private StoredAnswer pump(String text, long sequence) {
        return record(text, sequence, clock.millis() + LIFE);
    }

    private void fill(StoredAnswer answer) {
        cache.fill(cache.beginFill(PUMP), answer);
    }

    private StoredAnswer fresh() {
        NearCache.Entry entry = cache.fresh(PUMP);
        return entry == null ? null : entry.answer();
    }

    private static void assertSame(StoredAnswer held, StoredAnswer filled) {
        assertThat(held).usingRecursiveComparison().isEqualTo(filled);
    }

    @Test
    void whatWasFilledIsServedUntilItsLifeEnds() {
        StoredAnswer answer = pump("one", 5);
        fill(answer);

        assertSame(fresh(), answer);
        clock.move(LIFE - 1);
        assertSame(fresh(), answer);
        clock.move(1);
        assertThat(fresh()).isNull();
    }

    @Test
    void aFillIsDroppedIfItsKeyWasInvalidatedSinceTheReadBegan() {
        NearCache.Ticket ticket = cache.beginFill(PUMP);
        cache.invalidate(PUMP);
        cache.fill(ticket, pump("one", 5));

        assertThat(fresh()).isNull();
        assertThat(cache.stale(PUMP, LIFE)).isNull();
    }

    @Test
    void aFillThatBeganAfterTheInvalidationIsKept() {
        cache.invalidate(PUMP);
        fill(pump("two", 6));

        assertThat(fresh()).isNotNull();
    }

    @Test
    void invalidatingDropsWhatIsHeld() {
        fill(pump("one", 5));
        cache.invalidate(PUMP);

        assertThat(fresh()).isNull();
        assertThat(cache.stale(PUMP, LIFE)).isNull();
    }

    @Test
    void invalidatingOneKeyLeavesAnother() {
        fill(pump("one", 5));
        cache.invalidate(item("88.118.8/crane"));

        assertThat(fresh()).isNotNull();
    }

    @Test
    void aChangedPrefixVoidsOlderAnswersEvenAsStaleOnes() {
        fill(pump("one", 5));
        generations.changed(MAKER, 6);

        assertThat(fresh()).isNull();
        assertThat(cache.stale(PUMP, LIFE)).isNull();
    }

    @Test
    void aFillFromBeforeAPrefixChangeIsVoid() {
        NearCache.Ticket ticket = cache.beginFill(PUMP);
        generations.changed(MAKER, 6);
        cache.fill(ticket, pump("one", 5));

        assertThat(fresh()).isNull();
    }

    @Test
    void anAnswerThatHasSeenThePrefixChangeIsServed() {
        generations.changed(MAKER, 6);
        fill(pump("two", 6));

        assertThat(fresh()).isNotNull();
    }

    @Test
    void anAnswerOfThePrefixAboveIsVoidOnceANewPrefixTakesOverEvenIfItComesLate() {
        NearCache.Ticket ticket = cache.beginFill(PUMP);
        generations.changed(MAKER, 6);
        cache.fill(ticket, owned(prefix("88.118"), "nobody's", 5, clock.millis() + LIFE));

        assertThat(fresh()).isNull();
        assertThat(cache.stale(PUMP, LIFE)).isNull();
    }

    @Test
    void nothingIsFreshWithoutTrustNorFromAnotherEpoch() {
        fill(pump("one", 5));

        trust.set(NearCacheTrust.NONE);
        assertThat(fresh()).isNull();
        trust.set(2);
        assertThat(fresh()).isNull();
        trust.set(1);
        assertThat(fresh()).isNotNull();
    }

    @Test
    void whatWasReadWithoutTrustIsNeverFresh() {
        trust.set(NearCacheTrust.NONE);
        fill(pump("one", 5));

        assertThat(fresh()).isNull();
        trust.set(1);
        assertThat(fresh()).isNull();
    }

    @Test
    void anEntryBelongsToTheEpochInWhichItsReadBegan() {
        NearCache.Ticket ticket = cache.beginFill(PUMP);
        trust.set(2);
        cache.fill(ticket, pump("one", 5));

        assertThat(fresh()).isNull();
    }

    @Test
    void anExpiredAnswerMayBeServedStaleForALimitedTime() {
        fill(pump("one", 5));
        clock.move(LIFE + 99);

        assertThat(cache.stale(PUMP, 100)).isNotNull();
        assertThat(cache.stale(PUMP, 99)).isNull();
    }

    @Test
    void anAnswerThatIsNotTrustedMayBeServedStale() {
        fill(pump("one", 5));
        trust.set(NearCacheTrust.NONE);

        assertThat(cache.stale(PUMP, 1)).isNotNull();
    }

    @Test
    void anOlderAnswerNeverReplacesANewerOne() {
        NearCache.Ticket slow = cache.beginFill(PUMP);
        StoredAnswer newer = pump("two", 6);
        fill(newer);
        cache.fill(slow, pump("one", 5));

        assertSame(fresh(), newer);
    }

    @Test
    void anOlderAnswerNeverReplacesANewerOneThatIsNotTrusted() {
        trust.set(NearCacheTrust.NONE);
        StoredAnswer newer = pump("two", 6);
        fill(newer);
        trust.set(1);
        fill(pump("one", 5));

        assertThat(fresh()).isNull();
        assertSame(cache.stale(PUMP, 1), newer);
    }

    @Test
    void anOlderAnswerThatSaysTheSameMakesTheNewerOneTrustedAgain() {
        trust.set(NearCacheTrust.NONE);
        StoredAnswer pastRedis = pump("two", 9);
        fill(pastRedis);
        trust.set(1);
        fill(pump("two", 6));

        assertSame(fresh(), pastRedis);
    }

    @Test
    void aNewerAnswerThatCannotBeKeptDropsTheOlderOne() {
        fill(pump("one", 5));
        fill(denialNotKept(6));

        assertThat(fresh()).isNull();
        assertThat(cache.stale(PUMP, LIFE)).isNull();
    }

    @Test
    void aNewerAnswerThatCannotBeKeptDropsOlderOnesThatAreOnTheirWay() {
        NearCache.Ticket slow = cache.beginFill(PUMP);
        fill(denialNotKept(6));
        cache.fill(slow, pump("one", 5));

        assertThat(fresh()).isNull();
    }

    @Test
    void anOlderAnswerThatCannotBeKeptDropsNothing() {
        NearCache.Ticket slow = cache.beginFill(PUMP);
        fill(pump("two", 6));
        cache.fill(slow, denialNotKept(5));

        assertThat(fresh()).isNotNull();
    }

    @Test
    void aNewerAnswerWhoseFillIsDroppedDropsTheOlderOneToo() {
        trust.set(NearCacheTrust.NONE);
        NearCache.Ticket slow = cache.beginFill(PUMP);
        cache.invalidate(PUMP);
        fill(pump("one", 5));
        cache.fill(slow, pump("two", 6));

        assertThat(cache.stale(PUMP, LIFE)).isNull();
    }

    @Test
    void anAnswerWithoutOwnerIsNotKept() {
        fill(new StoredAnswer(Outcome.NOT_RESPONSIBLE, new byte[0], 5, clock.millis() + LIFE, null));

        assertThat(fresh()).isNull();
    }

    @Test
    void anEntryWantsARefreshInTheLastPartOfItsLife() {
        fill(pump("one", 5));
        NearCache.Entry entry = cache.fresh(PUMP);

        assertThat(entry.wantsRefresh(clock.millis() + LIFE / 10 * 9 - 1)).isFalse();
        assertThat(entry.wantsRefresh(clock.millis() + LIFE / 10 * 9)).isTrue();
    }

    @Test
    void refreshingAheadCanBeSwitchedOff() {
        NearCache without = cacheOf(1_000_000, 0);
        without.fill(without.beginFill(PUMP), pump("one", 5));

        assertThat(without.fresh(PUMP).wantsRefresh(clock.millis() + LIFE)).isFalse();
    }

    @Test
    void theBytesThatAreHeldAreBounded() {
        NearCache small = cacheOf(100_000, 0);
        String thousand = "x".repeat(1_000);
        for (int i = 0; i < 1_000; i++) {
            small.fill(small.beginFill(item("88.118.8/" + i)), pump(thousand, 5));
        }

        assertThat(small.size()).isBetween(60L, 100L);
    }
}
