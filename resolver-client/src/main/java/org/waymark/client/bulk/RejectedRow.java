package org.waymark.client.bulk;

/**
 * A row that was not registered.
 *
 * @param line where the row starts in its source, from 1
 * @param text the row as it is in its source
 */
public record RejectedRow(long line, String text, RowFault fault) {}
