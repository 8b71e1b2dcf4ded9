package org.waymark.node.recursive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.waymark.client.VerifiedAnswer;
import org.waymark.node.TestParties;
import org.waymark.node.TestParties.Party;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BranchAwayException;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Selection;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.Suite;
import org.waymark.trust.UnknownKeyException;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

class RecursiveLinkTest {

    private static final InetAddress CLIENT = InetAddress.getLoopbackAddress();
    private static final Duration STALE_FOR = Duration.ofHours(1);
    private static final Duration BACK_OFF = Duration.ofSeconds(5);

    private final TestParties parties = new TestParties(Suite.ED25519);
    private final Party maker = parties.maker;
    private final PrefixRecord rootRecord = PrefixRecord.of(parties.root.sign(parties.root.prefixDraft(parties.root)));
    private final PrefixRecord makerRecord = PrefixRecord.of(parties.root.sign(maker.prefixDraft(parties.root)));
    private final IdentifierRecord pump = maker.sign(maker.itemDraft("PUMP"));
    private final HandClock clock = new HandClock();
    /** What this node answers by itself. */
    private Outcome own = Outcome.NOT_RESPONSIBLE;

    private long prefixChanges;
    private int ownAsked;
    /** What other nodes are asked, and what they are to answer. */
    private final List<RecordKey> asked = new ArrayList<>();

    private final Deque<CompletableFuture<VerifiedAnswer>> walks = new ArrayDeque<>();

    private static final class HandClock extends Clock {

        private long now = 1_800_000_000_000L;

        @Override
        public long millis() {
            return now;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(now);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("one zone will do");
        }
    }

    private RecursiveLink link() {
        return link(100, 100, 1_000);
    }

    private RecursiveLink link(int maxInFlight, int maxInFlightPerClient, int rate) {
        RecursionOptions options = new RecursionOptions(
                true,
                List.of(),
                List.of(),
                List.of(AddressRange.of(CLIENT.getAddress(), 8 * CLIENT.getAddress().length)),
                maxInFlight,
                maxInFlightPerClient,
                rate,
                Duration.ofSeconds(1),
                STALE_FOR,
                BACK_OFF,
                1_024 * 1_024);
        RecursionMetrics metrics = new RecursionMetrics(new NodeMetrics(new SimpleMeterRegistry()));
        KeptAnswers kept = new KeptAnswers(
                options.cacheBytes(), options.staleFor(), options.backOff(), () -> prefixChanges, clock);
        Walks under = new Walks(
                (key, authoritative) -> {
                    asked.add(key);
                    CompletableFuture<VerifiedAnswer> walk = new CompletableFuture<>();
                    walks.add(walk);
                    return walk;
                },
                kept,
                maxInFlight,
                options.backOff(),
                metrics,
                clock);
        return new RecursiveLink(this::answerByItself, options, kept, under, metrics, clock);
    }

    private CompletableFuture<Answer> answerByItself(Query query) {
        ownAsked++;
        return CompletableFuture.completedFuture(
                Answer.of(new StoredAnswer(own, new byte[0], 1, 0, null), AnswerSource.REGISTRY));
    }

    private static Query query(RecordKey key) {
        return Query.of(key).onBehalfOf(CLIENT);
    }

    private VerifiedAnswer found(long lifeMillis) {
        return answer(Outcome.RECORD, pump.encoded(), lifeMillis);
    }

    private VerifiedAnswer answer(Outcome outcome, ByteString payload, long lifeMillis) {
        List<VerifiedAnswer.Link> chain =
                List.of(new VerifiedAnswer.Link(rootRecord, 60_000), new VerifiedAnswer.Link(makerRecord, 60_000));
        return new VerifiedAnswer(outcome, payload, false, lifeMillis, -1, chain);
    }

    private RecordKey item(String suffix) {
        return maker.sign(maker.emptyItemDraft(suffix)).key();
    }

