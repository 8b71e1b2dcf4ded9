package org.waymark.node;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
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
import org.waymark.v1.KeyState;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;

/**
 * A secondary node, {@code 88.118}, with a manufacturer, {@code 88.118.8}, and a sector platform, {@code 88.118.900}: their
 * keys, and the records that they sign. All keys are of one suite.
 */
public final class TestParties {

    private static final long YEAR_MILLIS = 365L * 24 * 60 * 60 * 1_000;

    private final Suite suite;

    public final Party root;
    public final Party maker;
    public final Party platform;

    public TestParties(Suite suite) {
        this.suite = suite;
        root = new Party(
                "88.118",
                SigningKey.generate(suite),
                EnumSet.of(KeyRole.DELEGATE),
                SigningKey.generate(suite),
                EnumSet.of(KeyRole.NODE));
        maker = child(suite, "88.118.8");
        platform = child(suite, "88.118.900");
    }

    private static Party child(Suite suite, String prefix) {
        return new Party(
                prefix,
                SigningKey.generate(suite),
                EnumSet.of(KeyRole.DELEGATE),
                SigningKey.generate(suite),
                EnumSet.of(KeyRole.RECORDS, KeyRole.AUTH));
    }

    /** Makes a draft the version after this one, which a key of the parties' suite has signed. */
    public RecordDraft.Builder following(IdentifierRecord previous, RecordDraft.Builder draft) {
        return draft.following(previous.version(), previous.digest(suite.hash()));
    }

    /** What a node is set up with that trusts {@link #root}. */
    public Set<Anchor> anchors() {
        return Set.of(root.anchor());
    }

    /** The first versions of the three prefix records, as they have to be registered: the root's first. */
    public List<IdentifierRecord> prefixRecords() {
        return List.of(
                root.sign(root.prefixDraft(root)),
                root.sign(maker.prefixDraft(root)),
                root.sign(platform.prefixDraft(root)));
    }

    /** A prefix with two keys: one that delegates, and one that works day by day. */
    public static final class Party {

        private final Prefix prefix;
        private final SigningKey delegating;
        private final Set<KeyRole> delegatingRoles;
        private final SigningKey working;
        private final Set<KeyRole> workingRoles;

        private Party(
                String prefix,
                SigningKey delegating,
                Set<KeyRole> delegatingRoles,
                SigningKey working,
                Set<KeyRole> workingRoles) {
            this.prefix = Prefix.parse(prefix);
            this.delegating = delegating;
            this.delegatingRoles = delegatingRoles;
            this.working = working;
            this.workingRoles = workingRoles;
        }

        /** A party below this one (or elsewhere) with keys of its own. */
        public static Party withNewKeys(Suite suite, String prefix) {
            return child(suite, prefix);
        }

        public Prefix prefix() {
            return prefix;
        }

        /** Signs prefix records below this prefix, and consents to its own next version. */
        public SigningKey delegatingKey() {
            return delegating;
        }

        /** Signs items; a root's one has the role NODE only. */
        public SigningKey workingKey() {
            return working;
        }

        /** This party as where trust starts. */
        public Anchor anchor() {
            return new Anchor(prefix, delegating.id());
        }

        /** Both keys, active. */
        public List<PartyKey> keys() {
            return List.of(delegatingPartyKey(KeyState.KEY_ACTIVE), workingPartyKey(KeyState.KEY_ACTIVE));
        }

        public PartyKey delegatingPartyKey(KeyState state) {
            return PartyKey.active(delegating.verifyingKey(), delegatingRoles).in(state);
        }

        public PartyKey workingPartyKey(KeyState state) {
            return PartyKey.active(working.verifyingKey(), workingRoles).in(state);
        }

        /** Version 1 of this party's hosted prefix record, with both keys, valid for a year. */
        public RecordDraft.Builder prefixDraft(Party owner) {
            return prefixDraft(owner, keys(), List.of());
        }

        /** Version 1 of this party's prefix record, valid for a year. */
        public RecordDraft.Builder prefixDraft(
                Party owner, Collection<PartyKey> keys, Collection<NodeAddress> addresses) {
            PrefixDescription description = PrefixDescription.newBuilder()
                    .setName("Party " + prefix.canonical())
                    .build();
            RecordDraft.Builder draft = RecordDraft.prefix(prefix, owner.prefix);
            return PrefixRecord.describe(draft, description, keys, addresses)
                    .expiresAt(System.currentTimeMillis() + YEAR_MILLIS);
        }

        /** Version 1 of an item below this prefix, without values. */
        public RecordDraft.Builder emptyItemDraft(String suffix) {
            return RecordDraft.item(identifier(suffix), prefix);
        }

        /** Version 1 of an item below this prefix, with two public values: a URL and a model. */
        public RecordDraft.Builder itemDraft(String suffix) {
            return emptyItemDraft(suffix)
                    .value(1, "URL", "https://example.com/" + suffix)
                    .value(2, "model", "ZLJ5311");
        }

        /** {@code prefix/suffix}. */
        public Identifier identifier(String suffix) {
            return Identifier.parse(prefix.canonical() + "/" + suffix);
        }

        /** Signs with the delegating key where the draft is of a prefix record, else with the working key. */
        public IdentifierRecord sign(RecordDraft.Builder draft) {
            RecordDraft built = draft.build();
            return switch (built.key().kind()) {
                case PREFIX -> new RecordSigner(delegating).sign(built);
                default -> new RecordSigner(working).sign(built);
            };
        }

        /** Signs a new version of a child's prefix record, to which that child consents. */
        public IdentifierRecord signWithConsent(RecordDraft.Builder draft, SigningKey consenting) {
            return new RecordSigner(delegating).signWithConsent(draft.build(), consenting);
        }
    }
}
