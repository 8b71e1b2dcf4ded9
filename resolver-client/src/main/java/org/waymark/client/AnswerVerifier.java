package org.waymark.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.waymark.Limits;
import org.waymark.client.Resolution.Revoked.Reason;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.trust.AbsenceDenial;
import org.waymark.trust.ExpiredRecordException;
import org.waymark.trust.KeyId;
import org.waymark.trust.OnBehalfException;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RevokedPrefixException;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.TrustedPrefix;
import org.waymark.trust.UnprovenAbsenceException;
import org.waymark.trust.WrongIdentifierException;
import org.waymark.trust.WrongOwnerException;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/** Makes a verified resolution of a raw answer. Safe for use by many threads. */
final class AnswerVerifier {

    /**
     * A resolution, and for how long it may be answered with again.
     *
     * @param answer what was verified
     * @param expiresNanos by {@link System#nanoTime()}
     */
    record Verified(Resolution resolution, RawAnswer answer, long expiresNanos) {}

    private final PrefixChains chains;
    private final SeenVersions seen;
    private final SignatureVerifier signatures;
    private final boolean requiresProof;
    private final boolean refusesOnBehalf;
    private final LongSupplier clock;

    /**
     * @param chains null where nothing is to be verified
     * @param requiresProof whether an answer that there is no record has to be signed in any case
     * @param refusesOnBehalf whether an item must be signed by the registrant itself
     * @param clock UTC epoch milliseconds
     */
    AnswerVerifier(
            PrefixChains chains,
            SeenVersions seen,
            SignatureVerifier signatures,
            boolean requiresProof,
            boolean refusesOnBehalf,
            LongSupplier clock) {
        this.chains = chains;
        this.signatures = signatures;
        this.requiresProof = requiresProof;
        this.refusesOnBehalf = refusesOnBehalf;
        this.seen = seen;
        this.clock = clock;
    }

    /**
     * Verifies.
     *
     * @param asked the prefix whose node answered; null for a node that no referral led to
     * @param fresh reads the prefix records from the registry
     * @param startNanos when the call began
     */
    CompletableFuture<Verified> verify(
            Identifier identifier, RawAnswer answer, Prefix asked, boolean fresh, long startNanos) {
        return switch (answer.outcome()) {
            case RECORD -> found(identifier, answer, fresh, startNanos);
            case RECORD_REVOKED -> revoked(identifier, answer, fresh, startNanos);
            case REFERRAL -> referral(identifier, answer, fresh, startNanos);
            case NOT_FOUND -> notFound(identifier, answer, asked, fresh, startNanos);
            case NOT_RESPONSIBLE -> {
                AnswerDetail detail = RecordSource.detail(answer);
                yield unsigned(
                        new Resolution.NotResponsible(identifier, detail.getMessage(), provenance(answer, startNanos)),
                        answer);
            }
            case INVALID_IDENTIFIER -> {
                AnswerDetail detail = RecordSource.detail(answer);
                yield unsigned(
                        new Resolution.InvalidIdentifier(
                                identifier, detail.getMessage(), detail.getPosition(), provenance(answer, startNanos)),
                        answer);
            }
            default -> throw new ProtocolViolationException("the node gave the outcome " + answer.outcome());
        };
    }

    private CompletableFuture<Verified> found(Identifier identifier, RawAnswer answer, boolean fresh, long startNanos) {
        IdentifierRecord record = item(identifier, answer);
        if (record.isRevoked()) {
            throw new TamperedRecordException(record + " is revoked, but was answered as if it were active");
        }
        return vouched(identifier, record, answer, fresh)
                .thenApply(voucher -> new Verified(
                        new Resolution.Found(identifier, record, voucher.chain(), provenance(answer, startNanos)),
                        answer,
                        expires(answer, record, voucher)));
    }

    /** What stands behind a record: a chain, and until when it does. Both are empty where nothing is verified. */
    private record Voucher(List<PrefixRecord> chain, long expiresNanos) {

        static Voucher of(PrefixChains.Link link) {
            return new Voucher(link.chain(), link.expiresNanos());
        }

        /** Nobody looks at the prefix records; what hangs on them is still not kept for longer than they might be. */
        static Voucher none() {
            return new Voucher(List.of(), System.nanoTime() + TimeUnit.SECONDS.toNanos(Limits.PREFIX_TTL_SECONDS));
        }
    }

