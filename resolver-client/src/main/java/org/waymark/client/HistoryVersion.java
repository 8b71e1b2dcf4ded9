package org.waymark.client;

import java.time.Instant;
import org.waymark.record.IdentifierRecord;

/**
 * A version of a record as the registry keeps it. Immutable.
 *
 * @param sequence the registry's sequence number of the commit; the node says so
 * @param committedAt when, by the registry's clock; the node says so
 */
public record HistoryVersion(IdentifierRecord record, long sequence, Instant committedAt) {}
