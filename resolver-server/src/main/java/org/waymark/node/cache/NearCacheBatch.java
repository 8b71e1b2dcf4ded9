package org.waymark.node.cache;

import java.nio.ByteBuffer;
import java.time.Clock;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;

/**
 * Look-ups in the near cache by the bytes of keys. First the lines of the index are read for all keys, then the first lines of all
 * entries, and only then is anything decided by what is there: so the processor waits for many of them at a time.
 */
final class NearCacheBatch implements ReadyAnswers.Batch {

    private static final int NONE = TableSegment.NONE;

    private final NearCache cache;
    private final AnswerTable table;
    private final Clock clock;
    /** This thread's own views of the segments, made as they are needed. */
    private final ByteBuffer[] views;

    private final byte[][] keys;
    private final int[] offsets;
    private final int[] lengths;
    private final long[] hashes;
    private final TableSegment[] segments;
    private final int[] slots;
    private final long[] words;
    private int size;
    private int current;
    private long now;
    private Outcome outcome;
    private int generation;
    private long expiresAt;
    /** Keeps the compiler from leaving out reads whose values nobody wants. */
    private long touched;

    NearCacheBatch(NearCache cache, AnswerTable table, Clock clock, int most) {
        this.cache = cache;
        this.table = table;
        this.clock = clock;
        views = new ByteBuffer[table.segments()];
        keys = new byte[most][];
        offsets = new int[most];
        lengths = new int[most];
        hashes = new long[most];
        segments = new TableSegment[most];
        slots = new int[most];
        words = new long[most];
    }

    @Override
    public void clear() {
        size = 0;
    }

    @Override
    public void add(byte[] bytes, int offset, int length) {
        int lookup = size++;
        if (cache.holdsNothing()) {
            segments[lookup] = null;
            return;
        }
        keys[lookup] = bytes;
        offsets[lookup] = offset;
        lengths[lookup] = length;
        long hash = table.hash(bytes, offset, length);
        hashes[lookup] = hash;
        segments[lookup] = table.segment(table.segmentNumber(hash));
    }

    @Override
    public void locate() {
        now = clock.millis();
        // Loops of reads alone, so that as many as can be are under way at a time.
        long read = 0;
        for (int i = 0; i < size; i++) {
            if (segments[i] != null) {
                read ^= segments[i].touchIndex(hashes[i]);
            }
        }
        for (int i = 0; i < size; i++) {
            TableSegment segment = segments[i];
            int slot = segment == null ? NONE : segment.slot(hashes[i]);
            slots[i] = slot;
            words[i] = slot == NONE ? 0 : segment.word(slot);
        }
        for (int i = 0; i < size; i++) {
            if (words[i] != 0) {
                read ^= segments[i].touchEntry(words[i]);
            }
        }
        touched ^= read;
    }

    @Override
    public ByteBuffer payload(int lookup) {
        TableSegment segment = segments[lookup];
        long word = words[lookup];
        if (word == 0
                || !isReady(segment, word)
                || !segment.hasKey(word, keys[lookup], offsets[lookup], lengths[lookup])) {
            return null;
        }
        int length = segment.payloadLength(word, lengths[lookup]);
        outcome = Outcome.forNumber(segment.outcome(word));
        if (length == NONE || outcome == null) {
            return null;
        }
        generation = segment.generation(word);
        expiresAt = segment.expiresAt(word);
        current = lookup;
        int at = segment.payloadAt(word, lengths[lookup]);
        return view(lookup).limit(at + length).position(at);
    }

    private boolean isReady(TableSegment segment, long word) {
        return segment.refreshAt(word) > now
                && cache.isFresh(
                        segment.generation(word),
                        segment.sequence(word),
                        segment.trustEpoch(word),
                        segment.expiresAt(word),
                        now);
    }

    private ByteBuffer view(int lookup) {
        int number = table.segmentNumber(hashes[lookup]);
        ByteBuffer view = views[number];
        if (view == null) {
            view = segments[lookup].view();
            views[number] = view;
        }
        return view;
    }

    @Override
    public Outcome outcome() {
        return outcome;
    }

    @Override
    public RecordKey owner() {
        return cache.owner(generation);
    }

    @Override
    public long lifeMillis() {
        return expiresAt - now;
    }

    @Override
    public boolean isIntact() {
        TableSegment segment = segments[current];
        if (!segment.isIntact(slots[current], words[current])) {
            return false;
        }
        segment.countRead(slots[current], words[current]);
        return true;
    }
}
