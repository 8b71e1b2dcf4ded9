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

    /** What the standings hold on to; enough for 100,000 prefixes with nodes of their own. */
    private static final long STANDINGS_BYTES = 96L * 1_024 * 1_024;

    private static final int ENTRY_BYTES = 256;
    /** A decoded prefix record takes some times as much as the encoded one. */
    private static final int DECODED_FACTOR = 4;

    private final Registry registry;
    private final PrefixTable prefixes;
    private final Cache<Prefix, Known> standings = Caffeine.newBuilder()
            .maximumWeight(STANDINGS_BYTES)
            .<Prefix, Known>weigher((longest, known) -> known.standing().bytes())
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
        if (standing instanceof Here here) {
            return here(key, here, sequence);
        }
        if (standing instanceof Elsewhere elsewhere) {
            return elsewhere(key, elsewhere, sequence);
        }
        if (standing instanceof Broken broken) {
            return broken(key, broken, sequence);
        }
        return notResponsible(key, sequence);
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

    /** What the registered prefixes of a ladder come to, for all keys with this ladder. */
    private sealed interface Standing {

        /** Rough size in memory, but for what the prefix table holds anyway. */
        int bytes();

        static Standing of(PrefixChain chain, Homes homes) {
            if (chain.isEmpty()) {
                return new Nowhere();
            }
            PrefixChain.Break fault = chain.firstBreak().orElse(null);
            Optional<PrefixRecord> elsewhere = homes.servedElsewhere(chain);
            PrefixRecord owner = chain.owner();
            if (fault != null) {
                return new Broken(owner, fault);
            }
            if (elsewhere.isPresent()) {
                WholeRecord to = WholeRecord.of(elsewhere.get());
                return new Elsewhere(owner == elsewhere.get() ? to : WholeRecord.of(owner), to);
            }
            return new Here(owner, PrefixTable.keyOf(owner.prefix()), homes.knowsWhere(chain));
        }
    }

    /** No prefix of the ladder is registered. */
    private record Nowhere() implements Standing {

        @Override
        public int bytes() {
            return ENTRY_BYTES;
        }
    }

    /** The chain does not hold. */
    private record Broken(PrefixRecord owner, PrefixChain.Break fault) implements Standing {

        @Override
        public int bytes() {
            return ENTRY_BYTES + DECODED_FACTOR * owner.record().encoded().size();
        }
    }

    /**
     * Another node serves the ladder. There may be very many of these, so they hold no more than what is answered.
     *
     * @param owner the longest registered prefix
     * @param to the prefix that names the node; perhaps the owner
     */
    private record Elsewhere(WholeRecord owner, WholeRecord to) implements Standing {

        @Override
        public int bytes() {
            return ENTRY_BYTES + owner.bytes() + (owner == to ? 0 : to.bytes());
        }
    }

    /**
     * No other node serves the ladder.
     *
     * @param isKnownWhere false where it is not known either that this one does
     */
    private record Here(PrefixRecord owner, RecordKey ownerKey, boolean isKnownWhere) implements Standing {

        @Override
        public int bytes() {
            return ENTRY_BYTES + DECODED_FACTOR * owner.record().encoded().size();
        }
    }

    /** A prefix record as it is answered. */
    private record WholeRecord(RecordKey key, byte[] encoded, int ttlSeconds, long expiresAt) {

        static WholeRecord of(PrefixRecord prefix) {
            IdentifierRecord record = prefix.record();
            return new WholeRecord(
                    record.key(), record.encoded().toByteArray(), record.ttlSeconds(), record.expiresAt());
        }

        int bytes() {
            return encoded.length;
        }
    }

    /**
     * A standing and since when it is known.
     *
     * @param changes of the prefix table when this was found
     */
    private record Known(long changes, Standing standing) {}

    private Standing standing(Prefix longest) {
        long changes = prefixes.changes();
        Known known = standings.getIfPresent(longest);
        if (known == null || known.changes() != changes) {
            known = new Known(changes, Standing.of(prefixes.chain(longest.ladder()), homes));
            standings.put(longest, known);
        }
        return known.standing();
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

    private StoredAnswer broken(RecordKey key, Broken standing, long sequence) {
        RecordKey ownerKey = PrefixTable.keyOf(standing.owner().prefix());
        if (standing.fault() instanceof PrefixChain.Break.Revoked revoked) {
            return whole(Outcome.RECORD_REVOKED, WholeRecord.of(revoked.saysSo()), ownerKey, sequence);
        }
        PrefixRecord notSigned = ((PrefixChain.Break.NotSigned) standing.fault()).prefix();
        String message = "the record of " + key + " hangs on " + notSigned.prefix()
                + ", which the prefix above it has not signed in its present epoch";
        return notFound(message, standing.owner(), ownerKey, sequence);
    }

    private StoredAnswer elsewhere(RecordKey key, Elsewhere standing, long sequence) {
        RecordKey ownerKey = standing.owner().key();
        return key.equals(ownerKey)
                ? whole(Outcome.RECORD, standing.owner(), ownerKey, sequence)
                : whole(Outcome.REFERRAL, standing.to(), ownerKey, sequence);
    }

    private StoredAnswer here(RecordKey key, Here standing, long sequence) {
        PrefixRecord owner = standing.owner();
        RecordKey ownerKey = standing.ownerKey();
        if (key.equals(ownerKey)) {
            return whole(Outcome.RECORD, WholeRecord.of(owner), ownerKey, sequence);
        }
        if (!standing.isKnownWhere()) {
            return notResponsible(key, sequence);
        }
        Optional<StoredRecord> stored = key.kind() == RecordKind.ITEM ? registry.read(key) : Optional.empty();
        if (stored.isEmpty()) {
            return notFound("there is no record of " + key, owner, ownerKey, sequence);
        }
        byte[] whole = stored.get().record().toByteArray();
        RecordFacts record = RecordFacts.of(whole);
        if (record.ownerEpoch() != owner.epoch()
                || !record.owner().equals(owner.prefix().canonical())) {
            return notFound(
                    "the record of " + key + " is of an earlier owner or epoch; " + owner.prefix()
                            + " has not signed it yet",
                    owner,
                    ownerKey,
                    sequence);
        }
        // A claimed time proves nothing, but when it was stored is known here.
        long signedAt = Math.max(record.issuedAt(), stored.get().committedAt());
        Optional<PartyKey> signer = PrefixChain.signer(record.keyId(), signedAt, owner, KeyRole.RECORDS);
        if (signer.isEmpty()) {
            return whole(Outcome.RECORD_REVOKED, WholeRecord.of(owner), ownerKey, sequence);
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

    private StoredAnswer whole(Outcome outcome, WholeRecord record, RecordKey owner, long sequence) {
        return new StoredAnswer(
                outcome, record.encoded(), sequence, endOfLife(record.ttlSeconds(), record.expiresAt()), owner);
    }

    /** Until when the answer may be kept, from now; 0: not at all. */
    private long endOfLife(int ttlSeconds, long recordExpiresAt) {
        long now = clock.millis();
        long end = now + 1_000L * ttlSeconds;
        // A record that has expired is still the answer: its reader says so. It is not kept, though.
        return recordExpiresAt == 0 || recordExpiresAt >= end ? end : recordExpiresAt > now ? recordExpiresAt : 0;
    }

    private StoredAnswer notFound(String message, PrefixRecord owner, RecordKey ownerKey, long sequence) {
        AnswerDetail detail = AnswerDetail.newBuilder()
                .setMessage(message)
                .setOwner(owner.prefix().canonical())
                .build();
        return new StoredAnswer(
                Outcome.NOT_FOUND,
                detail.toByteArray(),
                sequence,
                negativeTtlSeconds == 0 ? 0 : clock.millis() + 1_000L * negativeTtlSeconds,
                ownerKey);
    }
}
