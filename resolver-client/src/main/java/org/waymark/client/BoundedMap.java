package org.waymark.client;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that forgets what was used least recently when it is full. Guarded by itself. */
final class BoundedMap<K, V> {

    private final Map<K, V> entries;

    BoundedMap(int capacity) {
        entries = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > capacity;
            }
        };
    }

    /** The value, or null. */
    synchronized V get(K key) {
        return entries.get(key);
    }

    synchronized void put(K key, V value) {
        entries.put(key, value);
    }

    synchronized void remove(K key, V value) {
        entries.remove(key, value);
    }

    synchronized int size() {
        return entries.size();
    }
}
