package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.TreeMap;
import org.waymark.Limits;
import org.waymark.identifier.Identifier;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordValue;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;

/**
 * What an edit makes of a record. What a Handle server keeps and a record can't hold is refused, not dropped: permissions other than
 * {@code 1110}, times to live that are a date, references. One record has one time to live: the least that its values were given.
 */
final class NextVersion {

    private static final int USUAL_TTL_SECONDS = 24 * 60 * 60;
    private static final String RESERVED_TYPES = "waymark.";

    private final PrefixRecord owner;
    private final IdentifierRecord before;
    private final TreeMap<Long, Content> values = new TreeMap<>();
    private int ttlSeconds = USUAL_TTL_SECONDS;
    private boolean revoked;

    private record Content(String type, ByteString data) {}

    private NextVersion(PrefixRecord owner, IdentifierRecord before) {
        this.owner = owner;
        this.before = before;
    }

    /**
     * The version that an edit makes, to be signed.
     *
     * @param owner of the record
     * @param before the version that it follows; null where none is known. A revoked one counts as none that could be edited
     * @throws RefusedException if the edit does not fit the record, or a value can't be part of one
     */
    static RecordDraft.Builder of(
            Edit edit, Identifier identifier, PrefixRecord owner, IdentifierRecord before, long nowMillis)
            throws RefusedException {
        NextVersion next = new NextVersion(owner, before);
        try {
            next.apply(edit);
            return next.draft(identifier, nowMillis);
        } catch (InvalidRecordException e) {
            throw new RefusedException(ResponseCode.INVALID_VALUE, e.getMessage());
        }
    }

    private void apply(Edit edit) throws RefusedException {
        boolean isThere = before != null && !before.isRevoked();
        if (edit instanceof Edit.Create create) {
            if (isThere && !create.overwrites()) {
                throw new RefusedException(
                        ResponseCode.EXISTS_ALREADY, "there is a record already, version " + before.version());
            }
            add(create.values());
            return;
        }
        if (!isThere) {
            throw new RefusedException(ResponseCode.NOT_FOUND, "there is no record to change");
        }
        if (edit instanceof Edit.Delete) {
            revoked = true;
            ttlSeconds = before.ttlSeconds();
            return;
        }
        keepWhatIsThere();
        if (edit instanceof Edit.AddValues added) {
            add(added.values());
        } else if (edit instanceof Edit.ModifyValues modified) {
            for (EditedValue value : modified.values()) {
                require(values.containsKey(value.index()), value.index());
            }
            modified.values().forEach(value -> values.remove(value.index()));
            add(modified.values());
        } else if (edit instanceof Edit.RemoveValues removed) {
            for (long index : removed.indexes()) {
                require(values.remove(index) != null, index);
            }
        }
    }

    private static void require(boolean isThere, long index) throws RefusedException {
        if (!isThere) {
            throw new RefusedException(ResponseCode.VALUES_NOT_FOUND, "the record has no value with index " + index);
        }
    }

    private void keepWhatIsThere() throws RefusedException {
        if (before.isPartial()) {
            throw new RefusedException(
                    ResponseCode.ACCESS_DENIED,
                    "the record holds values that only some may read, so only its registrant can change it");
        }
        ttlSeconds = before.ttlSeconds();
        for (RecordValue value : before.values()) {
            values.put(value.index(), new Content(value.type(), value.data()));
        }
    }

    private void add(List<EditedValue> added) throws RefusedException {
        for (EditedValue value : added) {
            check(value);
            if (values.put(value.index(), new Content(value.type(), value.data())) != null) {
                throw new RefusedException(
                        ResponseCode.VALUE_EXISTS_ALREADY, "there is a value with index " + value.index() + " already");
            }
            ttlSeconds = (int) Math.min(ttlSeconds, Math.min(Math.max(1, value.ttl()), Limits.TTL_SECONDS));
        }
    }

    private static void check(EditedValue value) throws RefusedException {
        String fault = null;
        if (value.type().startsWith(RESERVED_TYPES)) {
            fault = "has the type " + value.type() + "; types that start with \"" + RESERVED_TYPES + "\" are reserved";
        } else if (value.permissions() != RecordTranscoder.PERMISSIONS) {
            fault = "has the permissions "
                    + Integer.toBinaryString(0x10 | value.permissions() & 0xF).substring(1)
                    + "; values that were made by this protocol have 1110: everybody may read them, administrators write";
        } else if (value.ttlType() != RecordTranscoder.RELATIVE_TTL) {
            fault = "lives until a date; a time to live in seconds is allowed";
        } else if (value.hasReferences()) {
            fault = "has references, which a record can't hold";
        }
        if (fault != null) {
            throw new RefusedException(
                    ResponseCode.INVALID_VALUE, "the value with index " + value.index() + " " + fault);
        }
    }

    private RecordDraft.Builder draft(Identifier identifier, long nowMillis) throws RefusedException {
        RecordDraft.Builder draft = RecordDraft.item(identifier, owner.prefix())
                .ownerEpoch(owner.epoch())
                .ttlSeconds(ttlSeconds)
                .issuedAt(nowMillis);
        if (before != null) {
            PartyKey signer = owner.key(new KeyId(before.keyId()))
                    .orElseThrow(() -> new RefusedException(
                            ResponseCode.ACCESS_DENIED, "the record before is not signed by a key of its prefix"));
            draft.following(before.version(), before.digest(signer.key().suite().hash()))
                    .issuedAt(Math.max(nowMillis, before.issuedAt()))
                    .expiresAt(revoked || values.isEmpty() ? 0 : before.expiresAt());
        }
        values.forEach((index, content) -> draft.value(index, content.type(), content.data()));
        return revoked ? draft.revoked() : draft;
    }
}
