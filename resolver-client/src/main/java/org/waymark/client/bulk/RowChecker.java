package org.waymark.client.bulk;

import java.util.List;
import java.util.Optional;
import org.waymark.Limits;
import org.waymark.client.ItemDraft;
import org.waymark.identifier.Prefix;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDraft;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;

/** Tells whether rows can be registered, without asking a node. Immutable, safe for use by many threads. */
public final class RowChecker {

    /** Smaller values can't make a record too large. */
    private static final int SURELY_FITS = Limits.RECORD_BYTES / 2;

    /** What a tree's path may add to a record. */
    private static final int PATH_ALLOWANCE = Limits.TREE_PATH_DIGESTS * Limits.DIGEST_BYTES + 16;

    private final RecordSigner signer;
    private final Prefix owner;
    private final long ownerEpoch;

    /** A checker of rows that are to be signed with this key and owned by this prefix. */
    public RowChecker(SigningKey key, Prefix owner) {
        this(key, owner, 1);
    }

    RowChecker(SigningKey key, Prefix owner, long ownerEpoch) {
        this.signer = new RecordSigner(key);
        this.owner = owner;
        this.ownerEpoch = ownerEpoch;
    }

    /** Why the row can't be registered; empty where it can, as far as can be told without a node. */
    public Optional<RowFault> check(BulkRow row) {
        return Optional.ofNullable(checked(row).fault());
    }

    /** A draft, or the reason why there is none. */
    record Checked(RecordDraft draft, RowFault fault) {}

    Checked checked(BulkRow row) {
        if (row.fault() != null) {
            return new Checked(null, row.fault());
        }
        ItemDraft item = row.item();
        if (!owner.covers(item.identifier())) {
            return broken("identifier", item.identifier() + " is not under " + owner);
        }
        try {
            RecordDraft draft = item.toRecord(owner, ownerEpoch).build();
            if (dataBytes(item) > SURELY_FITS) {
                int bytes = signer.sign(draft).encoded().size() + PATH_ALLOWANCE;
                if (bytes > Limits.RECORD_BYTES) {
                    return broken(
                            "",
                            "makes a record of " + bytes + " bytes with its proof; at most " + Limits.RECORD_BYTES
                                    + " are allowed");
                }
            }
            return new Checked(draft, null);
        } catch (InvalidRecordException e) {
            return faultOf(item, e);
        }
    }

    private static Checked broken(String column, String reason) {
        return new Checked(null, new RowFault(column, reason));
    }

    /** Finds the value at fault: the one that can't be built alone either. */
    private Checked faultOf(ItemDraft item, InvalidRecordException whole) {
        for (ItemDraft.Value value : item.values()) {
            ItemDraft alone = new ItemDraft(item.identifier(), List.of(value), item.ttlSeconds(), item.revoked());
            try {
                alone.toRecord(owner, ownerEpoch).build();
            } catch (InvalidRecordException e) {
                return broken(value.type(), e.field().replace("values[0].", "") + " " + e.rule());
            }
        }
        return broken("", whole.getMessage());
    }

    static long dataBytes(ItemDraft item) {
        long bytes = 0;
        for (ItemDraft.Value value : item.values()) {
            bytes += value.data().size() + value.type().length() + 64L;
            bytes += 256L * value.readers().size();
        }
        return bytes;
    }
}
