package org.waymark.client.bulk;

import java.util.Objects;
import org.waymark.client.ItemDraft;

/**
 * One row of a source: an item, or what is wrong with the row. Immutable.
 *
 * @param line where the row starts in its source, from 1
 * @param text the row as it is in its source, for the list of rejected rows
 * @param item what is to be registered; null where there is a fault
 * @param fault why there is no item, or null
 */
public record BulkRow(long line, String text, ItemDraft item, RowFault fault) {

    public BulkRow {
        Objects.requireNonNull(text, "text");
        if ((item == null) == (fault == null)) {
            throw new IllegalArgumentException("a row has either an item or a fault");
        }
    }

    /** A row with an item. */
    public static BulkRow of(long line, String text, ItemDraft item) {
        return new BulkRow(line, text, item, null);
    }

    /** A row that is no item. */
    public static BulkRow broken(long line, String text, RowFault fault) {
        return new BulkRow(line, text, null, fault);
    }

    /** This row with the reason why it was not registered. */
    RejectedRow rejected(RowFault reason) {
        return new RejectedRow(line, text, reason);
    }
}
