package org.waymark.node.metrics;

import java.util.Locale;

/** The protocols by which the node is asked. */
public enum Face {
    PROTOBUF,
    HTTP,
    HANDLE;

    /** The value of the label {@code face}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
