package org.waymark.node.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import org.waymark.record.RecordKey;

/**
 * What one thread answered, by owning prefix. That thread alone writes, without a lock or an atomic operation; any thread may read
 * what it wrote, a moment later. Holds so many owners exactly as a large node has; those beyond share one cell.
 */
final class OwnerTally {

    static final int MOST_OWNERS = 8_192;

    private static final int FIRST_SLOTS = 64;
    private static final int FREE = 0;

    /** Numbers of one owner on one thread. */
    static final class Cell {

        private static final int ANSWERS = 0;
        private static final int SUCCESSES = 1;
        private static final int NANOS = 2;
        private static final int MOST_NANOS = 3;
        private static final int LEAST_NANOS = 4;
        private static final int WINDOW = 5;
        private static final int NUMBERS = 6;

        private final RecordKey owner;
        private final AtomicLongArray numbers = new AtomicLongArray(NUMBERS);

        Cell(RecordKey owner) {
            this.owner = owner;
            numbers.setOpaque(WINDOW, -1);
        }

        /** Null for the owners that there was no room for. */
        RecordKey owner() {
            return owner;
        }

        void add(boolean success, long nanos, long window) {
            numbers.setOpaque(ANSWERS, numbers.getPlain(ANSWERS) + 1);
            if (success) {
                numbers.setOpaque(SUCCESSES, numbers.getPlain(SUCCESSES) + 1);
            }
            numbers.setOpaque(NANOS, numbers.getPlain(NANOS) + nanos);
            boolean first = numbers.getPlain(WINDOW) != window;
            if (first || nanos > numbers.getPlain(MOST_NANOS)) {
                numbers.setOpaque(MOST_NANOS, nanos);
            }
            if (first || nanos < numbers.getPlain(LEAST_NANOS)) {
                numbers.setOpaque(LEAST_NANOS, nanos);
            }
            if (first) {
                numbers.setRelease(WINDOW, window);
            }
        }

        long answers() {
            return numbers.getOpaque(ANSWERS);
        }

        long successes() {
            return numbers.getOpaque(SUCCESSES);
        }

        long nanos() {
            return numbers.getOpaque(NANOS);
        }

        /** True where {@link #mostNanos} and {@link #leastNanos} are of this window. */
        boolean isOf(long window) {
            return numbers.getAcquire(WINDOW) == window;
        }

        long mostNanos() {
            return numbers.getOpaque(MOST_NANOS);
        }

        long leastNanos() {
            return numbers.getOpaque(LEAST_NANOS);
        }
    }

    private final Thread thread = Thread.currentThread();
    private final Cell others = new Cell(null);
    private volatile Cell[] slots = new Cell[FIRST_SLOTS];
    /** The hash of each slot's owner, close together: most owners of a large node that are not here are told apart by it alone. */
    private int[] hashes = new int[FIRST_SLOTS];

    private volatile int size;

    /** True where the calling thread is the one that writes. */
    boolean isMine() {
        return Thread.currentThread() == thread;
    }

    /** The owner's cell; to be called by the tally's own thread. */
    Cell cell(RecordKey owner) {
        Cell[] all = slots;
        int mask = all.length - 1;
        int hash = spread(owner);
        for (int slot = hash & mask; hashes[slot] != FREE; slot = slot + 1 & mask) {
            if (hashes[slot] == hash && (all[slot].owner == owner || all[slot].owner.equals(owner))) {
                return all[slot];
            }
        }
        return size == MOST_OWNERS ? others : add(new Cell(owner));
    }

    private static int spread(RecordKey owner) {
        int hash = owner.hashCode() * 0x9E3779B9;
        hash ^= hash >>> 16;
        return hash == FREE ? 1 : hash;
    }

    private Cell add(Cell added) {
        Cell[] all = slots;
        if (2 * (size + 1) > all.length) {
            Cell[] larger = new Cell[2 * all.length];
            hashes = new int[larger.length];
            for (Cell cell : all) {
                if (cell != null) {
                    put(larger, cell);
                }
            }
            all = larger;
        }
        put(all, added);
        // Publishes the cell together with the slots that lead to it.
        slots = all;
        size++;
        return added;
    }

    private void put(Cell[] all, Cell cell) {
        int hash = spread(cell.owner);
        int slot = hash & all.length - 1;
        while (all[slot] != null) {
            slot = slot + 1 & all.length - 1;
        }
        all[slot] = cell;
        hashes[slot] = hash;
    }

    /** All cells that hold anything. May be called by any thread. */
    List<Cell> cells() {
        List<Cell> cells = new ArrayList<>(size + 1);
        for (Cell cell : slots) {
            if (cell != null) {
                cells.add(cell);
            }
        }
        if (others.answers() > 0) {
            cells.add(others);
        }
        return cells;
    }
}
