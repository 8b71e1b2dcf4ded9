package org.waymark.bench.data;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.waymark.v1.PrefixDescription;

/** A secondary node and the manufacturers below it, with new keys; the node's is of Ed25519. */
public final class Parties {

    /** The secondary node's own prefix. */
    public static final Prefix ROOT = Prefix.parse("88.118");

    private final SigningKey rootKey = SigningKey.generate(Suite.ED25519);
    private final SigningKey nodeKey = SigningKey.generate(Suite.ED25519);
    private final Map<Prefix, SigningKey> keys = new HashMap<>();
    private final List<IdentifierRecord> prefixRecords = new ArrayList<>();

    /** The owners of these rows, below {@code 88.118}, with keys of Ed25519. */
    public Parties(List<SampleRow> rows) {
        this(rows, Suite.ED25519);
    }

    /** The owners of these rows, below {@code 88.118}, with keys of this suite. */
    public Parties(List<SampleRow> rows, Suite suite) {
        keys.put(ROOT, rootKey);
        List<PartyKey> rootKeys = List.of(
                PartyKey.active(rootKey.verifyingKey(), Set.of(KeyRole.DELEGATE)),
                PartyKey.active(nodeKey.verifyingKey(), Set.of(KeyRole.NODE)));
        prefixRecords.add(prefixRecord(ROOT, rootKeys));
        rows.stream().map(SampleRow::owner).distinct().forEach(owner -> {
            SigningKey key = SigningKey.generate(suite);
            prefixRecords.add(
                    prefixRecord(owner, List.of(PartyKey.active(key.verifyingKey(), Set.of(KeyRole.RECORDS)))));
            keys.put(owner, key);
        });
    }

    private IdentifierRecord prefixRecord(Prefix prefix, List<PartyKey> partyKeys) {
        RecordDraft.Builder draft = RecordDraft.prefix(prefix, ROOT)
                .expiresAt(System.currentTimeMillis() + Duration.ofDays(365).toMillis());
        PrefixDescription description =
                PrefixDescription.newBuilder().setName(prefix.canonical()).build();
        return new RecordSigner(rootKey)
                .sign(PrefixRecord.describe(draft, description, partyKeys, List.of())
                        .build());
    }

    /** What a node is set up with that trusts these parties. */
    public Anchor anchor() {
        return new Anchor(ROOT, rootKey.id());
    }

    /** The prefix records, as they have to be registered: the root's first. */
    public List<IdentifierRecord> prefixRecords() {
        return List.copyOf(prefixRecords);
    }

    /** What the secondary node signs denials with. */
    public SigningKey nodeKey() {
        return nodeKey;
    }

    /** Signs for this prefix. */
    public RecordSigner signer(Prefix owner) {
        return new RecordSigner(key(owner));
    }

    /** The key of this prefix. */
    public SigningKey key(Prefix owner) {
        return keys.get(owner);
    }
}
