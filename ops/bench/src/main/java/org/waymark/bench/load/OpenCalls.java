package org.waymark.bench.load;

/** The open calls of a connection whose answers come in any order: each has a place, whose number is its request id. */
final class OpenCalls {

    private final int[] keys;
    private final long[] dueAt;
    private final int[] free;
    private int freeCount;

    OpenCalls(int depth) {
        keys = new int[depth];
        dueAt = new long[depth];
        free = new int[depth];
        freeCount = depth;
        for (int i = 0; i < depth; i++) {
            free[i] = i;
        }
    }

    /** Takes a place. */
    int open(int key, long due) {
        int place = free[--freeCount];
        keys[place] = key;
        dueAt[place] = due;
        return place;
    }

    /** What was asked for there. */
    int key(int place) {
        if (place < 0 || place >= keys.length) {
            throw new WrongAnswerException("an answer to request " + place + ", which was not asked");
        }
        return keys[place];
    }

    /** Gives the place back; returns when the call was due. */
    long close(int place) {
        free[freeCount++] = place;
        return dueAt[place];
    }
}
