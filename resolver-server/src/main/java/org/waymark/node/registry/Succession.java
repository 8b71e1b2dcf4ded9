package org.waymark.node.registry;

import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.SignatureVerifier;
import org.waymark.v1.KeyRole;
import org.waymark.v1.RefusalReason;

/** What the next version of a prefix record may change of a party's keys, and whether it needs its consent. */
final class Succession {

    private final SignatureVerifier signatures;

    Succession(SignatureVerifier signatures) {
        this.signatures = signatures;
    }

    /**
     * A party's keys change with its consent, or by a takeover that the raised epoch shows to everybody. That the prefix is revoked, or
     * active again, the prefix above may say by itself: it takes nothing from the party that it could use otherwise.
     */
    void check(PrefixRecord next, PrefixRecord current) throws Refusal {
        if (next.epoch() != current.epoch() && next.epoch() != current.epoch() + 1) {
            throw Refusal.invalid(
                    RefusalReason.WRONG_EPOCH,
                    "header.epoch",
                    "is " + next.epoch() + "; it may stay " + current.epoch()
                            + " or, without the consent of a key of the version before, become "
                            + (current.epoch() + 1));
        }
        for (PartyKey key : current.keys()) {
            PartyKey later = next.key(key.id()).orElse(null);
            if (key.isRevoked() && (later == null || !later.isRevoked())) {
                throw Refusal.invalid(
                        RefusalReason.KEY_REUSED, "values", "must keep the revoked key " + key.id() + " as revoked");
            }
            if (key.isRevoked() && later.revokedAt() > key.revokedAt()) {
                throw Refusal.invalid(
                        RefusalReason.KEY_REUSED,
                        "values",
                        "must not let the revoked key " + key.id() + " vouch for more than before");
            }
        }
        boolean consented = current.isSelfSigned() && next.isSelfSigned() || hasConsent(next, current);
        if (!consented && next.epoch() == current.epoch() && !next.changesStatusAlone(current)) {
            throw Refusal.unauthorised(
                    RefusalReason.NO_CONSENT,
                    "consent",
                    "is missing or not by an active DELEGATE key of version "
                            + current.record().version() + "; without it the epoch must rise, or nothing change"
                            + " but the status");
        }
    }

    private boolean hasConsent(PrefixRecord next, PrefixRecord current) {
        return next.record()
                .consent()
                .flatMap(consent -> current.key(new KeyId(consent.keyId())))
                .filter(key -> key.isActive() && key.has(KeyRole.DELEGATE))
                .filter(key -> signatures.consentVerifies(next.record(), key.key()))
                .isPresent();
    }
}
