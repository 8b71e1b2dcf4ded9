package org.waymark.client;

import java.util.Collection;
import java.util.List;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.trust.TrustedPrefix;

/**
 * The methods of a {@link ResolverClient}, waiting for their answers. They throw what the futures fail with: a
 * {@link WaymarkException} where no answer came, a {@link org.waymark.trust.VerificationException} where it does not verify.
 * Not for use on event loops. It closes with the client that it belongs to.
 */
public final class BlockingResolverClient {

    private final ResolverClient client;

    BlockingResolverClient(ResolverClient client) {
        this.client = client;
    }

    /** See {@link ResolverClient#resolve(Identifier)}. */
    public Resolution resolve(Identifier identifier) {
        return ResolverClient.await(client.resolve(identifier));
    }

    /** See {@link ResolverClient#resolve(Identifier, ResolveOptions)}. */
    public Resolution resolve(Identifier identifier, ResolveOptions options) {
        return ResolverClient.await(client.resolve(identifier, options));
    }

    /** See {@link ResolverClient#resolveAll(Collection)}. Throws the first failure. */
    public List<Resolution> resolveAll(Collection<Identifier> identifiers) {
        return resolveAll(identifiers, ResolveOptions.ALL);
    }

    /** See {@link ResolverClient#resolveAll(Collection, ResolveOptions)}. Throws the first failure. */
    public List<Resolution> resolveAll(Collection<Identifier> identifiers, ResolveOptions options) {
        return client.resolveAll(identifiers, options).stream()
                .map(ResolverClient::await)
                .toList();
    }

    /** See {@link ResolverClient#history}. */
    public List<HistoryVersion> history(Identifier identifier) {
        return ResolverClient.await(client.history(identifier));
    }

    /** See {@link ResolverClient#trust}. */
    public TrustedPrefix trust(Prefix prefix) {
        return ResolverClient.await(client.trust(prefix));
    }
}
