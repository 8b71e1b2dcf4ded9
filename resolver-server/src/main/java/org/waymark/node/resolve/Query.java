package org.waymark.node.resolve;

import org.waymark.record.RecordKey;

/**
 * A look-up, as every face asks it. Immutable.
 *
 * @param authoritative pass the caches and read the registry
 */
public record Query(RecordKey key, Selection selection, boolean authoritative) {

    /** A look-up of the whole record, from wherever it is held. */
    public static Query of(RecordKey key) {
        return new Query(key, Selection.ALL, false);
    }
}
