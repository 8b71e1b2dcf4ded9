package org.waymark.trust;

import java.util.List;
import java.util.Set;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.v1.KeyRole;
import org.waymark.v1.PrefixDescription;

/** A party for tests: a prefix with an offline key that delegates and a key that signs items. */
record Party(Prefix prefix, SigningKey delegate, SigningKey records) {

    /** The time of all tests; prefix records end a year later. */
    static final long NOW = 1_767_225_600_000L;

    static final long END = NOW + 365L * 24 * 60 * 60 * 1_000;

    static Party of(String prefix, Suite suite) {
        return new Party(Prefix.parse(prefix), SigningKey.generate(suite), SigningKey.generate(suite));
    }

    PartyKey delegateKey() {
        return PartyKey.active(delegate.verifyingKey(), Set.of(KeyRole.DELEGATE));
    }

    PartyKey recordsKey() {
        return PartyKey.active(records.verifyingKey(), Set.of(KeyRole.RECORDS));
    }

    Anchor anchor() {
        return new Anchor(prefix, delegate.id());
    }

    /** A draft of this party's prefix record, to be signed by the owner. */
    RecordDraft.Builder draft(Party owner) {
        return draft(owner.prefix, delegateKey(), recordsKey());
    }

    RecordDraft.Builder draft(Prefix owner, PartyKey... keys) {
        RecordDraft.Builder draft =
                RecordDraft.prefix(prefix, owner).issuedAt(NOW).expiresAt(END);
        PrefixDescription description =
                PrefixDescription.newBuilder().setName("Party " + prefix).build();
        return PrefixRecord.describe(draft, description, List.of(keys), List.of());
    }

    RecordDraft.Builder item(String identifier) {
        return RecordDraft.item(Identifier.parse(identifier), prefix)
                .issuedAt(NOW)
                .value(1, "URL", "https://example.cn/parts")
                .value(2, "model", "ZE60");
    }

    IdentifierRecord selfSigned() {
        return delegated(this);
    }

    /** This party's prefix record, signed by its owner. */
    IdentifierRecord delegated(Party owner) {
        return owner.signs(draft(owner));
    }

    /** Signs a prefix record. */
    IdentifierRecord signs(RecordDraft.Builder draft) {
        return new RecordSigner(delegate).sign(draft.build());
    }

    /** Signs an item. */
    IdentifierRecord signsItem(RecordDraft.Builder draft) {
        return new RecordSigner(records).sign(draft.build());
    }

    TrustedPrefix anchored() {
        return TrustedPrefix.anchored(anchor(), selfSigned(), new SignatureVerifier(), NOW);
    }
}
