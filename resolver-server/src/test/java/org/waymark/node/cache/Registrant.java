package org.waymark.node.cache;

import java.util.HashMap;
import java.util.Map;
import org.waymark.node.TestParties;
import org.waymark.node.TestParties.Party;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.Suite;

/** Signs the versions of a party's items and of its prefix record, one after the other. Safe for use by many threads. */
final class Registrant {

    private final TestParties parties;
    private final Party party;
    private final Map<RecordKey, IdentifierRecord> last = new HashMap<>();

    private Registrant(TestParties parties, Party party) {
        this.parties = parties;
        this.party = party;
    }

    static Registrant maker(TestParties parties) {
        return new Registrant(parties, parties.maker);
    }

    static Registrant platform(TestParties parties) {
        return new Registrant(parties, parties.platform);
    }

    static Registrant withNewKeys(TestParties parties, String prefix) {
        return new Registrant(parties, Party.withNewKeys(Suite.ED25519, prefix));
    }

    RecordKey item(String suffix) {
        return Answers.item(party.prefix().canonical() + "/" + suffix);
    }

    RecordKey prefix() {
        return Answers.prefix(party.prefix().canonical());
    }

    /** The next version of an item. */
    synchronized IdentifierRecord nextOf(String suffix) {
        return next(item(suffix), party.itemDraft(suffix), null);
    }

    /** The next version of the prefix record: the first one, or one that enables or disables the prefix. */
    synchronized IdentifierRecord nextOfPrefix(boolean enabled) {
        RecordDraft.Builder draft = party.prefixDraft(parties.root);
        return next(prefix(), enabled ? draft : draft.revoked(), parties.root);
    }

    private IdentifierRecord next(RecordKey key, RecordDraft.Builder draft, Party parent) {
        IdentifierRecord previous = last.get(key);
        if (previous != null) {
            parties.following(previous, draft);
        }
        IdentifierRecord signed;
        if (parent == null) {
            signed = party.sign(draft);
        } else {
            signed = previous == null ? parent.sign(draft) : parent.signWithConsent(draft, party.delegatingKey());
        }
        last.put(key, signed);
        return signed;
    }
}
