package org.waymark.node.endpoint.protobuf;

/** How many requests of one connection are open, and how many may be. To be used on the connection's event loop only. */
final class OpenRequests {

    private final int most;
    private int open;

    OpenRequests(int most) {
        this.most = most;
    }

    boolean isFull() {
        return open >= most;
    }

    boolean isEmpty() {
        return open == 0;
    }

    void add(int requests) {
        open += requests;
    }

    void remove(int requests) {
        open -= requests;
    }
}