    private CompletableFuture<Voucher> vouched(
            Identifier identifier, IdentifierRecord record, RawAnswer answer, boolean fresh) {
        if (chains == null) {
            return CompletableFuture.completedFuture(Voucher.none());
        }
        return chains.trusted(owner(record), fresh, Companions.of(answer)).thenApply(link -> {
            verify(identifier, record, link.trusted());
            chains.requireLongest(identifier.ladder(), link.trusted().prefix());
            seen.admit(record);
            return Voucher.of(link);
        });
    }

    /**
     * Verifies an item by its owner's prefix record, as this client's policy has it.
     *
     * @throws org.waymark.trust.VerificationException if it does not verify
     */
    void verify(Identifier identifier, IdentifierRecord record, TrustedPrefix owner) {
        owner.verify(identifier, record, clock.getAsLong());
        if (refusesOnBehalf && owner.prefixRecord().isOnBehalf(record)) {
            throw new OnBehalfException(record + " is signed on behalf of " + owner.prefix() + " by the key "
                    + new KeyId(record.keyId()) + ", not by the registrant itself");
        }
    }

    private CompletableFuture<Verified> revoked(
            Identifier identifier, RawAnswer answer, boolean fresh, long startNanos) {
        IdentifierRecord evidence = RecordSource.record(itemKey(identifier), answer.payload());
        if (evidence.kind() == RecordKind.ITEM) {
            item(identifier, answer);
            if (!evidence.isRevoked()) {
                throw new TamperedRecordException(evidence + " is said to be revoked, but is active");
            }
            return vouched(identifier, evidence, answer, fresh)
                    .thenApply(voucher -> new Verified(
                            new Resolution.Revoked(
                                    identifier,
                                    Reason.RECORD,
                                    evidence,
                                    voucher.chain(),
                                    provenance(answer, startNanos)),
                            answer,
                            expires(answer, evidence, voucher)));
        }
        PrefixRecord prefix = prefixAbove(identifier, evidence);
        Reason reason = evidence.isRevoked() ? Reason.PREFIX : Reason.KEY;
        return vouchedRevocation(prefix, answer, fresh)
                .thenApply(voucher -> new Verified(
                        new Resolution.Revoked(
                                identifier, reason, evidence, voucher.chain(), provenance(answer, startNanos)),
                        answer,
                        expires(answer, evidence, voucher)));
    }

    private CompletableFuture<Voucher> vouchedRevocation(PrefixRecord prefix, RawAnswer answer, boolean fresh) {
        if (chains == null) {
            return CompletableFuture.completedFuture(Voucher.none());
        }
        IdentifierRecord evidence = prefix.record();
        CompletableFuture<PrefixChains.Link> link =
                chains.verified(evidence, answer.lifeMillis(), fresh, Companions.of(answer));
        if (!evidence.isRevoked()) {
            return link.thenApply(Voucher::of);
        }
        // That this very record is what revokes the chain is what its verification says.
        return link.handle((trusted, failure) -> {
                    Throwable cause = failure == null ? null : RecordSource.unwrap(failure);
                    if (cause instanceof RevokedPrefixException) {
                        return aboveRevoked(prefix, fresh);
                    }
                    return CompletableFuture.<Voucher>failedFuture(
                            cause == null ? new TamperedRecordException(evidence + " does not revoke") : cause);
                })
                .thenCompose(voucher -> voucher);
    }

    private CompletableFuture<Voucher> aboveRevoked(PrefixRecord prefix, boolean fresh) {
        return prefix.isSelfSigned()
                ? CompletableFuture.completedFuture(new Voucher(List.of(prefix), System.nanoTime()))
                : chains.trusted(prefix.owner(), fresh).thenApply(Voucher::of);
    }

    private CompletableFuture<Verified> referral(
            Identifier identifier, RawAnswer answer, boolean fresh, long startNanos) {
        IdentifierRecord record = RecordSource.record(itemKey(identifier), answer.payload());
        PrefixRecord prefix = prefixAbove(identifier, record);
        if (prefix.addresses().isEmpty()) {
            throw new TamperedRecordException(record + " refers to another node, but names none");
        }
        CompletableFuture<Voucher> voucher = chains == null
                ? CompletableFuture.completedFuture(Voucher.none())
                : chains.verified(record, answer.lifeMillis(), fresh, Companions.of(answer))
                        .thenApply(Voucher::of);
        return voucher.thenApply(behind -> new Verified(
                new Resolution.Referral(identifier, prefix, behind.chain(), provenance(answer, startNanos)),
                answer,
                expires(answer, record, behind)));
    }

