package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.waymark.lifecycle.PrefixDecision;
import org.waymark.node.TestParties;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.ScanQuery;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.DecideRequest;
import org.waymark.v1.Decision;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.RegisterResult.Code;
import org.waymark.v1.ScanResponse;

class CoherentAuthorityTest {

    private final Registrant maker = Registrant.maker(new TestParties(Suite.ED25519));
    private final IdentifierRecord pump = maker.nextOf("pump");
    private final PrefixGenerations generations = new PrefixGenerations();
    private final SequenceFloors floors = new SequenceFloors(0);
    private final NearCache cache = new NearCache(1_000_000, 0, generations, NearCacheTrust.ALWAYS, Clock.systemUTC());
    private final NearCacheLink link =
            new NearCacheLink(cache, query -> new CompletableFuture<>(), 0, Clock.systemUTC());
    private final CompletableFuture<List<RegisterResult>> remoteResults = new CompletableFuture<>();
    private final CoherentAuthority authority =
            new CoherentAuthority(new RemoteStub(), new Coherence(link, generations, floors));

    private final CompletableFuture<StoredAnswer> remoteAnswer = new CompletableFuture<>();

    /** Answers when the test says so. */
    private final class RemoteStub implements Authority {

        @Override
        public CompletableFuture<List<RegisterResult>> register(List<ByteString> records) {
            return remoteResults;
        }

        @Override
        public CompletableFuture<StoredAnswer> read(RecordKey key) {
            return remoteAnswer;
        }

        @Override
        public CompletableFuture<HistoryResponse> history(RecordKey key, long fromVersion, int limit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ScanResponse> scan(ScanQuery query) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<LifeCycleResponse> lifeCycle(LifeCycleRequest request, String source) {
            return CompletableFuture.completedFuture(
                    LifeCycleResponse.newBuilder().setSequence(7).build());
        }

        @Override
        public CompletableFuture<Long> sequence() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private void hold(RecordKey key) {
        cache.fill(cache.beginFill(key), Answers.record("old", 5, Long.MAX_VALUE));
    }

    private void acknowledge(IdentifierRecord record, Code code, long sequence) {
        CompletableFuture<List<RegisterResult>> results = authority.register(List.of(record.encoded()));
        assertThat(cache.fresh(pump.key())).as("before the acknowledgement").isNotNull();
        remoteResults.complete(List.of(
                RegisterResult.newBuilder().setCode(code).setSequence(sequence).build()));
        assertThat(results).isCompleted();
    }

    @Test
    void anAcknowledgedWriteIsKnownToTheCachesBeforeTheClientHearsOfIt() {
        hold(pump.key());
        acknowledge(pump, Code.UPDATED, 9);

        assertThat(cache.fresh(pump.key())).isNull();
        assertThat(floors.admits(pump.key(), 8, 8)).isFalse();
    }

    @Test
    void aWriteThatWasStoredAlreadyThroughAnotherNodeIsKnownToo() {
        hold(pump.key());
        remoteAnswer.complete(Answers.record("new", 9, Long.MAX_VALUE));
        acknowledge(pump, Code.UNCHANGED, 0);

        assertThat(cache.fresh(pump.key())).isNull();
        assertThat(floors.admits(pump.key(), 8, 8)).isFalse();
    }

    @Test
    void aWriteThatWasStoredAlreadyIsAcknowledgedEvenIfTheRegistryIsAwayByThen() {
        hold(pump.key());
        remoteAnswer.completeExceptionally(new UnavailableException("away", null));
        acknowledge(pump, Code.UNCHANGED, 0);

        assertThat(cache.fresh(pump.key())).isNull();
    }

    @Test
    void aChangeOfAPrefixVoidsWhatIsBelow() {
        hold(pump.key());
        acknowledge(maker.nextOfPrefix(true), Code.CREATED, 9);

        assertThat(cache.fresh(pump.key())).isNull();
        assertThat(generations.of(Answers.MAKER).covers(8)).isFalse();
    }

    @Test
    void aDecisionThatChangesAPrefixVoidsWhatIsBelowEvenIfItComesAgainWithoutTheRecord() {
        hold(pump.key());
        SigningKey key = SigningKey.generate(Suite.ED25519);
        IdentifierRecord record = maker.nextOfPrefix(false);
        ByteString digest = record.digest(key.suite().hash()).bytes();
        Decision decision = Decision.newBuilder()
                .setNumber(digest)
                .setStep(1)
                .setPrevious(digest)
                .setKind(Decision.Kind.DISABLE)
                .setDecidedAt(1)
                .setScheme(IdentifierScheme.VAA)
                .setSigner("88.118")
                .setPrefix(record.key().identifier())
                .setRecord(digest)
                .build();
        LifeCycleRequest request = LifeCycleRequest.newBuilder()
                .setDecide(DecideRequest.newBuilder()
                        .setDecision(PrefixDecision.sign(decision, key).toProto()))
                .build();

        assertThat(authority.lifeCycle(request, "192.0.2.1").join().getSequence())
                .isEqualTo(7);

        assertThat(cache.fresh(pump.key())).isNull();
        assertThat(generations.of(Answers.MAKER).covers(6)).isFalse();
    }

    @Test
    void aRefusedWriteLeavesTheCachesAlone() {
        hold(pump.key());
        acknowledge(pump, Code.CONFLICT, 0);

        assertThat(cache.fresh(pump.key())).isNotNull();
        assertThat(floors.admits(pump.key(), 1, 0)).isTrue();
    }
}
