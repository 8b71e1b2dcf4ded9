package org.waymark.node.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The most frequent of many, in bounded memory (Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements
 * in Data Streams). Up to its capacity all counts are exact. Beyond, a new one takes the place and the count of the least frequent
 * one: counts are then never too low, and too high by at most {@link Count#error()}. For use by one thread at a time.
 */
public final class SpaceSaving<T> {

    /**
     * @param count at least the true count, at most so much more
     */
    public record Count<T>(T item, long count, long error) {}

    private static final class Slot<T> {
        private final T item;
        private long count;
        private long error;

        Slot(T item, long count, long error) {
            this.item = item;
            this.count = count;
            this.error = error;
        }
    }

    /** As it was when the slot was put in the queue; the slot may have grown since. */
    private record Ranked<T>(Slot<T> slot, long count) {}

    private final int capacity;
    private final Map<T, Slot<T>> slots = new HashMap<>();
    private final PriorityQueue<Ranked<T>> least = new PriorityQueue<>(Comparator.comparingLong(Ranked::count));

    /**
     * @param capacity how many are held, 1 or more
     */
    public SpaceSaving(int capacity) {
        this.capacity = capacity;
    }

    /** Counts one of them some more times, 1 or more. */
    public void add(T item, long times) {
        add(item, times, 0);
    }

    /** Counts as {@link #top} once gave it, error included. */
    public void add(Count<T> counted) {
        add(counted.item(), counted.count(), counted.error());
    }

    private void add(T item, long times, long error) {
        Slot<T> slot = slots.get(item);
        if (slot != null) {
            slot.count += times;
            slot.error += error;
            return;
        }
        long taken = slots.size() < capacity ? 0 : takeLeast();
        slot = new Slot<>(item, taken + times, taken + error);
        slots.put(item, slot);
        least.add(new Ranked<>(slot, slot.count));
    }

    private long takeLeast() {
        Ranked<T> first = least.remove();
        while (first.count < first.slot.count) {
            least.add(new Ranked<>(first.slot, first.slot.count));
            first = least.remove();
        }
        slots.remove(first.slot.item);
        return first.slot.count;
    }

    /** The most frequent ones, most frequent first. */
    public List<Count<T>> top(int most) {
        List<Count<T>> counts = new ArrayList<>(slots.size());
        slots.values().forEach(slot -> counts.add(new Count<>(slot.item, slot.count, slot.error)));
        counts.sort(Comparator.comparingLong((Count<T> count) -> count.count()).reversed());
        return counts.subList(0, Math.min(most, counts.size()));
    }

    /** How many are held. */
    public int size() {
        return slots.size();
    }
}
