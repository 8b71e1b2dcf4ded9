package org.waymark.node.resolve;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.waymark.record.RecordKey;
import org.waymark.wire.AnswerSource;

/** The chain's last link: asks the authority, whatever the query says about caches. */
public final class AuthorityLink implements Resolver {

    private final Authority authority;
    private final AnswerSource source;

    /**
     * @param source how answers of this authority are labelled
     */
    public AuthorityLink(Authority authority, AnswerSource source) {
        this.authority = authority;
        this.source = source;
    }

    @Override
    public CompletableFuture<Answer> resolve(Query query) {
        return authority.read(query.key()).thenApply(content -> Answer.of(content, source));
    }

    @Override
    public void resolveAll(List<Query> queries, Replies<Answer> replies) {
        List<RecordKey> keys = new ArrayList<>(queries.size());
        for (Query query : queries) {
            keys.add(query.key());
        }
        authority.readAll(keys, new Labelled(source, replies));
    }

    private record Labelled(AnswerSource source, Replies<Answer> replies) implements Replies<StoredAnswer> {

        @Override
        public void answered(int place, StoredAnswer content) {
            replies.answered(place, Answer.of(content, source));
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
}
