package org.waymark.node.cache;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encoded keys and their answers outside the heap, bounded in bytes, in segments that are made when something first comes into them.
 * What is read least goes first. Safe for use by many threads; reading takes no lock.
 */
final class AnswerTable {

    /** Writers of one segment wait for each other, so there are many; but each has room for many entries of the largest size. */
    private static final long USUAL_SEGMENT_BYTES = 4L * 1_024 * 1_024;

    private static final int MOST_SEGMENTS = 1_024;
    /** Less than this is not worth an index: nothing is held then. */
    private static final long LEAST_BYTES = 16 * 1_024;

    private static final Logger LOG = LoggerFactory.getLogger(AnswerTable.class);

    private final KeyHash hash = new KeyHash();
    private final long segmentBytes;
    private final AtomicReferenceArray<TableSegment> segments;
    /** Written under the monitor. */
    private boolean isOutOfMemory;

    /**
     * @param maxBytes what all takes together, 0 to 1 TiB; next to 0, nothing is held
     */
    AnswerTable(long maxBytes) {
        int count = maxBytes < LEAST_BYTES ? 0 : 1;
        while (count > 0 && count < MOST_SEGMENTS && maxBytes / (2L * count) >= USUAL_SEGMENT_BYTES) {
            count *= 2;
        }
        segments = new AtomicReferenceArray<>(count);
        segmentBytes = count == 0 ? 0 : Math.min(maxBytes / count, TableSegment.MAX_BYTES);
    }

    int segments() {
        return segments.length();
    }

    long hash(byte[] bytes, int offset, int length) {
        return hash.of(bytes, offset, length);
    }

    int segmentNumber(long hash) {
        return (int) hash & segments.length() - 1;
    }

    /** The segment with this number; null where nothing has come into it yet. */
    TableSegment segment(int number) {
        return segments.get(number);
    }

    private TableSegment existing(long hash) {
        return segments.length() == 0 ? null : segment(segmentNumber(hash));
    }

    CachedAnswer get(byte[] key) {
        long keyHash = hash(key, 0, key.length);
        TableSegment segment = existing(keyHash);
        return segment == null ? null : segment.get(keyHash, key);
    }

    void put(byte[] key, CachedAnswer answer) {
        if (segments.length() == 0) {
            return;
        }
        long keyHash = hash(key, 0, key.length);
        TableSegment segment = existing(keyHash);
        if (segment == null) {
            segment = create(segmentNumber(keyHash));
        }
        if (segment != null) {
            segment.put(keyHash, key, answer);
        }
    }

    /** Null where the process has no more memory outside its heap; what would come into the segment is not held then. */
    private synchronized TableSegment create(int number) {
        TableSegment segment = segments.get(number);
        if (segment != null || isOutOfMemory) {
            return segment;
        }
        try {
            segment = new TableSegment(segmentBytes);
        } catch (OutOfMemoryError e) {
            isOutOfMemory = true;
            LOG.atWarn()
                    .addKeyValue("cause", e.getMessage())
                    .log("the near cache stays smaller than configured: there is no more memory for it");
            return null;
        }
        segments.set(number, segment);
        return segment;
    }

    void remove(byte[] key) {
        long keyHash = hash(key, 0, key.length);
        TableSegment segment = existing(keyHash);
        if (segment != null) {
            segment.remove(keyHash, key);
        }
    }

    /** How many answers are held. */
    long size() {
        long size = 0;
        for (int i = 0; i < segments.length(); i++) {
            TableSegment segment = segment(i);
            size += segment == null ? 0 : segment.entries();
        }
        return size;
    }
}
