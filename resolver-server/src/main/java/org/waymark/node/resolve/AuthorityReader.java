package org.waymark.node.resolve;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
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

    /** What the standings hold on to, in bytes of encoded prefix records. */
    private static final long STANDINGS_BYTES = 16L * 1_024 * 1_024;

    private static final int ENTRY_BYTES = 256;

    private final Registry registry;
    private final PrefixTable prefixes;
    private final Cache<Prefix, Standing> standings = Caffeine.newBuilder()
            .maximumWeight(STANDINGS_BYTES)
            .<Prefix, Standing>weigher((longest, standing) -> standing.bytes())
            .build();
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
        Standing standing = standing(place.longest());
        if (standing.owner() == null) {
            return notResponsible(key, sequence);
        }
        return answer(key, standing, sequence);
    }

    /** Where a key stands in its scheme's tree: the longest prefix that may own it. */
    private record Place(String canonical, Prefix longest) {

        static Place of(RecordKey key) {
            if (key.kind() == RecordKind.PREFIX) {
                Prefix prefix = Prefix.of(key.scheme(), key.identifier());
                return new Place(prefix.canonical(), prefix);
            }
            Identifier identifier = Identifier.parse(key.scheme(), key.identifier());
            return new Place(identifier.canonical(), identifier.prefix());
        }
    }

    /**
     * What the registered prefixes of a ladder come to, for all keys with this ladder.
     *
     * @param changes of the prefix table when this was found
     * @param owner null where no prefix of the ladder is registered
     * @param fault null where the chain holds
     * @param elsewhere null where the ladder is served here, or it is not known where
     * @param isKnownWhere false where no node is known that serves the ladder
     */
    private record Standing(
            long changes,
            PrefixRecord owner,
            RecordKey ownerKey,
            PrefixChain.Break fault,
            PrefixRecord elsewhere,
            boolean isKnownWhere,
            int bytes) {

        static Standing of(PrefixChain chain, Homes homes, long changes) {
            int bytes = ENTRY_BYTES;
            for (PrefixRecord link : chain.links()) {
                bytes += link.record().encoded().size();
            }
            if (chain.isEmpty()) {
                return new Standing(changes, null, null, null, null, false, bytes);
            }
            return new Standing(
                    changes,
                    chain.owner(),
                    PrefixTable.keyOf(chain.owner().prefix()),
                    chain.firstBreak().orElse(null),
                    homes.servedElsewhere(chain).orElse(null),
                    homes.knowsWhere(chain),
                    bytes);
        }
    }

    private Standing standing(Prefix longest) {
        long changes = prefixes.changes();
        Standing known = standings.getIfPresent(longest);
        if (known == null || known.changes() != changes) {
            known = Standing.of(prefixes.chain(longest.ladder()), homes, changes);
            standings.put(longest, known);
        }
        return known;
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

    private StoredAnswer answer(RecordKey key, Standing standing, long sequence) {
        PrefixRecord owner = standing.owner();
        RecordKey ownerKey = standing.ownerKey();
        if (standing.fault() instanceof PrefixChain.Break.Revoked revoked) {
            return prefixAnswer(Outcome.RECORD_REVOKED, revoked.saysSo(), ownerKey, sequence);
        }
        if (standing.fault() instanceof PrefixChain.Break.NotSigned notSigned) {
            String message = "the record of " + key + " hangs on "
                    + notSigned.prefix().prefix() + ", which the prefix above it has not signed in its present epoch";
            return notFound(message, standing, sequence);
        }
        if (key.equals(ownerKey)) {
            return prefixAnswer(Outcome.RECORD, owner, ownerKey, sequence);
        }
        if (standing.elsewhere() != null) {
            return prefixAnswer(Outcome.REFERRAL, standing.elsewhere(), ownerKey, sequence);
        }
        if (!standing.isKnownWhere()) {
            return notResponsible(key, sequence);
        }
        Optional<StoredRecord> stored = key.kind() == RecordKind.ITEM ? registry.read(key) : Optional.empty();
        if (stored.isEmpty()) {
            return notFound("there is no record of " + key, standing, sequence);
        }
        byte[] whole = stored.get().record().toByteArray();
        RecordFacts record = RecordFacts.of(whole);
        if (record.ownerEpoch() != owner.epoch()
                || !record.owner().equals(owner.prefix().canonical())) {
            return notFound(
                    "the record of " + key + " is of an earlier owner or epoch; " + owner.prefix()
                            + " has not signed it yet",
                    standing,
                    sequence);
        }
        Optional<PartyKey> signer = PrefixChain.signer(record.keyId(), owner, KeyRole.RECORDS);
        if (signer.isEmpty()) {
            return prefixAnswer(Outcome.RECORD_REVOKED, owner, ownerKey, sequence);
        }
        byte[] payload = record.hasRestrictedValues()
                ? IdentifierRecord.parse(stored.get().record())
                        .publicView(signer.get().key().suite().hash())
                        .encoded()
                        .toByteArray()
                : whole;
        Outcome outcome = record.isRevoked() ? Outcome.RECORD_REVOKED : Outcome.RECORD;
        return new StoredAnswer(
                outcome, payload, sequence, endOfLife(record.ttlSeconds(), record.expiresAt()), ownerKey);
    }

    private StoredAnswer prefixAnswer(Outcome outcome, PrefixRecord prefix, RecordKey owner, long sequence) {
        IdentifierRecord record = prefix.record();
        return new StoredAnswer(
                outcome,
                record.encoded().toByteArray(),
                sequence,
                endOfLife(record.ttlSeconds(), record.expiresAt()),
                owner);
    }

    /** Until when the answer may be kept, from now; 0: not at all. */
    private long endOfLife(int ttlSeconds, long recordExpiresAt) {
        long now = clock.millis();
        long end = now + 1_000L * ttlSeconds;
        // A record that has expired is still the answer: its reader says so. It is not kept, though.
        return recordExpiresAt == 0 || recordExpiresAt >= end ? end : recordExpiresAt > now ? recordExpiresAt : 0;
    }

    private StoredAnswer notFound(String message, Standing standing, long sequence) {
        AnswerDetail detail = AnswerDetail.newBuilder()
                .setMessage(message)
                .setOwner(standing.owner().prefix().canonical())
                .build();
        return new StoredAnswer(
                Outcome.NOT_FOUND,
                detail.toByteArray(),
                sequence,
                negativeTtlSeconds == 0 ? 0 : clock.millis() + 1_000L * negativeTtlSeconds,
                standing.ownerKey());
    }
}
