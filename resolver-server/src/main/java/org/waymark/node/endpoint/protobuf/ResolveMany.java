package org.waymark.node.endpoint.protobuf;

import java.util.Arrays;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Selection;
import org.waymark.record.RecordKey;
import org.waymark.wire.FrameHeader;

/**
 * A RESOLVE_MANY on its way: its items are started in their order and answered in any order. Items of the common kind stay in the
 * bytes that they came in until they are started.
 */
final class ResolveMany {

    private static final int USUAL_ITEMS = 16;

    private final int requestId;
    private final boolean authoritative;
    private final byte[] payload;
    private final long since = System.nanoTime();
    /** By item: where its key is in the payload. */
    private int[] keysAt = new int[USUAL_ITEMS];

    private int[] keyLengths = new int[USUAL_ITEMS];
    /** By item: the look-up; null where it is one of a whole record whose key is plain. */
    private Lookup[] others = new Lookup[USUAL_ITEMS];

    private int size;
    private int started;
    private int answered;

    ResolveMany(int requestId, byte[] payload, boolean authoritative) {
        this.requestId = requestId;
        this.payload = payload;
        this.authoritative = authoritative;
    }

    /** Adds an item that asks for a whole record, by a key that is {@linkplain RecordKey#isPlain plain}. */
    void addPlain(int keyAt, int keyLength) {
        growIfFull();
        keysAt[size] = keyAt;
        keyLengths[size++] = keyLength;
    }

    /** Adds any item. */
    void add(Lookup lookup) {
        growIfFull();
        others[size++] = lookup;
    }

    private void growIfFull() {
        if (size == others.length) {
            keysAt = Arrays.copyOf(keysAt, 2 * size);
            keyLengths = Arrays.copyOf(keyLengths, 2 * size);
            others = Arrays.copyOf(others, 2 * size);
        }
    }

    int requestId() {
        return requestId;
    }

    /** When it was read, by {@link System#nanoTime()}. */
    long since() {
        return since;
    }

    int size() {
        return size;
    }

    byte[] payload() {
        return payload;
    }

    boolean isStarted() {
        return started == size;
    }

    /** The number of the item that is started next. */
    int nextItem() {
        return started;
    }

    /** The next item is started now. */
    void countStart() {
        started++;
    }

    /** True where the answer may be one that is ready. */
    boolean mayBeReady(int item) {
        return others[item] == null && !authoritative;
    }

    int keyAt(int item) {
        return keysAt[item];
    }

    int keyLength(int item) {
        return keyLengths[item];
    }

    Lookup lookup(int item) {
        Lookup other = others[item];
        return other != null
                ? other
                : new Lookup.Asked(new Query(
                        RecordKey.decode(payload, keysAt[item], keyLengths[item]), Selection.ALL, authoritative));
    }

    /** The flags that the next answer carries. */
    int flagsOfNextAnswer() {
        return answered == size - 1 ? FrameHeader.LAST : 0;
    }

    /** One more answer goes out now. */
    void countAnswer() {
        answered++;
    }
}
