package org.waymark.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.Anchor;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;

/** A party of the tests, with one key that may do everything. */
public record TestParty(Prefix prefix, SigningKey key) {

    static final long NEVER = System.currentTimeMillis() + 365L * 24 * 60 * 60 * 1_000;
    static final Set<KeyRole> ROLES = Set.of(KeyRole.DELEGATE, KeyRole.RECORDS);

    public static TestParty of(String prefix) {
        return of(prefix, Suite.ED25519);
    }

    static TestParty of(String prefix, Suite suite) {
        return new TestParty(Prefix.parse(prefix), SigningKey.generate(suite));
    }

    public Anchor anchor() {
        return new Anchor(prefix, key.id());
    }

    PartyKey partyKey() {
        return PartyKey.active(key.verifyingKey(), ROLES);
    }

    /** Version 1 of this party's own record, signed by itself. */
    public IdentifierRecord root() {
        return new RecordSigner(key).sign(prefixDraft(this, List.of(partyKey()), draft -> draft));
    }

    /** Version 1 of the record of a prefix below. */
    public IdentifierRecord delegate(TestParty child) {
        return delegate(child, List.of(child.partyKey()), draft -> draft);
    }

    /** Version 1 of the record of a prefix below that has a node of its own. */
    public IdentifierRecord delegate(TestParty child, List<NodeAddress> addresses) {
        return new RecordSigner(key).sign(prefixDraft(child, List.of(child.partyKey()), addresses, draft -> draft));
    }

    /** An address of the face "waymark" on this machine. */
    public static NodeAddress address(int port, int priority) {
        return NodeAddress.newBuilder()
                .setFace("waymark")
                .setHost("127.0.0.1")
                .setPort(port)
                .setPriority(priority)
                .build();
    }

    IdentifierRecord delegate(TestParty child, Collection<PartyKey> keys, UnaryOperator<RecordDraft.Builder> change) {
        return new RecordSigner(key).sign(prefixDraft(child, keys, change));
    }

    /** The next version of the record of a prefix below, with the consent of this key. */
    IdentifierRecord delegateNext(
            TestParty child, IdentifierRecord before, SigningKey consent, Collection<PartyKey> keys) {
        return new RecordSigner(key)
                .signWithConsent(
                        prefixDraft(
                                child,
                                keys,
                                draft -> draft.following(
                                        before.version(),
                                        before.digest(key.suite().hash()))),
                        consent);
    }

    private RecordDraft prefixDraft(
            TestParty child, Collection<PartyKey> keys, UnaryOperator<RecordDraft.Builder> change) {
        return prefixDraft(child, keys, List.of(), change);
    }

    RecordDraft prefixDraft(
            TestParty child,
            Collection<PartyKey> keys,
            List<NodeAddress> addresses,
            UnaryOperator<RecordDraft.Builder> change) {
        RecordDraft.Builder draft = RecordDraft.prefix(child.prefix, prefix).expiresAt(NEVER);
        PrefixDescription description = PrefixDescription.newBuilder()
                .setName("湖南示例工程机械有限公司 " + child.prefix.canonical())
                .build();
        return change.apply(PrefixRecord.describe(draft, description, new ArrayList<>(keys), addresses))
                .build();
    }

    /** Version 1 of an item. */
    public IdentifierRecord item(String identifier, String name) {
        return item(identifier, draft -> draft.value(2_000, "name", name).value(2_001, "model", "SPV140"));
    }

    IdentifierRecord item(String identifier, UnaryOperator<RecordDraft.Builder> change) {
        return new RecordSigner(key)
                .sign(change.apply(RecordDraft.item(Identifier.parse(identifier), prefix))
                        .build());
    }

    /** The next version of an item. */
    IdentifierRecord itemAfter(IdentifierRecord before, UnaryOperator<RecordDraft.Builder> change) {
        return item(
                before.key().identifier(),
                draft -> change.apply(draft.following(
                        before.version(), before.digest(key.suite().hash()))));
    }
}
