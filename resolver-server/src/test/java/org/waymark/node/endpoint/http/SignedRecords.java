package org.waymark.node.endpoint.http;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.metrics.OwnerTotals;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

/** A resolver that answers with the records that a test signs; it has no others. */
public final class SignedRecords implements Resolver {

    private static final long LIFE_MILLIS = 60_500;
    private static final long LATER_MILLIS = 20;

    private final SigningKey key = SigningKey.generate(Suite.ED25519);
    private final Map<RecordKey, StoredAnswer> answers = new ConcurrentHashMap<>();

    private final NodeMetrics metrics = new NodeMetrics(new SimpleMeterRegistry());

    /** Where look-ups are counted. */
    public final ConnectionMetrics counted = metrics.face(Face.HTTP).connection(null);

    /** Answers come later, from another thread. */
    public volatile boolean slow;

    /** What every look-up fails with; null: nothing. */
    public volatile RuntimeException failure;

    /** Where every answer comes from. */
    public volatile AnswerSource source = AnswerSource.NEAR_CACHE;

    /** What the answers that are {@link #put} from now on hang on; null: nothing. */
    public volatile RecordKey owner;

    /** The last look-up. */
    public volatile Query last;

    /** A draft of an item under this prefix. */
    public static RecordDraft.Builder item(String identifier, String prefix) {
        return RecordDraft.item(Identifier.parse(identifier), Prefix.parse(prefix));
    }

    /** Signs a record, and answers with it from now on. */
    public IdentifierRecord add(RecordDraft.Builder draft) {
        return add(draft, Outcome.RECORD);
    }

    /** Signs a record, and answers with it and this outcome from now on. */
    public IdentifierRecord add(RecordDraft.Builder draft, Outcome outcome) {
        IdentifierRecord record = new RecordSigner(key).sign(draft.build());
        put(record.key(), outcome, record.encoded().toByteArray());
        return record;
    }

    /** Answers look-ups of this key with this from now on. */
    public void put(RecordKey of, Outcome outcome, byte[] payload) {
        answers.put(of, new StoredAnswer(outcome, payload, 1, System.currentTimeMillis() + LIFE_MILLIS, owner));
    }

    @Override
    public CompletableFuture<Answer> resolve(Query query) {
        last = query;
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        StoredAnswer answer = answers.get(query.key());
        if (answer == null) {
            byte[] detail = AnswerDetail.newBuilder()
                    .setMessage("there is no record of " + query.key())
                    .build()
                    .toByteArray();
            answer = new StoredAnswer(Outcome.NOT_FOUND, detail, 1, System.currentTimeMillis() + LIFE_MILLIS, null);
        }
        Answer found = Answer.of(answer, source);
        return slow
                ? CompletableFuture.supplyAsync(
                        () -> found, CompletableFuture.delayedExecutor(LATER_MILLIS, TimeUnit.MILLISECONDS))
                : CompletableFuture.completedFuture(found);
    }

    /** How many look-ups were counted with this outcome. */
    public long counted(Outcome outcome) {
        return metrics.totals().answered(outcome);
    }

    /** How many look-ups were counted as answered from there. */
    public long counted(AnswerSource from) {
        return metrics.totals().answered(from);
    }

    /** How many look-ups were counted whose answers hang on this. */
    public long counted(RecordKey of) {
        return metrics.owners().getOrDefault(of, OwnerTotals.NONE).answers();
    }
}
