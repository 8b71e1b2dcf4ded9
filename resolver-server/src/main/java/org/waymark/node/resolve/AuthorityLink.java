package org.waymark.node.resolve;

import java.util.concurrent.CompletableFuture;
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
}
