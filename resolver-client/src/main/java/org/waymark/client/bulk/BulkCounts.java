package org.waymark.client.bulk;

/**
 * What became of the rows so far. A row whose answer was lost, and that was sent again, counts as UNCHANGED.
 *
 * @param created rows that are version 1 of an item now
 * @param updated rows that are a later version now
 * @param unchanged rows whose item said the same already
 * @param rejected rows that were not registered
 */
public record BulkCounts(long created, long updated, long unchanged, long rejected) {

    static final BulkCounts NONE = new BulkCounts(0, 0, 0, 0);

    /** All rows that were dealt with. */
    public long rows() {
        return created + updated + unchanged + rejected;
    }

    BulkCounts plus(BulkCounts more) {
        return new BulkCounts(
                created + more.created, updated + more.updated, unchanged + more.unchanged, rejected + more.rejected);
    }
}
