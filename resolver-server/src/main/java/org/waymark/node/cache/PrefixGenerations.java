package org.waymark.node.cache;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.PrefixTable;
import org.waymark.record.RecordKey;

/**
 * As of which sequence number each prefix, or one above it, last changed. An answer that was read before that is void. Checking
 * costs one volatile read, through the {@link Generation} that a cached answer holds on to. Safe for use by many threads.
 */
public final class PrefixGenerations {

    private final Map<RecordKey, Long> changes = new HashMap<>();
    /** For each prefix that is, or is above, a changed one: the last change there. */
    private final Map<RecordKey, Long> changesBelow = new HashMap<>();

    private final ConcurrentHashMap<RecordKey, Generation> generations = new ConcurrentHashMap<>();
    /** Written under the monitor. */
    private volatile long count;

    /** The generation of one prefix. */
    public static final class Generation {

        private final Prefix prefix;
        private volatile long changedAt;

        private Generation(Prefix prefix, long changedAt) {
            this.prefix = prefix;
            this.changedAt = changedAt;
        }

        /** True where an answer as of this sequence number has seen every change of the prefix and of those above it. */
        public boolean covers(long sequence) {
            return sequence >= changedAt;
        }
    }

    /** The generation of the prefix with this key; the same object at every call. */
    public Generation of(RecordKey prefixKey) {
        Generation generation = generations.get(prefixKey);
        return generation != null ? generation : create(prefixKey);
    }

    private synchronized Generation create(RecordKey prefixKey) {
        return generations.computeIfAbsent(prefixKey, key -> {
            Prefix prefix = Prefix.of(key.scheme(), key.identifier());
            return new Generation(prefix, lastChange(prefix));
        });
    }

    private long lastChange(Prefix prefix) {
        long last = changesBelow.getOrDefault(PrefixTable.keyOf(prefix), 0L);
        for (Prefix above : prefix.ladder()) {
            last = Math.max(last, changes.getOrDefault(PrefixTable.keyOf(above), 0L));
        }
        return last;
    }

    /**
     * A prefix's record changed, or the prefix is new. Voids all older answers of the prefix and of those below it; a new prefix
     * also those of the prefix that answered in its place.
     */
    public synchronized void changed(RecordKey prefixKey, long sequence) {
        if (changes.getOrDefault(prefixKey, 0L) >= sequence) {
            return;
        }
        Prefix changed = Prefix.of(prefixKey.scheme(), prefixKey.identifier());
        changes.put(prefixKey, sequence);
        for (Prefix above : changed.ladder()) {
            changesBelow.merge(PrefixTable.keyOf(above), sequence, Math::max);
        }
        for (Generation generation : generations.values()) {
            if (changed.covers(generation.prefix) || generation.prefix.covers(changed)) {
                generation.changedAt = Math.max(generation.changedAt, sequence);
            }
        }
        count++;
    }

    /** Rises with every change: what began under another number may not know of one. */
    public long count() {
        return count;
    }
}
