package org.waymark.node.cache;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.waymark.identifier.Prefix;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * As of which sequence number each prefix, or one above it, last changed. An answer that was read before that is void. Checking
 * costs one volatile read, through the {@link Generation} that a cached answer holds on to. Safe for use by many threads.
 */
public final class PrefixGenerations {

    private final Map<RecordKey, Long> changes = new HashMap<>();
    private final ConcurrentHashMap<RecordKey, Generation> generations = new ConcurrentHashMap<>();

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
            return new Generation(prefix, lastChange(prefix.ladder()));
        });
    }

    private long lastChange(List<Prefix> ladder) {
        long last = 0;
        for (Prefix prefix : ladder) {
            RecordKey key = RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
            last = Math.max(last, changes.getOrDefault(key, 0L));
        }
        return last;
    }

    /**
     * A prefix's record changed, or the prefix is new. Voids all older answers of the prefix and of those below it; a new prefix
     * also those of the prefix that answered in its place.
     */
    public synchronized void changed(RecordKey prefixKey, long sequence) {
        changes.merge(prefixKey, sequence, Math::max);
        Prefix changed = Prefix.of(prefixKey.scheme(), prefixKey.identifier());
        for (Generation generation : generations.values()) {
            if (changed.covers(generation.prefix) || generation.prefix.covers(changed)) {
                generation.changedAt = Math.max(generation.changedAt, sequence);
            }
        }
    }
}
