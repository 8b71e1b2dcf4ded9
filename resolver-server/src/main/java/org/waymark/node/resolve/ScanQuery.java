package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;

/**
 * A request for a page of a scan.
 *
 * @param cursor of the page before; empty for the first page
 * @param limit at most so many entries: 1 to {@link Limits#BATCH_ITEMS}
 * @param maxBytes at most so many bytes of records, but one record at least: 1 to {@link Limits#FRAME_BYTES}
 * @param withHistory all versions, not the current ones alone
 */
public record ScanQuery(Prefix prefix, ByteString cursor, int limit, int maxBytes, boolean withHistory) {

    public ScanQuery {
        if (limit < 1 || limit > Limits.BATCH_ITEMS) {
            throw new IllegalArgumentException("limit is " + limit + "; 1 to " + Limits.BATCH_ITEMS + " are allowed");
        }
        if (maxBytes < 1 || maxBytes > Limits.FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "maxBytes is " + maxBytes + "; 1 to " + Limits.FRAME_BYTES + " are allowed");
        }
    }
}
