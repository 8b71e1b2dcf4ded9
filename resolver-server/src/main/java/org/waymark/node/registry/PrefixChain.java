package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.KeyRole;

/**
 * The registered prefixes of a ladder, and whether each still vouches for the next. Its rules are those of {@link
 * org.waymark.trust.TrustedPrefix}, but for signatures, which were checked at registration, and for time. Immutable.
 *
 * @param links longest prefix first; may be empty
 */
public record PrefixChain(List<PrefixRecord> links) {

    public PrefixChain {
        links = List.copyOf(links);
    }

    /** Why nothing under a chain verifies. */
    public sealed interface Break {

        /**
         * A prefix is revoked, or no longer has the key by which it vouched for the one below.
         *
         * @param saysSo the record of that prefix
         */
        record Revoked(PrefixRecord saysSo) implements Break {}

        /**
         * The registered prefix above this one has not signed its record, or not in its present epoch.
         *
         * @param prefix the one that is not signed
         */
        record NotSigned(PrefixRecord prefix) implements Break {}
    }

    /** True where no prefix of the ladder is registered. */
    public boolean isEmpty() {
        return links.isEmpty();
    }

    /** The longest registered prefix. There must be one. */
    public PrefixRecord owner() {
        return links.get(0);
    }

    /** The break that is nearest to the root; empty where the chain holds. */
    public Optional<Break> firstBreak() {
        for (int i = links.size() - 1; i >= 0; i--) {
            PrefixRecord link = links.get(i);
            if (link.record().isRevoked()) {
                return Optional.of(new Break.Revoked(link));
            }
            if (link.isSelfSigned()) {
                continue;
            }
            if (i + 1 == links.size() || !isOwnedBy(link.record(), links.get(i + 1))) {
                return Optional.of(new Break.NotSigned(link));
            }
            PrefixRecord above = links.get(i + 1);
            if (signer(link.record(), above, KeyRole.DELEGATE).isEmpty()) {
                return Optional.of(new Break.Revoked(above));
            }
        }
        return Optional.empty();
    }

    /** True where the record names this prefix as its owner, in its present epoch. */
    public static boolean isOwnedBy(IdentifierRecord record, PrefixRecord owner) {
        return record.ownerText().equals(owner.prefix().canonical()) && record.ownerEpoch() == owner.epoch();
    }

    /** The key that signed a prefix record, if its owner still has it, with this role and not revoked. */
    public static Optional<PartyKey> signer(IdentifierRecord record, PrefixRecord owner, KeyRole role) {
        return signer(record.keyId(), record.issuedAt(), owner, role);
    }

    /**
     * The key with this id, if the owner still has it, with this role, and it vouches for what it signed by then.
     *
     * @param signedAt of {@link PartyKey#vouchesFor}
     */
    public static Optional<PartyKey> signer(ByteString keyId, long signedAt, PrefixRecord owner, KeyRole role) {
        return owner.key(new KeyId(keyId)).filter(key -> key.serves(role) && key.vouchesFor(role, signedAt));
    }
}
