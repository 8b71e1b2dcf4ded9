package org.waymark.client;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import org.waymark.identifier.Prefix;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyId;
import org.waymark.trust.MissingConsentException;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RollbackException;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.TakeoverException;
import org.waymark.v1.KeyRole;

/**
 * Remembers the newest version that was seen of each record, so that an older one is noticed, and that a prefix's keys don't
 * change without its consent. Only what verified is to be brought here. The oldest memories fade when there are too many. Safe
 * for use by many threads.
 */
final class SeenVersions {

    private record Seen(long version, ByteString headerDigest) {}

    private final BoundedMap<RecordKey, Seen> items;
    private final BoundedMap<Prefix, PrefixRecord> prefixes;
    private final Map<Prefix, Long> acceptedEpochs;
    private final SignatureVerifier signatures;

    /**
     * @param capacity how many items, and how many prefixes, are remembered
     * @param acceptedEpochs up to which epoch a prefix may have been taken over
     */
    SeenVersions(int capacity, Map<Prefix, Long> acceptedEpochs, SignatureVerifier signatures) {
        this.items = new BoundedMap<>(capacity);
        this.prefixes = new BoundedMap<>(capacity);
        this.acceptedEpochs = Map.copyOf(acceptedEpochs);
        this.signatures = signatures;
    }

    /**
     * Takes note of an item that verified.
     *
     * @throws RollbackException if a later version, or another one of the same number, was seen before
     */
    void admit(IdentifierRecord item) {
        synchronized (items) {
            Seen seen = items.get(item.key());
            ByteString digest = ByteString.copyFrom(item.headerLeaf(HashFunction.SHA_256));
            if (seen != null) {
                requireNotOlder(item, seen.version());
                if (item.version() == seen.version() && !digest.equals(seen.headerDigest())) {
                    throw differs(item);
                }
            }
            items.put(item.key(), new Seen(item.version(), digest));
        }
    }

    /** The newest version of this prefix's record that was seen, or null. */
    PrefixRecord newest(Prefix prefix) {
        return prefixes.get(prefix);
    }

    /**
     * Takes note of a prefix record that verified.
     *
     * @param between the versions between the newest one seen and this one, in ascending order
     * @throws RollbackException if a later version, or another one of the same number, was seen before
     * @throws TakeoverException if the epoch has risen beyond the one that is accepted
     * @throws MissingConsentException if a version changes more than the status, and lacks the consent of a key of the one before it
     */
    void admit(PrefixRecord candidate, List<PrefixRecord> between) {
        synchronized (prefixes) {
            PrefixRecord seen = prefixes.get(candidate.prefix());
            if (seen != null) {
                requireNotOlder(candidate.record(), seen.record().version());
                if (candidate.record().version() == seen.record().version()) {
                    if (!candidate.record().headerBytes().equals(seen.record().headerBytes())) {
                        throw differs(candidate.record());
                    }
                    return;
                }
                requireAccepted(seen, candidate, between);
            }
            prefixes.put(candidate.prefix(), candidate);
        }
    }

    private void requireAccepted(PrefixRecord seen, PrefixRecord candidate, List<PrefixRecord> between) {
        if (candidate.epoch() < seen.epoch()) {
            throw new RollbackException(candidate + " is of epoch " + candidate.epoch() + ", but epoch " + seen.epoch()
                    + " was seen before");
        }
        if (candidate.epoch() > seen.epoch()) {
            requireAcceptedEpoch(candidate, seen.epoch());
            return;
        }
        PrefixRecord before = seen;
        for (PrefixRecord step : between) {
            if (step.record().version() > before.record().version()
                    && step.record().version() < candidate.record().version()) {
                requireConsent(before, step);
                before = step;
            }
        }
        requireConsent(before, candidate);
    }

    private void requireAcceptedEpoch(PrefixRecord candidate, long seenEpoch) {
        if (acceptedEpochs.getOrDefault(candidate.prefix(), 0L) < candidate.epoch()) {
            throw new TakeoverException("the keys of " + candidate.prefix()
                    + " were replaced without its consent: epoch " + candidate.epoch() + " after " + seenEpoch
                    + "; accept that epoch once its owner has confirmed it");
        }
    }

    private void requireConsent(PrefixRecord before, PrefixRecord next) {
        IdentifierRecord record = next.record();
        if (record.version() != before.record().version() + 1 || next.epoch() != before.epoch()) {
            throw new MissingConsentException("no proof of consent leads from version "
                    + before.record().version() + " of " + next.prefix() + " to version " + record.version());
        }
        if (!follows(before.record(), record)) {
            throw new RollbackException(
                    record + " does not follow the version " + before.record().version() + " that was seen before");
        }
        if (!isConsented(before, next) && !next.changesStatusAlone(before)) {
            throw new MissingConsentException(
                    record + " lacks the consent of a key with the role DELEGATE of the version before");
        }
    }

    /** True where a record names this one as its previous version. */
    static boolean follows(IdentifierRecord before, IdentifierRecord next) {
        RecordDigest previous = next.previous().orElse(null);
        return previous != null
                && next.version() == before.version() + 1
                && previous.equals(before.digest(previous.hash()));
    }

    private boolean isConsented(PrefixRecord before, PrefixRecord next) {
        for (PartyKey key : before.keys()) {
            if (key.isActive() && key.has(KeyRole.DELEGATE)) {
                boolean signsItself = next.isSelfSigned()
                        && key.id().equals(new KeyId(next.record().keyId()));
                if (signsItself
                        ? signatures.verifies(next.record(), key.key())
                        : signatures.consentVerifies(next.record(), key.key())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void requireNotOlder(IdentifierRecord record, long seenVersion) {
        if (record.version() < seenVersion) {
            throw new RollbackException(record + " is older than version " + seenVersion + ", which was seen before");
        }
    }

    private static RollbackException differs(IdentifierRecord record) {
        return new RollbackException(record + " is not the version of that number that was seen before");
    }
}