    private CompletableFuture<Verified> notFound(
            Identifier identifier, RawAnswer answer, Prefix asked, boolean fresh, long startNanos) {
        AnswerDetail detail = RecordSource.detail(answer);
        if (chains == null) {
            return unsigned(
                    new Resolution.NotFound(
                            identifier,
                            detail.getOwner(),
                            detail.getMessage(),
                            Optional.empty(),
                            List.of(),
                            provenance(answer, startNanos)),
                    answer);
        }
        return denied(itemKey(identifier), identifier.ladder(), answer, asked, fresh)
                .thenApply(denied -> new Verified(
                        new Resolution.NotFound(
                                identifier,
                                detail.getOwner(),
                                detail.getMessage(),
                                denied.proof(),
                                denied.chain(),
                                provenance(answer, startNanos)),
                        answer,
                        denied.expiresNanos()));
    }

    /**
     * That there is no record, and what stands behind that.
     *
     * @param expiresNanos by {@link System#nanoTime()}
     */
    private record Denied(Optional<AbsenceDenial> proof, List<PrefixRecord> chain, long expiresNanos) {}

    /**
     * @param ladder the prefixes that may deny it, the longest first
     */
    private CompletableFuture<Denied> denied(
            RecordKey key, List<Prefix> ladder, RawAnswer answer, Prefix asked, boolean fresh) {
        AnswerDetail detail = RecordSource.detail(answer);
        Prefix owner = owner(key, ladder, detail);
        if (asked != null && !asked.covers(owner)) {
            throw new WrongOwnerException("the node of " + asked + " names " + owner + " as the longest prefix above "
                    + key.identifier() + ", though it was referred to for " + asked);
        }
        return chains.trusted(owner, fresh, Companions.of(answer)).thenApply(link -> {
            chains.requireLongest(ladder, owner);
            Optional<AbsenceDenial> proof = proof(key, answer, detail, link.trusted());
            long life = answer.stale() ? 0 : answer.lifeMillis();
            long expires = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(life);
            return new Denied(proof, link.chain(), link.expiresNanos() - expires < 0 ? link.expiresNanos() : expires);
        });
    }

    private static Prefix owner(RecordKey key, List<Prefix> ladder, AnswerDetail detail) {
        try {
            Prefix owner = Prefix.of(key.scheme(), detail.getOwner());
            if (ladder.contains(owner)) {
                return owner;
            }
        } catch (InvalidIdentifierException e) {
            throw new ProtocolViolationException("the node denies " + key.identifier() + " under no prefix", e);
        }
        throw new WrongOwnerException("the node denies " + key.identifier() + " under " + detail.getOwner());
    }

    /**
     * An answer about the record of a prefix, verified.
     *
     * @param chain prefix records from the anchor's to the lowest one that stands behind the answer
     * @param expiresNanos by {@link System#nanoTime()}
     */
    record VerifiedPrefix(Outcome outcome, RawAnswer answer, List<PrefixRecord> chain, long expiresNanos) {}

    /**
     * Verifies what a node says about the record of a prefix.
     *
     * @param asked the prefix whose node answered; null for a node that no referral led to
     * @param fresh reads the prefix records above from the registry
     */
    CompletableFuture<VerifiedPrefix> verify(Prefix prefix, RawAnswer answer, Prefix asked, boolean fresh) {
        RecordKey key = PrefixChains.key(prefix);
        List<Prefix> ladder = prefix.ladder();
        switch (answer.outcome()) {
            case RECORD, REFERRAL, RECORD_REVOKED -> {
                IdentifierRecord record = RecordSource.record(key, answer.payload());
                PrefixRecord said = prefixRecord(record);
                boolean isItself = said.prefix().equals(prefix);
                if (!said.prefix().covers(prefix) || !isItself && answer.outcome() == Outcome.RECORD) {
                    throw new WrongIdentifierException("asked for " + key + ", got a record of " + record.key());
                }
                // Whoever refers to a prefix by its own record has that record.
                Outcome outcome = isItself && answer.outcome() == Outcome.REFERRAL ? Outcome.RECORD : answer.outcome();
                CompletableFuture<Voucher> voucher = outcome == Outcome.RECORD_REVOKED
                        ? vouchedRevocation(said, answer, fresh)
                        : chains.verified(record, answer.lifeMillis(), fresh, Companions.of(answer))
                                .thenApply(Voucher::of);
                return voucher.thenApply(
                        behind -> new VerifiedPrefix(outcome, answer, behind.chain(), expires(answer, record, behind)));
            }
            case NOT_FOUND -> {
                return denied(key, ladder.subList(1, ladder.size()), answer, asked, fresh)
                        .thenApply(denied ->
                                new VerifiedPrefix(answer.outcome(), answer, denied.chain(), denied.expiresNanos()));
            }
            case NOT_RESPONSIBLE, INVALID_IDENTIFIER -> {
                return CompletableFuture.completedFuture(
                        new VerifiedPrefix(answer.outcome(), answer, List.of(), System.nanoTime()));
            }
            default -> throw new ProtocolViolationException("the node gave the outcome " + answer.outcome());
        }
    }

