package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.Limits;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.v1.AnswerChain;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/**
 * Puts the prefix records above an answer beside it, where they are asked for: each is looked up in the rest of the chain, so that they
 * come from the same caches. An answer does not wait for what can't be had: its chain then ends earlier.
 */
public final class ChainLink implements Resolver {

    private final Resolver next;
    private final Clock clock;

    public ChainLink(Resolver next, Clock clock) {
        this.next = next;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<Answer> resolve(Query query) {
        CompletableFuture<Answer> answer = next.resolve(query);
        return query.withChain() ? answer.thenCompose(found -> chained(query, found)) : answer;
    }

    @Override
    public void resolveAll(List<Query> queries, Replies<Answer> replies) {
        for (Query query : queries) {
            if (query.withChain()) {
                next.resolveAll(queries, new Chained(queries, replies));
                return;
            }
        }
        next.resolveAll(queries, replies);
    }

    private final class Chained implements Replies<Answer> {

        private final List<Query> queries;
        private final Replies<Answer> replies;

        Chained(List<Query> queries, Replies<Answer> replies) {
            this.queries = queries;
            this.replies = replies;
        }

        @Override
        public void answered(int place, Answer answer) {
            Query query = queries.get(place);
            if (query.withChain()) {
                replies.follow(place, chained(query, answer));
            } else {
                replies.answered(place, answer);
            }
        }

        @Override
        public void failed(int place, Throwable fault) {
            replies.failed(place, fault);
        }

        @Override
        public void flush() {
            replies.flush();
        }
    }

    private CompletableFuture<Answer> chained(Query query, Answer found) {
        try {
            RecordKey first = firstAbove(query.key(), found.content());
            return first == null
                    ? CompletableFuture.completedFuture(found)
                    : new Climb(query)
                            .above(first)
                            .thenApply(chain -> chain.getLinksCount() == 0
                                    ? found
                                    : found.withChain(chain.build().toByteArray()));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The lowest prefix record that is to come along; null where there is none. */
    private static RecordKey firstAbove(RecordKey asked, StoredAnswer answer) {
        RecordKey first = switch (answer.outcome()) {
            case NOT_FOUND, RECORD_REVOKED -> answer.owner();
            case RECORD, REFERRAL -> owner(answer.payload());
            default -> null;
        };
        // A prefix record that answers for itself is not sent twice.
        return asked.equals(first) && answer.outcome() != Outcome.NOT_FOUND ? null : first;
    }

    /** The key of the prefix that owns a record; null where that is the record itself. */
    private static RecordKey owner(byte[] record) {
        try {
            IdentifierRecord parsed = IdentifierRecord.parse(UnsafeByteOperations.unsafeWrap(record));
            Prefix owner = parsed.owner();
            RecordKey key = RecordKey.of(RecordKind.PREFIX, owner.scheme(), owner.canonical());
            return key.equals(parsed.key()) ? null : key;
        } catch (InvalidRecordException | InvalidIdentifierException e) {
            throw new IllegalStateException("a record that was admitted can't be read", e);
        }
    }

    /** The way up from a prefix, for one answer. */
    private final class Climb {

        private final Query asked;
        private final AnswerChain.Builder chain = AnswerChain.newBuilder();
        private int bytes;

        Climb(Query asked) {
            this.asked = asked;
        }

        CompletableFuture<AnswerChain.Builder> above(RecordKey key) {
            return next.resolve(new Query(key, Selection.ALL, asked.authoritative()).onBehalfOf(asked.client()))
                    .handle((answer, failure) -> failure == null ? answer : null)
                    .thenCompose(answer -> {
                        RecordKey higher = answer == null ? null : add(answer.content());
                        return higher == null ? CompletableFuture.completedFuture(chain) : above(higher);
                    });
        }

        /** Returns the next one up; null at the end. */
        private RecordKey add(StoredAnswer answer) {
            bytes += answer.payload().length;
            if (answer.outcome() != Outcome.RECORD
                    || bytes > Limits.ANSWER_CHAIN_BYTES
                    || chain.getLinksCount() == Limits.CHAIN_LENGTH) {
                return null;
            }
            ByteString record = UnsafeByteOperations.unsafeWrap(answer.payload());
            long life = Math.min(answer.lifeMillis(clock.millis()), Integer.MAX_VALUE);
            chain.addLinks(AnswerChain.Link.newBuilder().setRecord(record).setLifeMillis((int) life));
            return owner(answer.payload());
        }
    }
}
