package org.waymark.node.reports;

/** What a fault is of, as it is reported upward. */
public enum FaultKind {
    NETWORK(1),
    SYSTEM(2),
    ATTACK(3),
    OTHER(4);

    private final int code;

    FaultKind(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
