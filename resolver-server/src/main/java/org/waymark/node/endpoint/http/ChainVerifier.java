package org.waymark.node.endpoint.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Resolver;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RevokedPrefixException;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.TrustedPrefix;
import org.waymark.trust.UntrustedAnchorException;
import org.waymark.trust.VerificationException;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/**
 * Verifies records for readers who can't: from the node's own anchors, over the bytes that it answers with. That is worth as much as the
 * node is; programs verify for themselves. The signatures are checked on other threads than event loops, and once for the same bytes of
 * record and chain. Safe for use by many threads.
 */
final class ChainVerifier {

    private static final int KEPT = 20_000;
    /** Expiry is a matter of time, so a verdict is not for ever. */
    private static final Duration KEPT_FOR = Duration.ofMinutes(1);

    /**
     * What came out.
     *
     * @param chain from the anchor's prefix record down to the owner's; empty where it does not verify
     * @param fault why it does not verify; empty where it does
     */
    record Verdict(List<PrefixRecord> chain, String fault) {

        Verdict {
            chain = List.copyOf(chain);
        }

        boolean isVerified() {
            return fault.isEmpty();
        }

        /** The record of whoever signed. */
        Optional<PrefixRecord> signer() {
            return chain.isEmpty() ? Optional.empty() : Optional.of(chain.get(chain.size() - 1));
        }
    }

    private final Resolver resolver;
    private final Set<Anchor> anchors;
    private final Executor workers;
    private final Clock clock;
    private final SignatureVerifier signatures = new SignatureVerifier();
    private final Cache<ByteString, Verdict> verdicts =
            Caffeine.newBuilder().maximumSize(KEPT).expireAfterWrite(KEPT_FOR).build();

    ChainVerifier(Resolver resolver, Set<Anchor> anchors, Executor workers, Clock clock) {
        this.resolver = resolver;
        this.anchors = Set.copyOf(anchors);
        this.workers = workers;
        this.clock = clock;
    }

    /**
     * Verifies a record that the node answered with; one that is not of the key, but revokes it, too.
     *
     * @param client on whose behalf prefix records may be looked up at other nodes; null: nobody's
     */
    CompletableFuture<Verdict> verify(IdentifierRecord record, InetAddress client) {
        if (anchors.isEmpty()) {
            return done("this node was set up without anchors, so it has nothing to verify from");
        }
        return chainOf(record, client)
                .handle((chain, fault) -> fault == null ? checked(record, chain) : done(reason(fault)))
                .thenCompose(verdict -> verdict);
    }

    private static CompletableFuture<Verdict> done(String fault) {
        return CompletableFuture.completedFuture(new Verdict(List.of(), fault));
    }

    private static String reason(Throwable fault) {
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        return String.valueOf(cause.getMessage());
    }

    /** The prefix records above a record, its owner's first. A self-signed one has none above it. */
    private CompletableFuture<List<IdentifierRecord>> chainOf(IdentifierRecord record, InetAddress client) {
        return extend(record, client, new ArrayList<>());
    }

    private CompletableFuture<List<IdentifierRecord>> extend(
            IdentifierRecord below, InetAddress client, List<IdentifierRecord> chain) {
        Prefix owner;
        try {
            owner = below.owner();
        } catch (InvalidIdentifierException e) {
            return CompletableFuture.failedFuture(
                    new UntrustedAnchorException(below + " names no prefix as its owner"));
        }
        RecordKey key = RecordKey.of(RecordKind.PREFIX, owner.scheme(), owner.canonical());
        if (below.key().equals(key)) {
            return CompletableFuture.completedFuture(chain);
        }
        if (chain.size() == Limits.CHAIN_LENGTH) {
            return CompletableFuture.failedFuture(
                    new UntrustedAnchorException("the chain is longer than " + Limits.CHAIN_LENGTH));
        }
        return resolver.resolve(Query.of(key).onBehalfOf(client)).thenCompose(answer -> {
            IdentifierRecord above = prefixRecord(key, answer);
            chain.add(above);
            return extend(above, client, chain);
        });
    }

    private static IdentifierRecord prefixRecord(RecordKey key, Answer answer) {
        Outcome outcome = answer.content().outcome();
        if (outcome != Outcome.RECORD && outcome != Outcome.REFERRAL && outcome != Outcome.RECORD_REVOKED) {
            throw new UntrustedAnchorException("the node has no record of " + key);
        }
        IdentifierRecord record =
                IdentifierRecord.parse(ByteString.copyFrom(answer.content().payload()));
        if (!record.key().equals(key)) {
            throw new UntrustedAnchorException("the record of " + key + " is revoked by " + record);
        }
        return record;
    }

    private CompletableFuture<Verdict> checked(IdentifierRecord record, List<IdentifierRecord> chain) {
        ByteString key = digest(record, chain);
        Verdict known = verdicts.getIfPresent(key);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    Verdict verdict = check(record, chain);
                    verdicts.put(key, verdict);
                    return verdict;
                },
                workers);
    }

    private static ByteString digest(IdentifierRecord record, List<IdentifierRecord> chain) {
        byte[][] parts = new byte[2 * (1 + chain.size())][];
        for (int i = 0; i <= chain.size(); i++) {
            byte[] encoded = (i == 0 ? record : chain.get(i - 1)).encoded().toByteArray();
            parts[2 * i] = Integer.toString(encoded.length).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            parts[2 * i + 1] = encoded;
        }
        return ByteString.copyFrom(HashFunction.SHA_256.digest(parts));
    }

    private Verdict check(IdentifierRecord record, List<IdentifierRecord> chain) {
        try {
            long now = clock.millis();
            TrustedPrefix trusted = null;
            for (int i = chain.size() - 1; i >= 0; i--) {
                trusted = below(trusted, chain.get(i), now);
            }
            if (record.kind() == RecordKind.ITEM && trusted != null) {
                trusted.verify(Identifier.parse(record.scheme(), record.key().identifier()), record, now);
                return new Verdict(trusted.chain(), "");
            }
            List<PrefixRecord> above = trusted == null ? List.of() : trusted.chain();
            return prefixVerdict(trusted, above, record, now);
        } catch (VerificationException | InvalidRecordException | InvalidIdentifierException e) {
            return new Verdict(List.of(), String.valueOf(e.getMessage()));
        }
    }

    /** A prefix record stands at the end of its own chain; one that says it is revoked, below a chain that is in force. */
    private Verdict prefixVerdict(TrustedPrefix parent, List<PrefixRecord> above, IdentifierRecord record, long now) {
        try {
            TrustedPrefix itself = below(parent, record, now);
            return new Verdict(parent == null ? itself.chain() : above, "");
        } catch (RevokedPrefixException e) {
            // Thrown after the signature was verified: the record itself says so.
            if (!record.isRevoked()) {
                throw e;
            }
            return new Verdict(parent == null ? List.of(PrefixRecord.of(record)) : above, "");
        }
    }

    private TrustedPrefix below(TrustedPrefix parent, IdentifierRecord record, long now) {
        if (parent != null) {
            return parent.delegate(record, now);
        }
        VerificationException first = null;
        for (Anchor anchor : anchors) {
            if (anchor.prefix().scheme() == record.scheme()
                    && anchor.prefix().canonical().equals(record.key().identifier())) {
                try {
                    return TrustedPrefix.anchored(anchor, record, signatures, now);
                } catch (VerificationException e) {
                    first = first == null ? e : first;
                }
            }
        }
        throw first == null
                ? new UntrustedAnchorException(
                        "the chain ends at " + record.key() + ", which is no anchor of this node")
                : first;
    }
}
