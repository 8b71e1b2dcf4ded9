package org.waymark.client.bulk;

/**
 * Why a row can't be registered.
 *
 * @param column name of the column at fault; empty where it is the row as a whole
 * @param reason what is wrong, and what is allowed
 */
public record RowFault(String column, String reason) {

    /** Both, for people. */
    @Override
    public String toString() {
        return column.isEmpty() ? reason : "column \"" + column + "\": " + reason;
    }
}
