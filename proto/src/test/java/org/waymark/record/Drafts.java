package org.waymark.record;

import com.google.protobuf.ByteString;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;

/** Drafts for tests, and records whose structure is right but which nobody signed. */
final class Drafts {

    static final long NOW = 1_767_225_600_000L;
    static final Prefix OWNER = Prefix.parse("vaa:88.118.8");
    static final ByteString KEY_ID = ByteString.copyFrom(new byte[32]);
    static final SignatureProof NO_SIGNATURE =
            new SignatureProof(1, 0, ByteString.EMPTY, ByteString.copyFrom(new byte[64]));

    private Drafts() {}

    static RecordDraft.Builder item() {
        return RecordDraft.item(Identifier.parse("88.118.8/JXDY2106023"), OWNER).issuedAt(NOW);
    }

    static RecordDraft.Builder prefix() {
        return RecordDraft.prefix(OWNER, Prefix.parse("vaa:88.118"))
                .issuedAt(NOW)
                .expiresAt(NOW + 1);
    }

    static IdentifierRecord unsigned(RecordDraft.Builder draft, HashFunction hash) {
        RecordDraft built = draft.build();
        return built.signed(built.headerFor(KEY_ID, hash), NO_SIGNATURE, null);
    }
}
