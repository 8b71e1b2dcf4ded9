package org.waymark.node.registry;

import java.util.Objects;
import org.waymark.record.RecordKey;

/**
 * One commit in the change feed.
 *
 * @param sequence 1, 2, 3 ... in the order of the commits, without gaps
 * @param version the version that was committed
 */
public record Change(long sequence, RecordKey key, long version) {

    public Change {
        Objects.requireNonNull(key, "key");
    }
}