    private static Answer join(CompletableFuture<Answer> answer) {
        return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Test
    void anAnswerIsKeptForTheLifeThatItsSignersGaveIt() {
        RecursiveLink link = link();
        CompletableFuture<Answer> first = link.resolve(query(pump.key()));
        walks.remove().complete(found(10_000));

        assertThat(join(first).source()).isEqualTo(AnswerSource.OTHER_NODE);
        clock.now += 9_999;
        Answer kept = join(link.resolve(query(pump.key())));
        assertThat(kept.source()).isEqualTo(AnswerSource.NEAR_CACHE);
        assertThat(kept.content().lifeMillis(clock.now)).isEqualTo(1);
        assertThat(ownAsked).isEqualTo(1);
        clock.now++;
        link.resolve(query(pump.key()));
        assertThat(asked).hasSize(2);
    }

    @Test
    void whatCameWithoutALifeIsNotKept() {
        RecursiveLink link = link();
        link.resolve(query(pump.key()));
        walks.remove().complete(found(0));

        link.resolve(query(pump.key()));

        assertThat(asked).hasSize(2);
    }

    @Test
    void whoeverAsksForTheSameMeanwhileWaitsForTheSameAnswer() {
        RecursiveLink link = link();
        CompletableFuture<Answer> one = link.resolve(query(pump.key()));
        CompletableFuture<Answer> other = link.resolve(query(pump.key()));
        walks.remove().complete(found(10_000));

        assertThat(List.of(join(one), join(other)))
                .allSatisfy(answer -> assertThat(answer.content().outcome()).isEqualTo(Outcome.RECORD));
        assertThat(asked).hasSize(1);
    }

    @Test
    void otherClientsAndThoseWhoWantNoRecursionGetTheNodesOwnAnswer() throws Exception {
        RecursiveLink link = link();
        InetAddress stranger = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
        link.resolve(query(pump.key()));
        walks.remove().complete(found(10_000));

        for (Query query : List.of(Query.of(pump.key()), Query.of(pump.key()).onBehalfOf(stranger))) {
            assertThat(join(link.resolve(query)).content().outcome()).isEqualTo(Outcome.NOT_RESPONSIBLE);
        }
        assertThat(asked).hasSize(1);
    }

    @Test
    void whatThisNodeServesSinceIsNotAnsweredFromWhatIsKept() {
        RecursiveLink link = link();
        link.resolve(query(pump.key()));
        walks.remove().complete(found(10_000));
        prefixChanges++;
        own = Outcome.NOT_FOUND;

        assertThat(join(link.resolve(query(pump.key()))).content().outcome()).isEqualTo(Outcome.NOT_FOUND);

        prefixChanges++;
        own = Outcome.REFERRAL;
        assertThat(join(link.resolve(query(pump.key()))).content().outcome()).isEqualTo(Outcome.RECORD);
        assertThat(asked).hasSize(1);
    }

    @Test
    void thePrefixRecordsOfAnAnswerAreKeptToo() {
        RecursiveLink link = link();
        link.resolve(query(pump.key()));
        walks.remove().complete(found(10_000));

        for (PrefixRecord record : List.of(rootRecord, makerRecord)) {
            Answer answer = join(link.resolve(query(record.record().key())));
            assertThat(answer.content().payload())
                    .isEqualTo(record.record().encoded().toByteArray());
        }
        assertThat(asked).hasSize(1);
        // This node was asked first whether it has newer ones.
        assertThat(ownAsked).isEqualTo(3);
    }

    @Test
    void whatHasExpiredIsAnsweredWhileNothingBetterCanBeHad() {
        RecursiveLink link = link();
        link.resolve(query(pump.key()));
        walks.remove().complete(found(10_000));
        clock.now += 20_000;
        CompletableFuture<Answer> failing = link.resolve(query(pump.key()));
        walks.remove().completeExceptionally(new UnknownKeyException("a stranger's"));

        assertThat(join(failing).stale()).isTrue();
        // The walk that failed is not begun again at once.
        assertThat(join(link.resolve(query(pump.key()))).stale()).isTrue();
        assertThat(asked).hasSize(2);
        clock.now += BACK_OFF.toMillis();
        CompletableFuture<Answer> slow = link.resolve(query(pump.key()));
        assertThat(join(slow).stale()).isTrue();
        walks.remove().complete(found(10_000));
        assertThat(join(link.resolve(query(pump.key()))).stale()).isFalse();

        clock.now += 10_000 + STALE_FOR.toMillis();
        CompletableFuture<Answer> tooOld = link.resolve(query(pump.key()));
        walks.remove().completeExceptionally(new UnknownKeyException("a stranger's"));
        assertThatThrownBy(() -> join(tooOld)).hasCauseInstanceOf(BranchAwayException.class);
    }

    @Test
    void whatIsUnderAPrefixThatIsSaidToBeRevokedIsVoid() {
        RecursiveLink link = link();
        link.resolve(query(pump.key()));
        walks.remove().complete(found(10_000));
        clock.now++;
        RecordDraft.Builder draft = maker.prefixDraft(parties.root).revoked();
        IdentifierRecord revoked = parties.root.sign(parties.following(makerRecord.record(), draft));
        link.resolve(query(item("VALVE")));
        walks.remove().complete(answer(Outcome.RECORD_REVOKED, revoked.encoded(), 10_000));

        CompletableFuture<Answer> again = link.resolve(query(pump.key()));

        assertThat(asked).hasSize(3);
        walks.remove().completeExceptionally(new UnknownKeyException("a stranger's"));
        assertThatThrownBy(() -> join(again)).hasCauseInstanceOf(BranchAwayException.class);
    }

    @Test
    void thatNobodyIsResponsibleIsRememberedForAShortWhile() {
        RecursiveLink link = link();
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Answer> answer = link.resolve(query(pump.key()));
            if (!walks.isEmpty()) {
                walks.remove()
                        .complete(
                                new VerifiedAnswer(Outcome.NOT_RESPONSIBLE, ByteString.EMPTY, false, 0, -1, List.of()));
            }
            assertThat(join(answer).content().outcome()).isEqualTo(Outcome.NOT_RESPONSIBLE);
            assertThat(join(answer).content().isCacheable()).isFalse();
        }
        assertThat(asked).hasSize(1);
    }