    private Optional<AbsenceDenial> proof(RecordKey key, RawAnswer answer, AnswerDetail detail, TrustedPrefix owner) {
        if (!detail.hasDenial()) {
            if (requiresProof || AbsenceDenial.isExpected(owner)) {
                throw new UnprovenAbsenceException("the node says that there is no record of " + key.identifier()
                        + ", and has not signed that"
                        + (requiresProof ? "" : " though the prefix has a key for it"));
            }
            return Optional.empty();
        }
        AbsenceDenial denial;
        try {
            denial = AbsenceDenial.parse(detail.getDenial());
        } catch (InvalidRecordException e) {
            throw new TamperedRecordException("the denial of " + key.identifier() + ": " + e.getMessage());
        }
        try {
            denial.verify(key, owner, signatures, clock.getAsLong());
        } catch (ExpiredRecordException e) {
            if (answer.stale() && !requiresProof) {
                return Optional.empty();
            }
            throw e;
        }
        return Optional.of(denial);
    }

    private static IdentifierRecord item(Identifier identifier, RawAnswer answer) {
        RecordKey asked = itemKey(identifier);
        IdentifierRecord record = RecordSource.record(asked, answer.payload());
        if (!record.key().equals(asked)) {
            throw new WrongIdentifierException("asked for " + asked + ", got a record of " + record.key());
        }
        return record;
    }

    private static PrefixRecord prefixAbove(Identifier identifier, IdentifierRecord record) {
        PrefixRecord prefix = prefixRecord(record);
        if (!prefix.prefix().covers(identifier)) {
            throw new WrongIdentifierException("asked for " + identifier + ", got a record of " + record.key());
        }
        return prefix;
    }

    private static PrefixRecord prefixRecord(IdentifierRecord record) {
        try {
            return PrefixRecord.of(record);
        } catch (InvalidRecordException | InvalidIdentifierException e) {
            throw new TamperedRecordException(record + " is not a prefix record: " + e.getMessage());
        }
    }

    private static Prefix owner(IdentifierRecord record) {
        try {
            return record.owner();
        } catch (InvalidIdentifierException e) {
            throw new TamperedRecordException(record + " names an owner that is no prefix: " + e.getMessage());
        }
    }

    static RecordKey itemKey(Identifier identifier) {
        return RecordKey.of(RecordKind.ITEM, identifier.scheme(), identifier.canonical());
    }

    private static CompletableFuture<Verified> unsigned(Resolution resolution, RawAnswer answer) {
        long expires = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(answer.lifeMillis());
        return CompletableFuture.completedFuture(
                new Verified(resolution, answer, answer.stale() ? System.nanoTime() : expires));
    }

    /** The least of what the node, the record and its chain allow. */
    private long expires(RawAnswer answer, IdentifierRecord record, Voucher voucher) {
        long life = Math.min(answer.lifeMillis(), TimeUnit.SECONDS.toMillis(record.ttlSeconds()));
        if (answer.stale()) {
            life = 0;
        }
        if (record.expiresAt() != 0) {
            life = Math.min(life, Math.max(0, record.expiresAt() - clock.getAsLong()));
        }
        long expires = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(life);
        return voucher.expiresNanos() - expires < 0 ? voucher.expiresNanos() : expires;
    }

    private static Provenance provenance(RawAnswer answer, long startNanos) {
        return new Provenance(
                answer.source(),
                false,
                answer.stale(),
                Duration.ofMillis(answer.lifeMillis()),
                answer.sequence(),
                Duration.ofNanos(System.nanoTime() - startNanos));
    }
}
