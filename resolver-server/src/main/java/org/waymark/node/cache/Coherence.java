package org.waymark.node.cache;

import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/** What a node does to its own caches when it learns of a commit. Safe for use by many threads. */
public final class Coherence {

    private final NearCacheLink nearCache;
    private final PrefixGenerations generations;
    private final SequenceFloors floors;

    public Coherence(NearCacheLink nearCache, PrefixGenerations generations, SequenceFloors floors) {
        this.nearCache = nearCache;
        this.generations = generations;
        this.floors = floors;
    }

    /** The record of this key was committed under this number. When this returns, the node answers nothing older. */
    public void committed(RecordKey key, long sequence) {
        floors.raise(key, sequence);
        if (key.kind() == RecordKind.PREFIX) {
            generations.changed(key, sequence);
        }
        nearCache.invalidate(key);
    }

    /** The record of this key changed in Redis, by whose hand ever. */
    public void changedInRedis(RecordKey key) {
        nearCache.invalidate(key);
    }
}
