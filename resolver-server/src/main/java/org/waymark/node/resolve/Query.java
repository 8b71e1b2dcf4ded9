package org.waymark.node.resolve;

import org.waymark.record.RecordKey;

/**
 * A look-up, as every face asks it. Immutable.
 *
 * @param authoritative pass the caches and read the registry
 * @param withChain the prefix records above the answer are to come along
 */
public record Query(RecordKey key, Selection selection, boolean authoritative, boolean withChain) {

    /** A look-up without the prefix records above its answer. */
    public Query(RecordKey key, Selection selection, boolean authoritative) {
        this(key, selection, authoritative, false);
    }

    /** A look-up of the whole record, from wherever it is held. */
    public static Query of(RecordKey key) {
        return new Query(key, Selection.ALL, false);
    }
}
