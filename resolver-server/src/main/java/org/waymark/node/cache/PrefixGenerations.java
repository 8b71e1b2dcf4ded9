package org.waymark.node.cache;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.PrefixTable;
import org.waymark.record.RecordKey;

/**
 * As of which sequence number each prefix, or one above it, last changed. An answer that was read before that is void. Checking
 * costs one volatile read of the {@link Generation}, which a cached answer holds on to by its number. Safe for use by many
 * threads.
 */
public final class PrefixGenerations {

    private final Map<RecordKey, Long> changes = new HashMap<>();
    /** For each prefix that is, or is above, a changed one: the last change there. */
    private final Map<RecordKey, Long> changesBelow = new HashMap<>();

    private final ConcurrentHashMap<RecordKey, Generation> generations = new ConcurrentHashMap<>();
    /** Each generation at its number. Written under the monitor. */
    private volatile Generation[] numbered = new Generation[16];

    /** Written under the monitor. */
    private volatile long count;

    /** The generation of one prefix. */
    public static final class Generation {

        private final int number;
        private final RecordKey key;
        private final Prefix prefix;
        private volatile long changedAt;

        private Generation(int number, RecordKey key, Prefix prefix, long changedAt) {
            this.number = number;
            this.key = key;
            this.prefix = prefix;
            this.changedAt = changedAt;
        }

        /** What {@link PrefixGenerations#numbered(int)} knows it by. */
        int number() {
            return number;
        }

        /** Of the prefix. */
        RecordKey key() {
            return key;
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
            Generation generation = new Generation(generations.size(), key, prefix, lastChange(prefix));
            number(generation);
            return generation;
        });
    }

    private void number(Generation generation) {
        Generation[] all = numbered;
        int number = generation.number;
        if (number == all.length) {
            all = Arrays.copyOf(all, 2 * all.length);
        }
        all[number] = generation;
        numbered = all;
    }

    /** The generation with this number, which may be any; null where there is none. */
    Generation numbered(int number) {
        Generation[] all = numbered;
        return number >= 0 && number < all.length ? all[number] : null;
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
