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

    /** How many more may be open; less than 1 where none may. */
    int room() {
        return most - open;
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
