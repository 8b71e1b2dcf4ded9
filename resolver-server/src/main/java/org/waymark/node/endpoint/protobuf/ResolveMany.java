package org.waymark.node.endpoint.protobuf;

import java.util.List;
import org.waymark.wire.FrameHeader;

/** A RESOLVE_MANY on its way: its items are started one after the other and answered in any order. */
final class ResolveMany {

    private final int requestId;
    private final List<Lookup> lookups;
    private final long since = System.nanoTime();
    private int started;
    private int answered;

    ResolveMany(int requestId, List<Lookup> lookups) {
        this.requestId = requestId;
        this.lookups = lookups;
    }

    int requestId() {
        return requestId;
    }

    /** When it was read, by {@link System#nanoTime()}. */
    long since() {
        return since;
    }

    boolean isStarted() {
        return started == lookups.size();
    }

    /** The number of the item that is started next. */
    int nextItem() {
        return started;
    }

    Lookup startNext() {
        return lookups.get(started++);
    }

    /** One more answer goes out now. Returns the flags that it carries. */
    int countAnswer() {
        answered++;
        return answered == lookups.size() ? FrameHeader.LAST : 0;
    }
}
