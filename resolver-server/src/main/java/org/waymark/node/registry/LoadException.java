package org.waymark.node.registry;

/** A record can't be loaded. The message says where it is and what is wrong with it. */
public final class LoadException extends Exception {

    private static final long serialVersionUID = 1L;

    LoadException(String place, String reason) {
        super(place + ": " + reason);
    }
}
