package org.waymark.node.resolve;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.Homes;
import org.waymark.node.registry.PrefixChain;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.StoredRecord;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.KeyRole;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/**
 * Finds the answer to a look-up in the registry: longest registered prefix, then the record. Safe for use by many threads; reads
 * the disk.
 */
public final class AuthorityReader {

    private final Registry registry;
    private final PrefixTable prefixes;
    private final Homes homes;
    private final int negativeTtlSeconds;
    private final Clock clock;

    /**
     * @param roots the self-signed prefixes that this node was set up with; their own node addresses are this node's
     * @param negativeTtlSeconds how long NOT_FOUND may be kept; 0: not at all
     */
    public AuthorityReader(
            Registry registry, PrefixTable prefixes, Set<Anchor> roots, int negativeTtlSeconds, Clock clock) {
        this(registry, prefixes, Homes.ofRoots(roots), negativeTtlSeconds, clock);
    }

    /**
     * @param homes the prefixes that this node stands for
     * @param negativeTtlSeconds how long NOT_FOUND may be kept; 0: not at all
     */
    public AuthorityReader(Registry registry, PrefixTable prefixes, Homes homes, int negativeTtlSeconds, Clock clock) {
        this.registry = registry;
        this.prefixes = prefixes;
        this.homes = homes;
        this.negativeTtlSeconds = negativeTtlSeconds;
        this.clock = clock;
    }

    /** The answer as of now. */
    public StoredAnswer read(RecordKey key) {
        // Taken before anything is read: the answer reflects at least every commit up to it.
        long sequence = registry.lastSequence();
        Place place;
        try {
            place = Place.of(key);
        } catch (InvalidIdentifierException e) {
            return invalid(e.getMessage(), e.position(), sequence);
        }
        if (!place.canonical().equals(key.identifier())) {
            String message = "look-ups carry canonical text: " + place.canonical() + ", not " + key.identifier();
            return invalid(message, 0, sequence);
        }
        PrefixChain chain = prefixes.chain(place.ladder());
        if (chain.isEmpty()) {
            return notResponsible(key, sequence);
        }
        return answer(key, chain, sequence);
    }

    /** Where a key stands in its scheme's tree. */
    private record Place(String canonical, List<Prefix> ladder) {

        static Place of(RecordKey key) {
            if (key.kind() == RecordKind.PREFIX) {
                Prefix prefix = Prefix.of(key.scheme(), key.identifier());
                return new Place(prefix.canonical(), prefix.ladder());
            }
            Identifier identifier = Identifier.parse(key.scheme(), key.identifier());
            return new Place(identifier.canonical(), identifier.ladder());
        }
    }

    private static StoredAnswer invalid(String message, int position, long sequence) {
        AnswerDetail detail = AnswerDetail.newBuilder()
                .setMessage(message)
                .setPosition(position)
                .build();
        return new StoredAnswer(Outcome.INVALID_IDENTIFIER, detail.toByteArray(), sequence, 0, null);
    }

    private static StoredAnswer notResponsible(RecordKey key, long sequence) {
        AnswerDetail detail = AnswerDetail.newBuilder()
                .setMessage("no prefix above " + key + " is served by this node")
                .build();
        return new StoredAnswer(Outcome.NOT_RESPONSIBLE, detail.toByteArray(), sequence, 0, null);
    }

    private StoredAnswer answer(RecordKey key, PrefixChain chain, long sequence) {
        PrefixRecord owner = chain.owner();
        RecordKey ownerKey = PrefixTable.keyOf(owner.prefix());
        PrefixChain.Break fault = chain.firstBreak().orElse(null);
        if (fault instanceof PrefixChain.Break.Revoked revoked) {
            return recordAnswer(Outcome.RECORD_REVOKED, revoked.saysSo().record(), ownerKey, sequence);
        }
        if (fault instanceof PrefixChain.Break.NotSigned notSigned) {
            String message = "the record of " + key + " hangs on "
                    + notSigned.prefix().prefix() + ", which the prefix above it has not signed in its present epoch";
            return notFound(message, owner, sequence);
        }
        if (key.equals(ownerKey)) {
            return recordAnswer(Outcome.RECORD, owner.record(), ownerKey, sequence);
        }
        Optional<PrefixRecord> elsewhere = homes.servedElsewhere(chain);
        if (elsewhere.isPresent()) {
            return recordAnswer(Outcome.REFERRAL, elsewhere.get().record(), ownerKey, sequence);
        }
        if (!homes.knowsWhere(chain)) {
            return notResponsible(key, sequence);
        }
        Optional<StoredRecord> stored = key.kind() == RecordKind.ITEM ? registry.read(key) : Optional.empty();
        if (stored.isEmpty()) {
            return notFound("there is no record of " + key, owner, sequence);
        }
        IdentifierRecord record = IdentifierRecord.parse(stored.get().record());
        if (!PrefixChain.isOwnedBy(record, owner)) {
            return notFound(
                    "the record of " + key + " is of an earlier owner or epoch; " + owner.prefix()
                            + " has not signed it yet",
                    owner,
                    sequence);
        }
        Optional<PartyKey> signer = PrefixChain.signer(record, owner, KeyRole.RECORDS);
        if (signer.isEmpty()) {
            return recordAnswer(Outcome.RECORD_REVOKED, owner.record(), ownerKey, sequence);
        }
        return recordAnswer(
                record.isRevoked() ? Outcome.RECORD_REVOKED : Outcome.RECORD,
                record.publicView(signer.get().key().suite().hash()),
                ownerKey,
                sequence);
    }

    private StoredAnswer recordAnswer(Outcome outcome, IdentifierRecord record, RecordKey owner, long sequence) {
        long now = clock.millis();
        long expiresAt = now + 1_000L * record.ttlSeconds();
        if (record.expiresAt() != 0) {
            // A record that has expired is still the answer: its reader says so. It is not kept, though.
            expiresAt = Math.max(now, Math.min(expiresAt, record.expiresAt()));
        }
        return new StoredAnswer(
                outcome, record.encoded().toByteArray(), sequence, expiresAt == now ? 0 : expiresAt, owner);
    }

    private StoredAnswer notFound(String message, PrefixRecord owner, long sequence) {
        AnswerDetail detail = AnswerDetail.newBuilder()
                .setMessage(message)
                .setOwner(owner.prefix().canonical())
                .build();
        return new StoredAnswer(
                Outcome.NOT_FOUND,
                detail.toByteArray(),
                sequence,
                negativeTtlSeconds == 0 ? 0 : clock.millis() + 1_000L * negativeTtlSeconds,
                PrefixTable.keyOf(owner.prefix()));
    }
}
