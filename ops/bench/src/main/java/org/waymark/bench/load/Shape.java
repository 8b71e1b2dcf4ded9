package org.waymark.bench.load;

/**
 * How much load at a time.
 *
 * @param connections 1 or more
 * @param depth calls that may be open on each, 1 or more
 * @param callsPerSecond on all connections together, whatever the server does (open loop); 0: as many as are answered (closed loop)
 */
public record Shape(int connections, int depth, double callsPerSecond) {

    public Shape {
        if (connections < 1 || depth < 1 || callsPerSecond < 0) {
            throw new IllegalArgumentException("connections and depth must be 1 or more, calls per second 0 or more");
        }
    }

    /** A closed loop. */
    public static Shape closed(int connections, int depth) {
        return new Shape(connections, depth, 0);
    }

    public boolean isOpen() {
        return callsPerSecond > 0;
    }

    /** Such as {@code 16x64}. */
    @Override
    public String toString() {
        return connections + "x" + depth + (isOpen() ? " at " + Math.round(callsPerSecond) + "/s" : "");
    }
}
