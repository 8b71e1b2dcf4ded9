package org.waymark.node.registry;

import java.util.Objects;
import org.waymark.record.RecordKey;

/**
 * What must still hold when a write is committed: that a record is at a version.
 *
 * @param key of a prefix record that the check of the write was based on
 * @param version the version seen then; 0: there was no such record
 */
public record Condition(RecordKey key, long version) {

    public Condition {
        Objects.requireNonNull(key, "key");
        if (version < 0) {
            throw new IllegalArgumentException("a condition's version is " + version + "; it must be 0 or more");
        }
    }
}