    @Test
    void aClientMayHaveSoMuchUnderWayAndBeginSoMuchASecond() {
        RecursiveLink narrow = link(100, 1, 1_000);
        narrow.resolve(query(item("A")));
        CompletableFuture<Answer> second = narrow.resolve(query(item("B")));
        assertThatThrownBy(() -> join(second)).hasCauseInstanceOf(BusyException.class);
        walks.remove().complete(found(0));
        assertThat(narrow.resolve(query(item("B")))).isNotDone();

        RecursiveLink slow = link(100, 100, 2);
        slow.resolve(query(item("A")));
        slow.resolve(query(item("B")));
        CompletableFuture<Answer> third = slow.resolve(query(item("C")));
        assertThatThrownBy(() -> join(third)).hasCauseInstanceOf(BusyException.class);
        clock.now += 500;
        assertThat(slow.resolve(query(item("C")))).isNotDone();
    }

    @Test
    void soMuchMayBeUnderWayInAll() {
        RecursiveLink link = link(1, 100, 1_000);
        CompletableFuture<Answer> first = link.resolve(query(item("A")));
        CompletableFuture<Answer> second = link.resolve(query(item("B")));

        assertThatThrownBy(() -> join(second)).hasCauseInstanceOf(BusyException.class);
        walks.remove().complete(found(0));
        join(first);
        assertThat(link.resolve(query(item("B")))).isNotDone();
    }

    @Test
    void whoPassesTheCachesPassesThisOneToo() {
        RecursiveLink link = link();
        link.resolve(query(pump.key()));
        walks.remove().complete(found(10_000));
        CompletableFuture<Answer> answer = link.resolve(new Query(pump.key(), Selection.ALL, true, false, CLIENT));

        assertThat(asked).hasSize(2);
        walks.remove().complete(new VerifiedAnswer(Outcome.RECORD, pump.encoded(), false, 10_000, 4_711, List.of()));
        assertThat(join(answer).content().sequence()).isEqualTo(4_711);
    }

    @Test
    void aFailureInsideIsNoBranchThatIsAway() {
        RecursiveLink link = link();
        CompletableFuture<Answer> answer = link.resolve(query(pump.key()));
        walks.remove().completeExceptionally(new ArithmeticException());

        assertThatThrownBy(() -> join(answer))
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
    }
}
