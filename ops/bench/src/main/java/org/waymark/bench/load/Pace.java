package org.waymark.bench.load;

/** When calls are due. Used by one event loop. */
interface Pace {

    /** No call is due. */
    long LATER = Long.MAX_VALUE;

    /** When the next call was due, by {@link System#nanoTime}, or {@link #LATER}. A call that is given out is used up. */
    long next();

    /** After {@link #LATER}: how long until the next call is due. */
    long nanosUntilNext();

    /** The closed loop: each call is due as soon as another one was answered. */
    static Pace closed() {
        return new Pace() {
            @Override
            public long next() {
                return System.nanoTime();
            }

            @Override
            public long nanosUntilNext() {
                return 0;
            }
        };
    }

    /**
     * The open loop: calls are due at a fixed rate, whatever became of those before. One that can't be sent in time keeps the time
     * at which it was due, so that its latency holds the wait (no coordinated omission).
     *
     * @param perSecond calls a second
     * @param phase 0 to 1: which part of an interval to wait before the first
     */
    static Pace open(double perSecond, double phase) {
        double interval = 1e9 / perSecond;
        long start = System.nanoTime() + (long) (phase * interval);
        return new Pace() {
            private long given;

            @Override
            public long next() {
                if (nanosUntilNext() > 0) {
                    return LATER;
                }
                return due(given++);
            }

            @Override
            public long nanosUntilNext() {
                return due(given) - System.nanoTime();
            }

            private long due(long call) {
                return start + (long) (call * interval);
            }
        };
    }
}
